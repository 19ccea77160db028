"""The score in the words of a trial of detection, tracking and identification systems.

The groups and items are those that COURAGEOUS / CWA 18150:2024 trials report, taken from a third party's
transcription of the requirement list and NOT checked against the text of the standard; the definitions are our own
words. An item that a picture and its truth cannot answer is given as not measured, with the reason, and never filled
in. Operation is a matter of evidence about an installation, not of a recording, so none of it is measured here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lowsky.model.kinds import Kind

from .compare import Comparison
from .gospa import count_per_step
from .matching import Edges, Floats
from .score import DRONES, Score, errors_m, waits_s

NOTE = (
    "Items follow a third party's transcription of the CWA 18150:2024 list and are not checked against the text of "
    "the standard."
)
MOVING_MPS = 1.0  # below, an object has no heading to deviate from
SHARE_AT_ONCE = 0.9  # of the objects of a second that must be held for it to count in "tracked at once"


@dataclass(frozen=True, slots=True)
class Item:
    """One item: figures by name with their units in the name, or the reason why there is none."""

    group: str  # Detection, Tracking, Identification, Operation
    name: str
    figures: dict[str, float]
    not_measured: str = ""
    note: str = ""


def items_of(c: Comparison, score: Score, sensors_m: Floats | None = None) -> tuple[Item, ...]:
    """All items, in the order of the list.

    Args:
        c, score: a comparison and its score.
        sensors_m: (k, 3) places of the sensors in the comparison's frame, if known.
    """
    pairs = c.scored_edges(c.pairs)
    return (
        *_detection(c, score, sensors_m),
        *_tracking(c, score, pairs),
        *_identification(c, score, pairs),
        *(Item("Operation", name, {}, reason) for name, reason in OPERATION),
    )


OPERATION = tuple(
    (name, "shown by the installation, not by a recording and its truth")
    for name in ("recording", "history", "round-the-clock use", "interface", "simulator for training")
)


def _detection(c: Comparison, score: Score, sensors_m: Floats | None) -> list[Item]:
    group, waits = "Detection", waits_s(c)
    found = waits[np.isfinite(waits)]
    some = {"median_s": float(np.median(waits)), "p95_s": _percentile(waits, 95)} if len(waits) else {}
    return [
        _item(
            group,
            "probability of detection",
            {"share": len(found) / len(waits)} if len(waits) else {},
            "no object could be placed",
            "objects with a track at least once, of those that could be placed",
        ),
        _item(group, "time to detect", some, "no object could be placed", "from when an object could first be placed"),
        Item(group, "display latency", {}, "needs the time of display, which tracks do not carry"),
        _item(
            group,
            "detection range",
            {} if sensors_m is None else _detection_range(c, sensors_m),
            "no sensor's place is known" if sensors_m is None else "no object was ever held",
            "from the nearest sensor, at the first second with a track",
        ),
        Item(
            group,
            "false alarms",
            {"false_tracks_per_hour": score.false_tracks_per_hour},
            note="tracks of nothing; tracks carry no alarms",
        ),
        Item(group, "false alarms caused by birds", {}, "tracks carry no alarms"),
        Item(group, "several at once", {}, "needs a second recording with a single object to compare with"),
    ]


def _tracking(c: Comparison, score: Score, pairs: Edges) -> list[Item]:
    group, unmatched = "Tracking", "no track was matched to an object"
    owed_h = float(c.scored_truth().sum()) / 3600.0
    objects = max(score.objects, 1)
    switches = (score.switches or 0.0) * objects
    identifier = {"changes_per_object_hour": switches / owed_h} if owed_h else {}
    if score.gaps:
        identifier["gaps_bridged_share"] = score.gaps_bridged / score.gaps
    return [
        _item(group, "continuity", _one("share", score.completeness), "no object was owed", "of owed object-seconds"),
        _item(group, "unchanging identifier", identifier, "no object was owed"),
        _item(group, "positioning", _positioning(c, score, pairs), unmatched),
        _item(group, "refresh", _one("updates_per_s", c.tracks.rows_per_s), "no track has two rows", "rows of a track"),
        _item(group, "speed", _one("rmse_mps", score.speed_rmse_mps), "velocities of pairs are not known"),
        _item(
            group,
            "path",
            _one("deviation_rms_m", _path_deviation(c, pairs)),
            "no matched object with a known velocity moved",
            f"horizontal error across the true heading, above {MOVING_MPS:g} m/s",
        ),
        _item(
            group,
            "number tracked at once",
            _one("objects", _at_once(c, pairs)),
            "no second had enough of its objects held",
            f"most objects in a second of which at least {SHARE_AT_ONCE:.0%} were held",
        ),
    ]


def _identification(c: Comparison, score: Score, pairs: Edges) -> list[Item]:
    group = "Identification"
    no_kinds = "the tracks say no kinds" if c.tracks.kind is None else "no kind was owed yet"
    correct = {} if score.kinds is None else {"share": score.kinds.accuracy}
    return [
        _item(group, "correct classification", correct, no_kinds, "of object-seconds; no log score: no probabilities"),
        _item(group, "wrong because of birds", _birds_per_hour(c, pairs), no_kinds, "birds called drones"),
        Item(group, "own aircraft marked", {}, "the truth does not say which aircraft cooperate"),
        Item(group, "operator position", {}, "tracks carry no operator"),
    ]


def _item(group: str, name: str, figures: dict[str, float], reason: str, note: str = "") -> Item:
    return Item(group, name, figures, note=note) if figures else Item(group, name, {}, reason)


def _one(name: str, value: float | None) -> dict[str, float]:
    return {} if value is None else {name: value}


def _percentile(values: Floats, percent: float) -> float:
    """The smallest value that at least `percent` of the values do not exceed; works with inf."""
    return float(np.sort(values)[max(0, int(np.ceil(len(values) * percent / 100)) - 1)])


def _detection_range(c: Comparison, sensors_m: Floats) -> dict[str, float]:
    """Distance to the nearest sensor of each object when it was first held."""
    rows = c.pairs.truth[np.lexsort((c.truth.step[c.pairs.truth], c.truth.object[c.pairs.truth]))]
    if not len(rows) or not len(sensors_m):
        return {}
    first = c.truth.position_m[rows[np.r_[True, np.diff(c.truth.object[rows]) != 0]]]
    nearest = np.min([np.linalg.norm(first - sensor, axis=1) for sensor in sensors_m], axis=0)
    return {"median_m": float(np.median(nearest)), "p10_m": _percentile(nearest, 10)}


def _positioning(c: Comparison, score: Score, pairs: Edges) -> dict[str, float]:
    if not len(pairs):
        return {}
    error = errors_m(c, pairs)
    parts = {"horizontal": np.linalg.norm(error[:, :2], axis=1)}
    if not c.settings.flat:
        parts["vertical"] = np.abs(error[:, 2])
    figures = {}
    for name, size in parts.items():
        figures[f"{name}_rms_m"] = float(np.sqrt(np.mean(size**2)))
        figures[f"{name}_median_m"] = float(np.median(size))
        figures[f"{name}_p95_m"] = _percentile(size, 95)
    return figures | _one("nees_2d", score.nees_2d)


def _path_deviation(c: Comparison, pairs: Edges) -> float | None:
    velocity, error = c.truth.velocity_mps[pairs.truth, :2], errors_m(c, pairs)[:, :2]
    speed = np.linalg.norm(velocity, axis=1)
    moving = speed > MOVING_MPS  # false for NaN
    if not moving.any():
        return None
    across = error[moving, 0] * velocity[moving, 1] - error[moving, 1] * velocity[moving, 0]
    return float(np.sqrt(np.mean((across / speed[moving]) ** 2)))


def _at_once(c: Comparison, pairs: Edges) -> float | None:
    first = c.scored.start
    owed = count_per_step(c.truth.step[c.scored_truth()] - first, len(c.scored))
    held = count_per_step(c.truth.step[pairs.truth] - first, len(c.scored))
    good = (owed > 0) & (held >= SHARE_AT_ONCE * owed)
    return float(owed[good].max()) if good.any() else None


def _birds_per_hour(c: Comparison, pairs: Edges) -> dict[str, float]:
    """Birds whose track called them a drone at some scored second, an hour."""
    if c.tracks.kind is None:
        return {}
    wrong = (c.truth.kind[pairs.truth] == Kind.BIRD) & np.isin(c.tracks.kind[pairs.track], DRONES)
    return {"birds_per_hour": len(np.unique(c.truth.object[pairs.truth[wrong]])) / len(c.scored) * 3600.0}
