"""Figures of sources and sensors: what two looks at their counters, some time apart, say of the time between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_REASONS = 3  # shown of one source


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source over the last interval. Rates are a second; lag in seconds, None: nothing has come."""

    name: str
    kind: str
    via: str
    state: str
    message: str
    messages_per_s: float
    bytes_per_s: float
    reports_per_s: float
    lag_s: float | None
    received: int
    faults: tuple[tuple[str, int], ...]  # since the start, the most frequent first
    trouble: str  # the last of them, in a sentence


@dataclass(frozen=True, slots=True)
class SensorLine:
    """One sensor over the last interval."""

    id: str
    state: str
    message: str
    reports_per_s: float
    lag_s: float | None
    faults: int


@dataclass(frozen=True, slots=True)
class View:
    """What is shown at once."""

    sources: tuple[SourceLine, ...]
    sensors: tuple[SensorLine, ...]
    unknown: tuple[tuple[str, int], ...]  # senders that are no sensors, the most frequent first

    def as_dict(self) -> dict[str, Any]:
        """For programs."""
        return {
            "sources": [{name: getattr(s, name) for name in SourceLine.__slots__} | {"faults": dict(s.faults)}
                        for s in self.sources],
            "sensors": [{name: getattr(s, name) for name in SensorLine.__slots__} for s in self.sensors],
            "unknown_senders": dict(self.unknown),
        }  # fmt: skip


def view_of(before: dict[str, Any], now: dict[str, Any], sensors: Iterable[dict[str, Any]], passed_s: float) -> View:
    """The view from two answers of `/api/sources`, and one of `/api/sensors`, as plain dicts."""
    old = {source["name"]: source for source in before.get("sources", ())}
    passed_s = max(passed_s, 1e-3)
    return View(
        tuple(_source_line(source, old.get(source["name"], {}), passed_s) for source in now["sources"]),
        tuple(
            SensorLine(s["id"], s["state"], s["message"], s["reports_per_s"], s["lag_s"], s["faults"]) for s in sensors
        ),
        _most(now["unknown_sensors"]),
    )


def _source_line(now: dict[str, Any], before: dict[str, Any], passed_s: float) -> SourceLine:
    def rate(name: str) -> float:
        return max(float(now[name] - before.get(name, 0)), 0.0) / passed_s

    return SourceLine(
        name=now["name"],
        kind=now["kind"],
        via=now["via"],
        state=now["state"],
        message=now["message"],
        messages_per_s=rate("received"),
        bytes_per_s=rate("bytes"),
        reports_per_s=rate("reports"),
        lag_s=now["lag_s"],
        received=now["received"],
        faults=_most(now["rejected"] | now["faults"]),
        trouble=now.get("trouble", ""),
    )


def _most(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
