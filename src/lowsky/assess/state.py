"""The state of the assessment: plain arrays that begin empty, are replaced when rows come and go, and are saved as
they are. Texts (places, names of people and receivers) are saved as UTF-8 JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..model.geodesy import Frame
from ..model.place import Place, places_from_text, places_text
from .ground import Ground, ground_of
from .rules import Rules, rules_from_text, rules_text

FIXES = 3
OBJECT = np.dtype(
    [
        ("number", np.int64),  # public number, the last it had
        ("seen_ns", np.int64),  # last tick at which it was in the picture
        ("heard_ns", np.int64),  # its last report
        ("identity", np.int32),  # index into the core's identity table, -1: none
        ("told", np.uint8),  # Kind that the core tells: vouched for by a receiver or set by hand, UNKNOWN: neither
        ("rcs_dbsm", np.float64),  # mean radar cross section, NaN: not known
        ("state", np.float64, (6,)),  # at seen_ns: east, north, up m; m/s, region frame
        ("covariance", np.float64, (6, 6)),
        ("above_m", np.float64),  # height above the ellipsoid
        # habits
        ("fix_ns", np.int64, (FIXES,)),  # the latest fixes, newest first, `leg_s` apart; 0: none yet
        ("fix_m", np.float64, (FIXES, 2)),
        ("fix_var_m2", np.float64, (FIXES,)),
        ("steered_now", np.float64),  # logarithm of the odds that the tracker holds it for steady at this tick
        ("turning", np.float64),  # probability that it turns, if it is no bird
        ("steady", np.float64),  # logarithm of the odds, from its course, of a steady flight over a bird's
        ("speed_mps", np.float64),  # fading means: of horizontal speed,
        ("climb_mps", np.float64),  # and rate of climb
        ("rising", np.float64),  # share of the time that it rises,
        ("drifts", np.uint8),  # 1: it rose all the time and has not done otherwise: a balloon
        ("followed_ns", np.int64),  # since when
    ]
)
NOTICE = np.dtype(
    [
        ("notice", np.int64),
        ("call", np.int64),
        ("track", np.int64),
        ("place", np.int32),
        ("level", np.uint8),
        ("probability", np.float64),
        ("arrival_ns", np.int64),
        ("early_ns", np.int64),
        ("late_ns", np.int64),
        ("raised_ns", np.int64),
        ("acknowledged_ns", np.int64),
        ("acknowledged_by", np.int32),  # index into the names, -1: nobody yet
        ("low_ns", np.int64),  # since when its level is higher than called for, 0: it is not
        ("muted", np.uint8),  # 1: ended by hand; kept, unseen, so that the same danger is not raised again
    ]
)
CALL = np.dtype(
    [
        ("call", np.int64),
        ("place", np.int32),
        ("from_rad", np.float64),  # direction that its first object came from, clockwise from north
        ("last_ns", np.int64),  # when a notice was last added
        ("notices", np.int64),  # how many belong to it so far
    ]
)
DELIVERY = np.dtype([("call", np.int64), ("who", np.int32), ("time_ns", np.int64)])
VESSEL = np.dtype([("seen_ns", np.int64), ("state", np.float64, (6,)), ("covariance", np.float64, (6, 6))])
TALLY = np.dtype(
    [
        ("next_notice", np.int64),
        ("next_call", np.int64),
        ("looked_ns", np.int64),  # the last tick that was assessed
        ("drill", np.uint8),
        ("without_effect", np.int64),  # actions that referred to nothing that is there
    ]
)
TABLES = {
    "objects": OBJECT,
    "notices": NOTICE,
    "calls": CALL,
    "deliveries": DELIVERY,
    "vessels": VESSEL,
    "tally": TALLY,
}
MOST_OBJECTS, MOST_NOTICES, MOST_DELIVERIES, MOST_NAMES = 65_536, 65_536, 16_384, 4096


@dataclass(slots=True)
class AssessState:
    """Everything the assessment knows. Changed in place by `assess_tick`."""

    places: tuple[Place, ...]
    rules: Rules
    frame: Frame
    tables: dict[str, NDArray[Any]]
    names: list[str]  # people and receivers, by the order in which they first did something
    ground: Ground  # of the places; made anew
    identity_of: dict[str, int] = field(default_factory=dict)  # what was read of the core's table; made anew

    @property
    def tally(self) -> Any:
        """The one record of counters."""
        return self.tables["tally"][0]


def new_assessment(places: tuple[Place, ...], rules: Rules, frame: Frame) -> AssessState:
    """The state before the first tick."""
    tables = {name: np.zeros(0, dtype=dtype) for name, dtype in TABLES.items()}
    tables["vessels"] = np.zeros(len(places), dtype=VESSEL)
    tables["tally"] = np.zeros(1, dtype=TALLY)
    tables["tally"]["next_notice"], tables["tally"]["next_call"] = 1, 1
    return AssessState(places, rules, frame, tables, [], ground_of(places, frame))


def saved_assessment(state: AssessState) -> dict[str, NDArray[Any]]:
    """A copy of all that is needed to go on exactly: name to array. The frame is the caller's to keep."""
    saved = {name: table.copy() for name, table in state.tables.items()}
    saved["places"] = _bytes_of(places_text(state.places))
    saved["rules"] = _bytes_of(rules_text(state.rules))
    saved["names"] = _bytes_of(json.dumps(state.names, ensure_ascii=False))
    return saved


def restored_assessment(frame: Frame, tables: dict[str, NDArray[Any]]) -> AssessState:
    """The state that was saved, with the places and rules that were then in force.

    Raises:
        ValueError: if a table is missing or of another version.
    """
    for name in (*TABLES, "places", "rules", "names"):
        if name not in tables or tables[name].dtype != TABLES.get(name, np.dtype(np.uint8)):
            raise ValueError(f"saved assessment does not fit: table {name!r} is missing or of another version")
    state = new_assessment(
        places_from_text(_text_of(tables["places"])), rules_from_text(_text_of(tables["rules"])), frame
    )
    if len(tables["vessels"]) != len(state.places) or len(tables["tally"]) != 1:
        raise ValueError("saved assessment does not fit: its places are not those of its tables")
    state.tables = {name: np.array(tables[name], dtype=dtype) for name, dtype in TABLES.items()}
    names = json.loads(_text_of(tables["names"]))
    if not isinstance(names, list):
        raise ValueError("saved assessment does not fit: its names are no list")
    state.names = [str(name) for name in names]
    return state


def _bytes_of(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8).copy()


def _text_of(array: NDArray[np.uint8]) -> str:
    return array.tobytes().decode()


def acknowledged_by(state: AssessState) -> dict[int, str]:
    """Who has seen each notice that stands and has been seen."""
    notices = state.tables["notices"]
    seen = notices[notices["acknowledged_by"] >= 0]
    return {int(n["notice"]): state.names[n["acknowledged_by"]] for n in seen}


def delivered_to(state: AssessState) -> dict[int, dict[str, int]]:
    """Which receivers have each standing call, and since when, ns."""
    found: dict[int, dict[str, int]] = {}
    for delivery in state.tables["deliveries"]:
        found.setdefault(int(delivery["call"]), {}).setdefault(state.names[delivery["who"]], int(delivery["time_ns"]))
    return found
