"""The trace: what each report did to which track, complete enough to tell a track's life from its birth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lowsky.cli.explain import _trace_of
from lowsky.core.step import Trace
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


def test_of_rivals_for_one_report_the_likelier_takes_more(trace: Trace) -> None:
    """Where two tracks compare with the same report alone, association follows the likelihood ratio."""
    frames = np.unique(
        np.stack([trace.uid, trace.time_ns, trace.sensor]), axis=1, return_inverse=True, return_counts=True
    )
    alone = frames[2][frames[1].ravel()] == 1
    compared = 0
    for raw in np.unique(trace.raw):
        rows = np.flatnonzero(trace.raw == raw)
        if len(rows) == 2 and alone[rows].all():
            ratio, share = trace.log10_likelihood_ratio[rows], trace.association[rows]
            if abs(ratio[0] - ratio[1]) > 0.5:
                compared += 1
                assert (ratio[0] > ratio[1]) == (share[0] > share[1])
    assert compared > 3


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
