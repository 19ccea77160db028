"""The trace: what each report did to which track, complete enough to tell a track's life from its birth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowsky.cli.explain import _trace_of
from lowsky.core.changes import Trace
from lowsky.tracking.settings import Settings
from tests.core.scenes import Ran, run, small


@pytest.fixture(scope="module")
def traced() -> Ran:
    """The small scene with its trace."""
    reports = replace(small().reports, raw=np.arange(len(small().reports)))
    return run(replace(small(), reports=reports), settings=Settings(trace=True))


@pytest.fixture(scope="module")
def trace(traced: Ran) -> Trace:
    """The trace alone."""
    return traced.changes[0].trace


def test_keeping_a_trace_changes_nothing(traced: Ran) -> None:
    plain = run(small())
    assert traced.hash == plain.hash
    assert len(plain.changes[0].trace.raw) == 0


def test_every_row_names_a_report_that_exists(trace: Trace) -> None:
    reports = small().reports
    assert len(trace.raw) > 500
    assert (reports.sensor[trace.raw] == trace.sensor).all()
    assert np.abs(reports.time_ns[trace.raw] - trace.time_ns).max() <= 20_000_000


def test_a_report_is_shared_out_at_most_once(trace: Trace) -> None:
    """Over all tracks the probabilities that a report is theirs add up to at most one, near enough for messages."""
    shares = np.bincount(trace.raw, trace.association)
    assert shares.max() <= 1.02
    assert np.median(shares[shares > 0.1]) > 0.8


def test_a_track_takes_at_most_one_report_of_a_frame(trace: Trace) -> None:
    taken: dict[tuple[int, int, int], float] = {}
    existence: dict[tuple[int, int, int], float] = {}
    columns = (trace.uid, trace.time_ns, trace.sensor, trace.association, trace.existence_after)
    for uid, time_ns, sensor, association, after in zip(*(c.tolist() for c in columns), strict=True):
        key = (uid, time_ns, sensor)
        taken[key] = taken.get(key, 0.0) + association
        existence[key] = after
    assert all(total <= existence[key] + 1e-9 for key, total in taken.items())


def test_probabilities(trace: Trace) -> None:
    for name in ("association", "existence_before", "existence_after"):
        assert ((getattr(trace, name) >= 0.0) & (getattr(trace, name) <= 1.0)).all()
    assert (trace.existence_after >= trace.association - 1e-9).all()
    assert np.isfinite(trace.log10_likelihood_ratio).all()


def test_what_is_likelier_is_associated_more(trace: Trace) -> None:
    """Over all pairs of a track and a report; single ones also depend on their rivals and on what else may be."""
    order = np.argsort(trace.log10_likelihood_ratio)
    least, most = order[: len(order) // 10], order[-len(order) // 10 :]
    assert trace.association[most].mean() > 0.95
    assert trace.association[least].mean() < trace.association[most].mean() - 0.15


def test_every_number_shown_has_a_life_that_begins_before_it_is_shown(traced: Ran, trace: Trace) -> None:
    picture = traced.picture
    told = 0
    for number in traced.numbers:
        own, rows = _trace_of([trace], number), picture.track == number
        if rows.sum() < 3:
            continue  # shown by reports that were not settled before the end
        told += 1
        assert len(own["raw"]) > 0
        assert picture.first_report_ns[rows].min() <= own["time_ns"].min() <= picture.time_ns[rows].min()
    assert told > 8
