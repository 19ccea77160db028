"""Messages gathered to what they say together: reports with the identity that came apart from the place, operators."""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from lowsky.model.people import OperatorPlace
from lowsky.model.report import ReportBatch, report_batch
from lowsky.model.timebase import NS_PER_S

from ..decoded import Context
from ..drafts import Finisher
from ..names import SensorNames
from ..plausible import Reach
from ..problems import Problems, RowCheck
from .batch import Batch, Gathered, batch_of
from .checks import notes_of
from .codes import EMERGENCY, EPOCH_S, OPERATOR_PLACES, STATUSES, SYSTEM_FAILURE, MessageType
from .reports import Rows, draft_of
from .transmitters import Transmitter, Transmitters, identity_of
from .values import Locations, text_of

HEIGHT_VERSION, TIME_VERSION = 1, 2  # protocol versions from which a System message tells height and time
MAX_SYSTEM_OFF_S = 86_400.0  # of a System message's time from when it was heard; beyond, it is no time
WAIT_S = 10.0  # that the place of an operator waits for the identity of the aircraft
IGNORED = {
    MessageType.AUTHENTICATION: "authentication",
    MessageType.SELF_ID: "self ID",
}
DUPLICATE, NO_PLACE, NO_IDENTITY = "duplicate", "no place known", "no identity"


@dataclass(slots=True)
class Assembled:
    """What messages said together."""

    reports: ReportBatch = field(default_factory=lambda: report_batch(0))
    operators: list[OperatorPlace] = field(default_factory=list)
    problems: list[Problems] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)
    used: int = 0


