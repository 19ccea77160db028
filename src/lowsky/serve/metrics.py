"""Prometheus metrics, each declared once: name, kind, what it counts, and where its value is read when it is asked
for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lowsky.record.limits import Status

if TYPE_CHECKING:  # the documentation is made from this table, without what it is about
    from lowsky.record.journal import Journal

    from .announcer import Announcer
    from .answers.sensors import SensorInfo
    from .delivery import Deliveries
    from .engine.board import Board
    from .engine.inbox import Inbox
    from .engine.ledger import Ledger
    from .engine.thread import CoreThread
    from .feed.hub import Hub
    from .outputs.keeper import OutputKeeper
    from .sources.keeper import Keeper

Values = Iterable[tuple[tuple[str, ...], float]]


class Measured(Protocol):
    """What values are read from; the runtime is it."""

    board: Board
    hub: Hub
    inbox: Inbox
    ledger: Ledger
    core: CoreThread
    turns: int  # of the core
    turn_s: float  # that the last one took
    journal: Journal | None
    deliveries: Deliveries
    announcer: Announcer
    refused: Counter[str]  # requests and connections, by reason

    @property
    def keepers(self) -> list[Keeper]:
        """The keepers of all sources."""
        ...

    @property
    def outputs(self) -> list[OutputKeeper]:
        """The keepers of all outputs."""
        ...

    def lag_s(self) -> float:
        """Age of the newest report in the picture; NaN: there was none."""
        ...


@dataclass(frozen=True, slots=True)
class Declared:
    """One metric. Counters get `_total` behind their name."""

    name: str
    kind: str  # "counter" or "gauge"
    summary: str
    read: Callable[[Measured], Values]
    labels: tuple[str, ...] = ()


def _one(value: float) -> Values:
    return [((), float(value))]


def _levels(server: Measured) -> Values:
    standing = [notice.level for notice in server.board.notices.values() if notice.ended_ms is None]
    return [((word,), float(standing.count(word))) for word in ("watch", "warning", "imminent")]


def _journal(read: Callable[[Status], float]) -> Callable[[Measured], Values]:
    return lambda server: [] if server.journal is None else _one(read(server.journal.status))


def _sigmas(sensor: SensorInfo) -> Iterator[tuple[str, float]]:
    learnt = sensor.learnt
    parts = (("range", learnt.sigma_range), ("azimuth", learnt.sigma_azimuth), ("elevation", learnt.sigma_elevation))
    return ((part, value) for part, value in parts if value is not None)


METRICS: tuple[Declared, ...] = (
    Declared("lowsky_objects", "gauge", "objects in the picture", lambda r: _one(len(r.board.table["number"]))),
    Declared("lowsky_notices", "gauge", "standing notices by level", _levels, ("level",)),
    Declared("lowsky_clients", "gauge", "maps connected to the feed", lambda r: _one(len(r.hub.clients))),
    Declared("lowsky_inbox_reports", "gauge", "reports that wait for the core", lambda r: _one(r.inbox.waiting)),
    Declared("lowsky_lag_seconds", "gauge", "age of the newest report in the picture", lambda r: _one(r.lag_s())),
    Declared("lowsky_turn_seconds", "gauge", "time the core's last turn took", lambda r: _one(r.turn_s)),
    Declared("lowsky_turns", "counter", "turns of the core", lambda r: _one(r.turns)),
    Declared("lowsky_skipped_ticks", "counter", "ticks skipped after a pause", lambda r: _one(r.core.skipped_ticks)),
    Declared("lowsky_broken_rows", "counter", "rows of pictures that did not say where an object is",
             lambda r: [] if r.core.machine is None else _one(r.core.machine.broken_rows)),
    Declared("lowsky_slow_disk_turns", "counter", "turns whose results did not wait for a slow disk",
             lambda r: [] if r.core.machine is None else _one(r.core.machine.slow_disk)),
    Declared("lowsky_core_reports", "counter", "reports by what the core did with them",
             lambda r: [((name,), float(n)) for name, n in r.board.counts.items()], ("outcome",)),
    Declared("lowsky_handed_on_reports", "counter", "reports that sources handed on to the core",
             lambda r: _one(r.inbox.handed_on)),
    Declared("lowsky_taken_reports", "counter", "reports that the core has taken", lambda r: _one(r.ledger.taken)),
    Declared("lowsky_unaccounted_reports", "gauge", "0: every report taken has one outcome",
             lambda r: _one(r.ledger.books(r.inbox, r.board.counts).unaccounted)),
    Declared("lowsky_source_bytes", "counter", "bytes received",
             lambda r: [((k.source.name,), k.counters.bytes) for k in r.keepers], ("source",)),
    Declared("lowsky_source_reports", "counter", "reports received",
             lambda r: [((k.source.name,), k.counters.reports) for k in r.keepers], ("source",)),
    Declared("lowsky_source_looks", "counter", "looks received",
             lambda r: [((k.source.name,), k.counters.looks) for k in r.keepers], ("source",)),
    Declared("lowsky_source_received", "counter", "items received: used, ignored and rejected together",
             lambda r: [((k.source.name,), k.counters.received) for k in r.keepers], ("source",)),
    Declared("lowsky_source_used", "counter", "items that became reports, looks, statuses or places",
             lambda r: [((k.source.name,), k.counters.used) for k in r.keepers], ("source",)),
    Declared("lowsky_source_ignored", "counter", "items that say nothing for the picture, by what they are",
             lambda r: [((k.source.name, what), n) for k in r.keepers for what, n in k.counters.ignored.items()],
             ("source", "what")),
    Declared("lowsky_source_rejected", "counter", "items that could not be used, by reason",
             lambda r: [((k.source.name, why), n) for k in r.keepers for why, n in k.counters.rejected.items()],
             ("source", "reason")),
    Declared("lowsky_source_faults", "counter", "troubles of the line that a source comes over, by kind",
             lambda r: [((k.source.name, why), n) for k in r.keepers for why, n in k.counters.faults.items()],
             ("source", "kind")),
    Declared("lowsky_source_restarts", "counter", "times a source broke and was started again",
             lambda r: [((k.source.name,), k.counters.restarts) for k in r.keepers], ("source",)),
    Declared("lowsky_source_dropped", "counter", "reports dropped because the core did not keep up",
             lambda r: [((k.source.name,), r.inbox.dropped[k.source.name]) for k in r.keepers], ("source",)),
    Declared("lowsky_sensor_well", "gauge", "1: the sensor is well, 0: it is not",
             lambda r: [((s.id,), float(s.state == "well")) for s in r.board.sensors], ("sensor",)),
    Declared("lowsky_sensor_detection", "gauge", "measured detection probability",
             lambda r: [((s.id,), s.detection.live) for s in r.board.sensors if s.detection.live is not None],
             ("sensor",)),
    Declared("lowsky_sensor_false_plots", "gauge", "learnt false plots, as a multiple of those described",
             lambda r: [((s.id,), s.learnt.false_plots) for s in r.board.sensors if s.learnt.false_plots is not None],
             ("sensor",)),
    Declared("lowsky_sensor_sigma", "gauge", "learnt standard deviation, as a multiple of the one described",
             lambda r: [((s.id, part), value) for s in r.board.sensors for part, value in _sigmas(s)],
             ("sensor", "part")),
    Declared("lowsky_journal_failing", "gauge", "1: nothing is being recorded",
             _journal(lambda s: float(s.state == "failing"))),
    Declared("lowsky_journal_bytes", "counter", "bytes recorded since the start", _journal(lambda s: s.bytes)),
    Declared("lowsky_journal_waiting_bytes", "gauge", "bytes that wait for the disk",
             _journal(lambda s: s.waiting_bytes)),
    Declared("lowsky_journal_lost_inputs", "counter", "inputs that could not be recorded",
             _journal(lambda s: s.lost_inputs)),
    Declared("lowsky_journal_sync_seconds", "gauge", "longest time the disk took",
             _journal(lambda s: s.longest_sync_s)),
    Declared("lowsky_receiver_delivered", "counter", "messages that a receiver confirmed",
             lambda r: [((s.id,), s.delivered) for s in r.deliveries.status()], ("receiver",)),
    Declared("lowsky_receiver_pending", "gauge", "calls that wait to be told to a receiver",
             lambda r: [((s.id,), s.pending) for s in r.deliveries.status()], ("receiver",)),
    Declared("lowsky_receiver_failing", "gauge", "1: the last attempt to tell a receiver failed",
             lambda r: [((s.id,), float(s.state == "failing")) for s in r.deliveries.status()], ("receiver",)),
    Declared("lowsky_output_messages", "counter", "messages that left for another system",
             lambda r: [((o.way.name,), o.messages) for o in r.outputs], ("output",)),
    Declared("lowsky_output_bytes", "counter", "bytes that left for another system",
             lambda r: [((o.way.name,), o.bytes) for o in r.outputs], ("output",)),
    Declared("lowsky_output_dropped", "counter", "messages for another system that nobody took",
             lambda r: [((o.way.name,), o.lost) for o in r.outputs], ("output",)),
    Declared("lowsky_output_skipped", "counter", "pictures that came and went while an output was busy",
             lambda r: [((o.way.name,), o.view.skipped) for o in r.outputs], ("output",)),
    Declared("lowsky_output_failures", "counter", "things that went wrong with an output",
             lambda r: [((o.way.name,), o.failures) for o in r.outputs], ("output",)),
    Declared("lowsky_output_failing", "gauge", "1: the output is broken and will be tried again",
             lambda r: [((o.way.name,), float(o.state == "failed")) for o in r.outputs], ("output",)),
    Declared("lowsky_refused", "counter", "requests and connections that were refused, by reason",
             lambda r: [((reason,), float(count)) for reason, count in sorted(r.refused.items())], ("reason",)),
    Declared("lowsky_unsafe_warnings", "counter", "warnings that did not wait for a slow disk",
             lambda r: _one(r.announcer.unsafe)),
)  # fmt: skip


class Metrics(Collector):
    """Reads everything when it is asked for; counts nothing by itself."""

    def __init__(self, server: Measured) -> None:
        self._server = server
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing: values are only read when asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Every metric with its values now."""
        for declared in METRICS:
            family = CounterMetricFamily if declared.kind == "counter" else GaugeMetricFamily
            metric = family(declared.name, declared.summary, labels=declared.labels)
            for labels, value in declared.read(self._server):
                metric.add_metric(labels, value)
            yield metric

    def render(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)
