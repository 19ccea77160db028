"""What a step brings: the picture and notices of its ticks, counters, trace and scores, and how they are joined."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..kernels.layout import World
from ..model.kinds import Kind
from ..model.notice import Event, NoticeBatch, concatenate_notices
from ..model.picture import Picture, concatenate_pictures
from ..model.sensor import SensorKind
from .registered import Registration

if TYPE_CHECKING:
    from .state import CoreState

COUNTS = "used late duplicate incomplete aside waiting looks late_looks frames tracks joined ended".split()
"""Names of the counters in `Changes.counts`, all since the start. Every report is in exactly one of used, late,
duplicate, incomplete, aside (of a sensor that is set aside), waiting."""


def counts_of(state: CoreState) -> dict[str, int]:
    """The counters `COUNTS` as they stand."""
    return {name: int(state.world.tally[name]) for name in COUNTS}


@dataclass(frozen=True, slots=True)
class Trace:
    """What happened to tracks, one row a noticeable association, in order; made only if `Settings.trace`."""

    time_ns: NDArray[np.int64]
    uid: NDArray[np.int64]  # of the track's birth
    number: NDArray[np.int64]  # public number then, 0: none yet
    raw: NDArray[np.int64]  # the report's row in its source
    sensor: NDArray[np.int32]
    association: NDArray[np.float64]  # probability that the report is the track's
    existence_before: NDArray[np.float64]
    existence_after: NDArray[np.float64]
    log10_likelihood_ratio: NDArray[np.float64]  # of the report being the track's, over false or new


@dataclass(frozen=True, slots=True)
class Scores:
    """How each sensor (S,) does against what it promises, over about the last two minutes; NaN: too little to say."""

    detection_promised: NDArray[np.float64]  # mean probability promised for looks at sure tracks
    detection_found: NDArray[np.float64]  # share of those looks that gave a report
    nis: NDArray[np.float64]  # normalised innovation squared a value; 1 if the described accuracy is right
    looked: NDArray[np.float64]  # how many looks at sure tracks that rests on
    false_plots: NDArray[np.float64]  # learnt of radars: false plots, as a multiple of those described
    sigma: NDArray[np.float64]  # (S, 3) and standard deviations of range, azimuth and elevation, likewise


@dataclass(frozen=True, slots=True)
class Changes:
    """What one step brought: picture and standing notices at each tick of the input, what happened to notices,
    counters since the start, and the trace."""

    picture: Picture
    counts: dict[str, int]
    trace: Trace
    notices: NoticeBatch
    events: tuple[Event, ...]
    scores: Scores
    registration: Registration
    identities: list[str]  # the core's own table that `picture.identity` points into; it only grows
    settled: Picture  # of the seconds that no report can change any more; empty unless `CoreState.settling`


def take_picture(state: CoreState) -> Picture:
    """The rows that the kernels wrote since the last time."""
    n = int(state.world.tally["rows"])
    state.world.tally["rows"] = 0
    return picture_of(state.world.rows[:n], state)


def picture_of(rows: Any, state: CoreState) -> Picture:
    """Rows (n,) of layout.ROW as a picture."""
    vouched = np.array([*state.identities.kinds, Kind.UNKNOWN], dtype=np.uint8)  # -1 finds unknown
    return Picture(
        time_ns=rows["time_ns"].copy(),
        track=rows["number"].copy(),
        status=rows["status"].astype(np.uint8),
        state=rows["state"].copy(),
        covariance=rows["covariance"].copy(),
        existence=rows["existence"].copy(),
        model_probability=rows["mu"].copy(),
        first_report_ns=rows["first_ns"].copy(),
        last_report_ns=rows["last_ns"].copy(),
        rcs_dbsm=rows["rcs_dbsm"].copy(),
        reports=np.rint(rows["hits"]).astype(np.int64),
        group_n=rows["group_n"].astype(np.int64),
        identity=rows["identity"].copy(),
        kind=vouched[rows["identity"]],
    )


LEAST_LOOKS, LEAST_PARTS = 3.0, 6.0  # below, a score says nothing
LEAST_FINISHED = 5.0  # looks, with or without tracks, below which nothing is said of false plots


def scores_of(world: World) -> Scores:
    """How the sensors do."""
    table = world.scores
    looked = np.where(table["looked"] >= LEAST_LOOKS, table["looked"], np.nan)
    parts = np.where(table["parts"] >= LEAST_PARTS, table["parts"], np.nan)
    kind = world.sensors["kind"]
    radar = kind <= SensorKind.RADAR_2D
    measured = np.column_stack([radar, radar, kind == SensorKind.RADAR_3D])
    variance = table["variance_scale"]
    accuracy = (1.0 + variance.sum(axis=1)) / (1 + variance.shape[1])  # innovations are whitened by what is learnt
    return Scores(
        table["promised"] / looked,
        table["found"] / looked,
        table["innovation"] / parts * accuracy,
        table["looked"].copy(),
        np.where(radar & (table["looks"] >= LEAST_FINISHED), table["false_scale"], np.nan),
        np.where(measured & (table["parts"] >= LEAST_PARTS)[:, None], np.sqrt(variance), np.nan),
    )


def take_trace(world: World) -> Trace:
    """The associations that the kernels noted since the last time."""
    n = int(world.tally["traced"])
    world.tally["traced"] = 0
    rows = world.trace[:n].copy()
    return Trace(
        time_ns=rows["time_ns"],
        uid=rows["uid"],
        number=rows["number"],
        raw=rows["raw"],
        sensor=rows["sensor"],
        association=rows["beta"],
        existence_before=rows["before"],
        existence_after=rows["after"],
        log10_likelihood_ratio=rows["log10_ratio"],
    )


def joined(parts: list[Changes]) -> Changes:
    """What inputs in turn changed, as if they had been one. At least one part is needed."""
    if len(parts) == 1:
        return parts[0]
    last = parts[-1]
    columns = {f.name: np.concatenate([getattr(p.trace, f.name) for p in parts]) for f in fields(Trace)}
    return replace(
        last,
        picture=concatenate_pictures([p.picture for p in parts]),
        settled=concatenate_pictures([p.settled for p in parts]),
        trace=Trace(**columns),
        notices=concatenate_notices([p.notices for p in parts]),
        events=tuple(event for p in parts for event in p.events),
    )
