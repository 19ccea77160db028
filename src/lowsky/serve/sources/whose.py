"""Whose a source is: faults, and the state of the line, of a source that only one sensor comes over are that sensor's.

Rows often say whose they are, also bad ones; a check that knows counts them (`Problems.by_sensor`). What nobody knows
belongs to the one sensor that the source is configured for (`sensor`), or whose name it bears.
"""

from __future__ import annotations

from collections.abc import Iterable

from lowsky.model.sensor import Site
from lowsky.wire.decoded import Decoded

from ..config.sources import FormatSource, SourceEntry
from ..engine.sensors import SensorWatch
from .keeper import Keeper

BROKEN = ("failed", "ended")  # states of a source in which nothing comes


def only_sensor(entry: SourceEntry, site: Site) -> int | None:
    """Index of the one sensor that a source is of; None: of several, or nobody knows."""
    if not isinstance(entry, FormatSource):
        return None
    name = entry.options.sensor or entry.name
    return next((i for i, sensor in enumerate(site.sensors) if sensor.id == name), None)


def tell(watch: SensorWatch, keeper: Keeper, decoded: Decoded) -> None:
    """Hand on how sensors say they are, and what of theirs could not be used."""
    for status in decoded.statuses:
        watch.said[status.sensor] = (status.state, status.text)
    problems = decoded.problems
    for sensor, counts in problems.by_sensor.items():
        watch.faulted(sensor, counts)
    if keeper.sensor is None or not problems:
        return
    rest = dict(problems.counts)
    for counts in problems.by_sensor.values():
        for kind, count in counts.items():
            rest[kind] = rest.get(kind, 0) - count
    watch.faulted(keeper.sensor, {kind: count for kind, count in rest.items() if count > 0})


def tell_lines(watch: SensorWatch, keepers: Iterable[Keeper]) -> None:
    """Hand on which sensors are cut off because all sources that are only theirs are broken."""
    ways: dict[int, list[Keeper]] = {}
    for keeper in keepers:
        if keeper.sensor is not None:
            ways.setdefault(keeper.sensor, []).append(keeper)
    watch.cut_off = {
        sensor: "; ".join(f"source {keeper.source.name} {keeper.state}: {keeper.message}" for keeper in its)
        for sensor, its in ways.items()
        if all(keeper.state in BROKEN for keeper in its)
    }
