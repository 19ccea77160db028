"""What service messages say: categories 002, 010, 019, 034, 063 and 065, as looks and as states of sensors.

A look says that a sensor finished looking at all it sees. A radar that turns has done so once a turn, so its look is
the north marker (002 and 034 type 1): each target was passed exactly once since the last one, wherever it is. A radar
that never sends one (so far) is taken to have passed north when the azimuth of its sector messages (type 2) falls.
Multilateration and surface movement radars begin an update cycle (010 type 2, 019 type 1), which ends the one before; a
tracker ends a batch (065 type 2). Other messages make no look.

States: of the sender (010, 019, 034, 065), or of the sensor that is named (063 item 050). Only a change is told, and
every `REPEAT_S` that nothing changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..decoded import SensorStatus
from .sources import codes_of
from .targets import Cells

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Mask = NDArray[np.bool_]

REPEAT_S = 10.0
MAX_STATUSES = 1_000  # not taken yet; what is beyond is dropped, the next one tells the same
WELL, FAULTY, OFF = "well", "faulty", "off"
SECTOR = "sector message"
OTHER = "service message without a look or a state"


@dataclass(frozen=True, slots=True)
class Sign:
    """A value of a field that is a reason not to be well."""

    path: str
    value: float
    state: str
    words: str


@dataclass(frozen=True, slots=True)
class Messages:
    """How one category says such things."""

    source: str
    time: str
    message: str = ""  # path of the type
    look: float = -1.0  # type of the message that ends a look
    sector: tuple[str, float] | None = None  # azimuth and type of sector messages
    present: tuple[str, ...] = ()  # items of which one must be there for a state
    signs: tuple[Sign, ...] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """Paths of all this."""
        paths = (self.source, self.time, self.message, *(self.sector or ("",))[:1], *self.present)
        return tuple(dict.fromkeys(p for p in (*map(str, paths), *(s.path for s in self.signs)) if p))


def _radar_part(part: str, name: str, overload: tuple[str, ...]) -> tuple[Sign, ...]:
    no_channel = Sign(f"050/{part}/CHAB", 0.0, FAULTY, f"{name}: no channel selected")
    return (no_channel, *(Sign(f"050/{part}/{flag}", 1.0, FAULTY, f"{name}: overload") for flag in overload))


def _system(item: str) -> tuple[Sign, ...]:
    """Of the items 550 of 010 and 019, and 040 of 065."""
    return (
        Sign(f"{item}/NOGO", 1.0, FAULTY, "degraded"),
        Sign(f"{item}/NOGO", 2.0, OFF, "not operational"),
        Sign(f"{item}/NOGO", 3.0, FAULTY, "state unknown to itself"),
        Sign(f"{item}/OVL", 1.0, FAULTY, "overload"),
        Sign(f"{item}/TSV", 1.0, FAULTY, "time source invalid"),
    )


MESSAGES: dict[int, Messages] = {
    2: Messages("010", "030", "000", 1.0, ("020", 2.0)),
    10: Messages("010", "140", "000", 2.0, present=("550/@",), signs=_system("550")),
    19: Messages("010", "140", "000", 1.0, present=("550/@",), signs=_system("550")),
    34: Messages(
        *("010", "030", "000", 1.0, ("020", 2.0)),
        present=("050/COM/@", "050/PSR/@", "050/SSR/@", "050/MDS/@"),
        signs=(
            Sign("050/COM/NOGO", 1.0, FAULTY, "inhibited for operational use"),
            Sign("050/COM/OVLRDP", 1.0, FAULTY, "overload of the data processor"),
            Sign("050/COM/OVLXMT", 1.0, FAULTY, "overload of the transmission"),
            Sign("050/COM/TSV", 1.0, FAULTY, "time source invalid"),
            *_radar_part("PSR", "primary radar", ("OVL",)),
            *_radar_part("SSR", "secondary radar", ("OVL",)),
            *_radar_part("MDS", "Mode S", ("OVLSUR", "OVLSCF", "OVLDLF")),
        ),
    ),
    63: Messages(
        *("050", "030"),
        present=("060/@",),
        signs=(
            Sign("060/CON", 1.0, FAULTY, "degraded"),
            Sign("060/CON", 2.0, OFF, "starting"),
            Sign("060/CON", 3.0, OFF, "not connected"),
            *(Sign(f"060/{part}", 1.0, FAULTY, f"{part}: not operational") for part in "PSR SSR MDS ADS MLT".split()),
            Sign("060/OPS", 1.0, FAULTY, "inhibited for operational use"),
            Sign("060/ODP", 1.0, FAULTY, "overload of the data processor"),
            Sign("060/OXT", 1.0, FAULTY, "overload of the transmission"),
            Sign("060/TSV", 1.0, FAULTY, "time source invalid"),
            Sign("060/NPW", 1.0, FAULTY, "no plots received"),
        ),
    ),
    65: Messages("010", "030", "000", 2.0, present=("040/@",), signs=_system("040")),
}


@dataclass(slots=True)
class Said:
    """n service messages: which end a look, and the number (bits of `signs`) of a state, -1: none."""

    source: Longs
    time_s: Floats
    look: Mask
    state: Longs
    ignored: list[tuple[str, Mask]]


@dataclass(slots=True)
class _Turn:
    """What is kept of a radar that turns."""

    north: bool = False  # it has sent a north marker
    azimuth: float = np.nan  # of its last sector message


@dataclass(slots=True)
class Service:
    """Reads service messages in their order; keeps what they said before, for each sender."""

    _turns: dict[int, _Turn] = field(default_factory=dict)  # by source, at most 65,536
    _told: dict[tuple[int, int], tuple[int, int]] = field(
        default_factory=dict
    )  # state and when, by category and sensor

    def read(self, category: int, cells: Cells) -> Said:
        """Messages of one category."""
        how = MESSAGES[category]
        source = codes_of(cells[how.source])
        n = len(source)
        message = cells[how.message] if how.message else np.full(n, np.nan)
        sector = np.zeros(n, dtype=np.bool_)
        look = message == how.look
        if how.sector is not None:
            sector = message == how.sector[1]
            look = look | self._passed_north(source, look, sector, cells[how.sector[0]])
        state = _states(how, cells, n)
        idle = ~look & (state < 0)
        ignored = [(SECTOR, idle & sector), (OTHER, idle)]
        return Said(source, cells[how.time], look, state, ignored)

    def _passed_north(self, source: Longs, north: Mask, sector: Mask, azimuth: Floats) -> Mask:
        """Which sector messages are the first after north, of radars that have sent no north marker before."""
        found = np.zeros(len(source), dtype=np.bool_)
        for code in np.unique(source).tolist():
            turn = self._turns.setdefault(code, _Turn())
            if turn.north:
                continue
            rows = np.flatnonzero(source == code)
            marked = np.flatnonzero(north[rows])
            before = rows[: marked[0]] if len(marked) else rows
            turn.north = len(marked) > 0
            sectors = before[sector[before] & np.isfinite(azimuth[before])]
            if len(sectors):
                at = azimuth[sectors]
                found[sectors] = at < np.concatenate([[turn.azimuth], at[:-1]])
                turn.azimuth = float(at[-1])
        return found

    def statuses(
        self, category: int, said: Said, rows: Longs, sensor: Longs, time_ns: Longs, received_ns: Longs
    ) -> list[SensorStatus]:
        """The states that are new, of those rows of `said` that are `rows`; the other arguments are of these rows."""
        how = MESSAGES[category]
        found = []
        states = said.state[rows].tolist()
        for i in np.flatnonzero(said.state[rows] >= 0).tolist():
            key, received = (category, int(sensor[i])), int(received_ns[i])
            before = self._told.get(key)
            if before is not None and before[0] == states[i] and received - before[1] < REPEAT_S * 1e9:
                continue
            self._told[key] = (states[i], received)
            found.append(SensorStatus(key[1], int(time_ns[i]), received, *_in_words(how, states[i])))
        return found


def _states(how: Messages, cells: Cells, n: int) -> Longs:
    """Bits of the signs that hold, -1 where no state is told."""
    told = np.zeros(n, dtype=np.bool_)
    for path in how.present:
        told |= ~np.isnan(cells[path])
    state = np.where(told, 0, -1)
    if told.any():
        for k, sign in enumerate(how.signs):
            state[told & (cells[sign.path] == sign.value)] |= 1 << k
    return state


def _in_words(how: Messages, state: int) -> tuple[str, str]:
    """The state and its reasons."""
    signs = [sign for k, sign in enumerate(how.signs) if state >> k & 1]
    worst = OFF if any(sign.state == OFF for sign in signs) else FAULTY if signs else WELL
    return worst, "; ".join(dict.fromkeys(sign.words for sign in signs))
