"""The result depends on what was received and when, never on how the input is cut, ordered within a moment or asked."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.core import CoreInput, new_state, picture_hash, save_state, step
from lowsky.model.report import report_batch
from lowsky.model.timebase import NS_PER_S
from lowsky.tracking.settings import Settings
from tests.core.scenes import (
    Flight,
    Ran,
    Scene,
    cut,
    fly,
    go_on,
    radar,
    received_by,
    receiver,
    run,
    small,
    tables_equal,
)

CHECKOUT = Path(__file__).resolve().parents[2]
IN_ANOTHER_PROCESS = "from tests.core.scenes import small, run; print(run(small(1)).hash)"

seconds = st.lists(st.floats(-1.0, 42.0), max_size=8).map(sorted)


@pytest.fixture(scope="module")
def whole() -> Ran:
    """The small scene in one input."""
    return run(small())


def _at(scene: Scene, times_s: list[float]) -> list[int]:
    return [scene.start_ns + round(t * NS_PER_S) for t in times_s]


def same_but_for_capacity(a: Ran, b: Ran) -> bool:
    """Do two runs agree in picture, counts and saved state?"""
    return a.hash == b.hash and a.counts == b.counts and tables_equal(save_state(a.state), save_state(b.state))


@given(seconds)
@settings(max_examples=40)
def test_cuts_do_not_show(whole: Ran, cuts_s: list[float]) -> None:
    assert len(whole.numbers) > 8
    assert same_but_for_capacity(run(small(), _at(small(), cuts_s)), whole)


def test_one_event_an_input(whole: Ran) -> None:
    scene = received_by(small(), small().start_ns + 6 * NS_PER_S)
    moments = np.unique(np.concatenate([scene.reports.received_ns, scene.looks.received_ns, scene.ticks_ns]))
    assert same_but_for_capacity(run(scene, moments.tolist()), run(scene))


def test_steps_with_nothing_change_nothing(whole: Ran) -> None:
    nothing = received_by(small(), 0)
    empty = CoreInput(nothing.reports, nothing.looks, nothing.ticks_ns)
    ran = go_on(new_state(small().site), [empty, *cut(small(), []), empty, empty])
    assert same_but_for_capacity(ran, whole)
    assert len(ran.changes[-1].picture) == 0


@st.composite
def rows_of_equal_receipt(draw: st.DrawFn) -> tuple[Scene, Scene]:
    """The small scene with receipts rounded up to a coarse step, and the same with equal ones in another order."""
    every_ns = draw(st.sampled_from([100_000_000, 400_000_000, 900_000_000]))
    reports = small().reports
    told = (reports.received_ns + every_ns - 1) // every_ns * every_ns
    scene = replace(small(), reports=replace(reports, received_ns=told))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    order = np.lexsort((rng.permutation(len(told)), told))
    return scene, replace(scene, reports=scene.reports.take(order))


@given(rows_of_equal_receipt())
@settings(max_examples=25)
def test_order_of_rows_received_together_does_not_show(scenes: tuple[Scene, Scene]) -> None:
    one, other = (run(scene) for scene in scenes)
    assert one.counts["late"] < len(scenes[0].reports)
    assert (one.hash, one.counts) == (other.hash, other.counts)


@given(st.permutations(range(8)))
@settings(max_examples=30)
def test_equal_and_nearly_equal_reports_in_any_order(order: list[int]) -> None:
    """Repeats, the same values at another time, with another sigma, with less: whichever comes first."""
    time_ns = START = 1_760_000_000 * NS_PER_S
    n = 8
    reports = report_batch(
        n, ("a", "b"), sensor=np.zeros(n), time_ns=time_ns + np.array([0, 0, 5, 0, 0, 9, 0, 0]) * 1_000_000,
        received_ns=np.full(n, START + 100_000_000), range_m=np.full(n, 900.0), azimuth_rad=np.full(n, 1.0),
        elevation_rad=np.array([0.1, 0.1, 0.1, np.nan, 0.1, 0.1, 0.2, np.nan]),
        range_rate_mps=np.array([3.0, 3.0, 3.0, 3.0, np.nan, 3.0, 3.0, 3.0]),
        sigma_range_m=np.array([np.nan, np.nan, np.nan, np.nan, np.nan, np.nan, 2.0, 5.0]),
    )  # fmt: skip
    site = replace(small().site, sensors=(radar(),))

    def hashed(batch: object) -> tuple[str, dict[str, int]]:
        given_ = CoreInput(batch, received_by(small(), 0).looks, START + np.arange(1, 4) * NS_PER_S)  # type: ignore[arg-type]
        _, changes = step(
            new_state(site, Settings(false_tracks_per_hour=np.inf, confirm_reports=0.0, hide=0.0)), given_
        )
        return picture_hash(changes.picture), changes.counts

    expected = hashed(reports)
    assert expected[1]["duplicate"] == 1
    assert hashed(reports.take(np.array(order))) == expected


def test_late_reports_of_one_frame_that_come_together_stay_together() -> None:
    """Received after the watermark has passed them: settled when time goes on, not one by one."""
    scene = fly((radar(false_plots_per_scan=0.0, detection_probability=1.0),), [
        Flight((1500.0 + 300 * k, 0.0, 100.0), (10.0, 0.0, 0.0)) for k in range(3)
    ], 10.0, 1)  # fmt: skip
    frame_ns = scene.reports.time_ns.copy()
    late = replace(scene, reports=replace(scene.reports, received_ns=frame_ns + 450_000_000))
    late = replace(late, reports=late.reports.take(np.argsort(late.reports.received_ns, kind="stable")))
    ran = run(late)
    assert ran.counts["frames"] == len(np.unique(frame_ns)) - 1  # the last one waits


def test_same_in_another_process(whole: Ran) -> None:
    for threads in ("1", "2", "4"):
        environment = os.environ | {"NUMBA_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
        done = subprocess.run(
            [sys.executable, "-c", IN_ANOTHER_PROCESS],
            env=environment | {"PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"},
            cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=600,
        )  # fmt: skip
        assert done.stdout.strip() == whole.hash, done.stderr


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("per_s", [7, 0.2])
def test_asking_more_often_does_not_change_the_answers(seed: int, per_s: float) -> None:
    """Public numbers apart: they are given in order of showing, so an object shown by one alone shifts them."""
    asked = run(small(seed)).picture
    ticks = small(seed).start_ns + (np.arange(1, int(40 * per_s) + 1) * NS_PER_S / per_s).astype(np.int64)
    other = run(replace(small(seed), ticks_ns=ticks)).picture
    both = np.intersect1d(asked.time_ns, other.time_ns)
    assert len(both) >= 7
    for time_ns in both:
        a, b = asked.time_ns == time_ns, other.time_ns == time_ns
        # within a tick rows are ordered by number; by birth and place they are ordered the same in both
        i, j = (np.lexsort((p.state[m, 0], p.first_report_ns[m])) for p, m in ((asked, a), (other, b)))
        for name in ("state", "covariance", "existence", "status", "model_probability", "reports", "last_report_ns"):
            assert np.array_equal(getattr(asked, name)[a][i], getattr(other, name)[b][j]), name


@given(st.lists(st.integers(0, 40_000), max_size=40))
@settings(max_examples=25)
def test_ticks_at_any_time_leave_the_last_picture_as_it_is(extra_ms: list[int]) -> None:
    last = small().ticks_ns[-1:]
    few = run(replace(small(), ticks_ns=last)).picture
    ticks = np.union1d(small().start_ns + np.array(extra_ms, dtype=np.int64) * 1_000_000, last)
    many = run(replace(small(), ticks_ns=ticks)).picture
    end = many.time_ns == last[0]
    i, j = (np.lexsort((s[:, 0], f)) for s, f in (
        (few.state, few.first_report_ns), (many.state[end], many.first_report_ns[end])
    ))  # fmt: skip
    assert np.array_equal(few.state[i], many.state[end][j])
    assert np.array_equal(few.covariance[i], many.covariance[end][j])


@given(st.floats(2.0, 39.0))
@settings(max_examples=15)
def test_what_is_received_later_does_not_show_earlier(whole: Ran, until_s: float) -> None:
    until_ns = small().start_ns + round(until_s * NS_PER_S)
    part = run(received_by(small(), until_ns)).picture
    rows = whole.picture.time_ns <= until_ns
    assert len(part) == rows.sum()
    for name in ("track", "state", "covariance", "existence", "status"):
        assert np.array_equal(getattr(part, name), getattr(whole.picture, name)[rows]), name


def test_rows_at_every_tick_to_the_end_though_nothing_is_received_any_more() -> None:
    scene = fly(
        (radar(detection_probability=1.0), receiver()), [Flight((2000.0, 500.0, 100.0), (-10.0, 0.0, 0.0))], 20.0, 3
    )
    quiet = received_by(scene, scene.start_ns + 17 * NS_PER_S)
    shown = run(replace(quiet, ticks_ns=scene.ticks_ns)).picture.time_ns
    assert set(shown) >= set(scene.ticks_ns[5:].tolist())
