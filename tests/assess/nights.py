"""Small made nights for the tests of the assessment: pictures with objects that fly straight, tick by tick."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.assess import AssessState, Rules, assess_tick, new_assessment
from lowsky.model.action import Action
from lowsky.model.geodesy import Frame
from lowsky.model.notice import Event, NoticeBatch
from lowsky.model.picture import PICTURE_COLUMNS, Picture
from lowsky.model.place import Place, Shape
from lowsky.model.sensor import Origin

FRAME = Frame(Origin(37.0, 127.0, 0.0))
START_NS = 1_800_000_000_000_000_000
SECOND_NS = 1_000_000_000
HARBOUR = Place("harbour", "Harbour", Shape.POINT, ((37.0, 127.0),), 300.0, top_m=800.0)

State = tuple[float, float, float, float, float, float]


def picture(time_ns: int, flights: dict[int, State], identities: dict[int, int] | None = None) -> Picture:
    """The picture at a tick of objects by number; position known to 5 m, velocity to 0.5 m/s."""
    numbers = sorted(flights)
    n = len(numbers)
    covariance = np.diag([25.0, 25.0, 100.0, 0.25, 0.25, 0.25])
    columns: dict[str, NDArray[np.generic]] = {
        name: np.zeros(n, dtype=np.float64) for name in PICTURE_COLUMNS if name not in ("state", "covariance")
    }
    columns |= {
        "time_ns": np.full(n, time_ns, dtype=np.int64),
        "track": np.array(numbers, dtype=np.int64),
        "status": np.ones(n, dtype=np.uint8),
        "state": np.array([flights[k] for k in numbers], dtype=np.float64).reshape(n, 6),
        "covariance": np.broadcast_to(covariance, (n, 6, 6)).copy(),
        "existence": np.ones(n),
        "rcs_dbsm": np.full(n, np.nan),
        "model_probability": np.tile([0.96, 0.04, 0.0], (n, 1)),
        "first_report_ns": np.full(n, START_NS, dtype=np.int64),
        "last_report_ns": np.full(n, time_ns, dtype=np.int64),
        "reports": np.full(n, 10, dtype=np.int64),
        "group_n": np.ones(n, dtype=np.int64),
        "identity": np.array([(identities or {}).get(k, -1) for k in numbers], dtype=np.int32),
        "kind": np.zeros(n, dtype=np.uint8),
    }
    return Picture(**columns)  # type: ignore[arg-type]


def flown(state: State, seconds: float) -> State:
    """The state so many seconds later, straight on."""
    e, n, u, ve, vn, vu = state
    return (e + seconds * ve, n + seconds * vn, u + seconds * vu, ve, vn, vu)


class Night:
    """An assessment that is given ticks of straight flights; keeps all notices and events."""

    def __init__(self, places: tuple[Place, ...] = (HARBOUR,), rules: Rules | None = None) -> None:
        self.state: AssessState = new_assessment(places, rules or Rules(), FRAME)
        self.time_ns = START_NS
        self.events: list[Event] = []
        self.identities: list[str] = []

    def tick(
        self,
        flights: dict[int, State],
        *actions: Action,
        seconds: float = 1.0,
        identities: dict[int, int] | None = None,
    ) -> NoticeBatch:
        """One tick, `seconds` after the one before."""
        self.time_ns += round(seconds * SECOND_NS)
        return self.see(picture(self.time_ns, flights, identities), *actions)

    def see(self, rows: Picture, *actions: Action) -> NoticeBatch:
        """One tick with these rows, at their time."""
        if len(rows):
            self.time_ns = int(rows.time_ns[0])
        batch, events = assess_tick(self.state, self.time_ns, rows, self.identities, list(actions))
        self.events += events
        return batch

    def fly(self, flights: dict[int, State], seconds: int) -> list[NoticeBatch]:
        """Ticks of a second while the objects fly straight on from where they are given."""
        return [self.tick({k: flown(f, s) for k, f in flights.items()}) for s in range(seconds)]