class Assembler:
    """Keeps what transmitters said before."""

    def __init__(self, context: Context, names: SensorNames) -> None:
        self._source, self._names = context.source, names
        self._weather = context.weather
        self._finisher, self._reach = Finisher(context.site), Reach(context.site)
        self._transmitters = Transmitters()

    def assemble(self, gathered: Gathered) -> Assembled:
        """What the messages say, in their order, together with those before them."""
        out = Assembled()
        check = RowCheck(self._source, len(gathered), where=lambda i: f"item {gathered.number[i]}")
        batch = batch_of(gathered, self._names, self._source, self._reach, check)
        out.noted.update(notes_of(batch.records[check.good]))
        for row in np.flatnonzero(check.good).tolist():
            self._message(row, batch, out)
        out.problems.append(check.result())
        out.reports, wrong = self._reports(batch)
        out.problems.append(wrong)
        out.used += len(out.reports)
        out.noted["transmitters forgotten"] += self._transmitters.forgotten
        self._transmitters.forgotten = 0
        return out

    def _message(self, row: int, batch: Batch, out: Assembled) -> None:
        gathered, type_ = batch.gathered, batch.types[row]
        heard, heard_ns = gathered.heard[row], gathered.heard_ns[row]
        index = int(batch.index[row])
        transmitter = self._transmitters.at((index, heard.mac), heard_ns)
        if heard.counter >= 0:
            out.noted["messages lost"] += transmitter.lost(type_, heard.counter, heard_ns)
        message = gathered.messages[row]
        if type_ in IGNORED:
            out.ignored[IGNORED[MessageType(type_)]] += 1
        elif type_ == MessageType.BASIC_ID:
            self._basic_id(transmitter, message, heard_ns, out)
        elif type_ == MessageType.OPERATOR_ID:
            transmitter.operator_id, transmitter.operator_id_ns = text_of(message[2:22]).strip(), heard_ns
            out.used += 1
        elif type_ == MessageType.SYSTEM:
            self._system(row, transmitter, batch, out)
        else:
            self._location(row, transmitter, batch, out)

    def _basic_id(self, transmitter: Transmitter, message: bytes, heard_ns: int, out: Assembled) -> None:
        name = identity_of(message[1] >> 4, message[2:22])
        if not name:
            out.ignored[NO_IDENTITY] += 1
            return
        before, _ = transmitter.ids.get(message[1] >> 4, (name, 0))
        out.noted["identity changed"] += before != name
        transmitter.ids[message[1] >> 4] = (name, heard_ns)
        out.used += 1
        waiting, transmitter.waiting = transmitter.waiting, None
        if waiting is not None:
            out.operators.append(dataclasses.replace(waiting, identity=transmitter.identity(heard_ns)))

    def _location(self, row: int, transmitter: Transmitter, batch: Batch, out: Assembled) -> None:
        heard, heard_ns = batch.gathered.heard[row], batch.gathered.heard_ns[row]
        said, at = batch.locations, batch.at[row]
        identity = transmitter.identity(heard_ns)
        timed = not np.isnan(said.time_s[at])
        who, message = identity or heard.mac, batch.gathered.messages[row]
        if self._transmitters.is_repeated(int(batch.index[row]), who, message, heard_ns, timed):
            out.ignored[DUPLICATE] += 1
            return
        status = int(said.status[at])
        if status in (EMERGENCY, SYSTEM_FAILURE):
            out.noted[f"status {STATUSES[status]}"] += 1
        if np.isnan(said.latitude_deg[at]):
            out.ignored[NO_PLACE] += 1
            return
        batch.rows.append(row)
        batch.identity.append(identity or None)
        batch.takeoff.append((transmitter.takeoff(heard_ns), transmitter.takeoff_moves))

    def _system(self, row: int, transmitter: Transmitter, batch: Batch, out: Assembled) -> None:
        said, at, gathered = batch.systems, batch.at[row], batch.gathered
        heard, heard_ns, index = gathered.heard[row], gathered.heard_ns[row], int(batch.index[row])
        version = gathered.messages[row][0] & 15
        if np.isnan(said.latitude_deg[at]):
            out.ignored[NO_PLACE] += 1
            return
        height = float(said.operator_height_m[at]) if version >= HEIGHT_VERSION else float("nan")
        kind = OPERATOR_PLACES[said.operator_place[at]] if said.operator_place[at] < len(OPERATOR_PLACES) else "fixed"
        if not np.isnan(height):
            transmitter.takeoff_m, transmitter.takeoff_ns = height, heard_ns
            transmitter.takeoff_moves = kind != "takeoff"
        who = transmitter.identity(heard_ns) or heard.mac
        if self._transmitters.is_repeated(index, who, gathered.messages[row], heard_ns, bool(said.time[at])):
            out.ignored[DUPLICATE] += 1
            return
        out.used += 1
        place = OperatorPlace(
            sensor=index,
            identity=transmitter.identity(heard_ns),
            operator_id=transmitter.operator(heard_ns),
            latitude_deg=float(said.latitude_deg[at]),
            longitude_deg=float(said.longitude_deg[at]),
            height_m=height,
            source=kind,
            time_ns=_system_time_ns(int(said.time[at]) if version >= TIME_VERSION else 0, heard_ns),
            received_ns=gathered.received_ns[row],
        )
        self._place(place, transmitter, heard_ns, out)

    def _place(self, place: OperatorPlace, transmitter: Transmitter, heard_ns: int, out: Assembled) -> None:
        """Give the place out, or let it wait a while for the identity of the aircraft."""
        if place.identity or heard_ns - transmitter.first_ns > WAIT_S * NS_PER_S:
            transmitter.waiting = None
            out.operators.append(place)
        else:
            transmitter.waiting = place

    def _reports(self, batch: Batch) -> tuple[ReportBatch, Problems]:
        if not batch.rows:
            return report_batch(0), Problems()
        rows, gathered = np.array(batch.rows), batch.gathered
        at = np.array(batch.at)[rows]
        check = RowCheck(self._source, len(rows), where=lambda i: f"item {gathered.number[rows[i]]}")
        said = Locations(*(getattr(batch.locations, name)[at] for name in Locations.__slots__))
        known = Rows(
            sender=[gathered.heard[i].receiver for i in batch.rows],
            index=batch.index[rows],
            heard_ns=np.array(gathered.heard_ns, dtype=np.int64)[rows],
            received_ns=np.array(gathered.received_ns, dtype=np.int64)[rows],
            identity=batch.identity,
            takeoff_m=np.array([metres for metres, _ in batch.takeoff]),
            walked=np.array([moves for _, moves in batch.takeoff]),
        )
        draft = draft_of(said, known, self._weather.qnh_hpa, check)
        return self._finisher.finish(draft, check), check.result()


def _system_time_ns(time: int, heard_ns: int) -> int:
    """The time of a System message; when it was heard if it tells none, or none that can be."""
    said = (EPOCH_S + time) * NS_PER_S
    return said if time and abs(said - heard_ns) <= MAX_SYSTEM_OFF_S * NS_PER_S else heard_ns
