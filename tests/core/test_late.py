"""Late, disordered and repeated reports: what has settled is what punctual reports would have given; numbers stay."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.core import CoreInput, glance, new_state, picture_hash, restore_state, save_state
from lowsky.kernels.layout import NEVER_NS
from lowsky.kernels.timeline import MAIN_NS
from lowsky.model.action import Action, ActionKind
from lowsky.model.picture import Picture, concatenate_pictures, take_rows
from lowsky.model.report import LookBatch, ReportBatch, concatenate_reports, no_looks, report_batch
from lowsky.model.roster import roster_text
from lowsky.model.timebase import NS_PER_S
from lowsky.tracking.settings import Settings
from tests.core.scenes import Flight, Ran, Scene, cut, fly, go_on, radar, run, small, tables_equal

FATES = ("used", "late", "duplicate", "incomplete", "waiting")
END_S = 14.0  # of the part of the small scene that is used; births and ends are in it
AFTER_NS = 8 * NS_PER_S  # so long after the end everything has settled


@lru_cache(maxsize=2)
def short(seed: int = 1) -> Scene:
    """The small scene's first seconds by validity, everything received 30 ms after it is valid."""
    whole, until_ns = small(seed), small(seed).start_ns + round(END_S * NS_PER_S)
    scene = replace(
        whole,
        reports=whole.reports.take(whole.reports.time_ns < until_ns),
        looks=whole.looks.take(whole.looks.time_ns < until_ns),
        ticks_ns=np.append(whole.ticks_ns[whole.ticks_ns <= until_ns], until_ns + AFTER_NS),
    )
    return delayed(scene, np.zeros(len(scene.reports)), np.zeros(len(scene.looks)))


def delayed(scene: Scene, reports_s: NDArray[np.float64], looks_s: NDArray[np.float64]) -> Scene:
    """The scene with everything received so long, and 30 ms, after it was valid."""

    def put_off(batch: ReportBatch | LookBatch, by_s: NDArray[np.float64]) -> NDArray[np.int64]:
        received_ns: NDArray[np.int64] = batch.time_ns + 30_000_000 + np.rint(by_s * 1e9).astype(np.int64)
        return received_ns

    reports = replace(scene.reports, received_ns=put_off(scene.reports, reports_s))
    looks = replace(scene.looks, received_ns=put_off(scene.looks, looks_s))
    return replace(
        scene,
        reports=reports.take(np.argsort(reports.received_ns, kind="stable")),
        looks=looks.take(np.argsort(looks.received_ns, kind="stable")),
    )


def repeated(scene: Scene, rows: NDArray[np.int64], by_s: NDArray[np.float64]) -> Scene:
    """The scene with some reports received once more, so much later."""
    again = scene.reports.take(rows)
    again = replace(again, received_ns=again.received_ns + np.rint(by_s * 1e9).astype(np.int64))
    both = concatenate_reports([scene.reports, again])
    return replace(scene, reports=both.take(np.argsort(both.received_ns, kind="stable")))


def settled(scene: Scene, cuts_ns: list[int] | None = None) -> tuple[Picture, Ran]:
    """The settled picture of a scene, by time and place, and the run."""
    state = new_state(scene.site)
    state.settling = True
    ran = go_on(state, cut(scene, cuts_ns or []))
    rows = concatenate_pictures([c.settled for c in ran.changes])
    return take_rows(rows, np.lexsort((rows.state[:, 0], rows.time_ns))), ran


@lru_cache(maxsize=2)
def punctual(seed: int = 1) -> Picture:
    """The settled picture of the punctual scene."""
    return settled(short(seed))[0]


def same_but_for_numbers(one: Picture, other: Picture) -> bool:
    """Do two pictures have the same rows to the last bit, their numbers apart?"""
    names = ("time_ns", "state", "covariance", "existence", "status", "model_probability", "reports", "last_report_ns")
    return all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)


UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # seeds do not become simpler
Disorder = tuple[int, float, float]  # seed, mean delay s, share of the reports that come again
DISORDERS = st.tuples(st.integers(0, 2**32), st.sampled_from([0.05, 0.3, 1.0, 4.0]), st.sampled_from([0.0, 0.05]))


def disordered(drawn: Disorder) -> Scene:
    """The short scene with everything delayed by up to 4.4 s, and some reports repeated."""
    seed, mean_s, share = drawn
    rng, scene = np.random.default_rng(seed), short()
    n, looks = len(scene.reports), len(scene.looks)
    scene = delayed(scene, *(rng.gamma(2.0, mean_s / 2.0, k).clip(0.0, 4.4) for k in (n, looks)))
    again = np.flatnonzero(rng.random(n) < share)
    return repeated(scene, again, rng.uniform(0.0, 0.5, len(again)))


@given(DISORDERS, st.lists(st.floats(0.0, END_S + 6.0), max_size=6).map(sorted))
@settings(max_examples=12, phases=UNSHRUNK)
def test_what_has_settled_is_what_punctual_reports_would_have_given(disorder: Disorder, cuts_s: list[float]) -> None:
    assert len(punctual()) > 100
    scene = disordered(disorder)
    cuts_ns = [scene.start_ns + round(t * NS_PER_S) for t in cuts_s]
    picture, ran = settled(scene, cuts_ns)
    assert same_but_for_numbers(picture, punctual())
    assert ran.counts["late"] == ran.counts["waiting"] == 0
    assert ran.counts["duplicate"] == len(scene.reports) - len(short().reports)
    assert sum(ran.counts[fate] for fate in FATES) == len(scene.reports)
    rows = list(zip(ran.picture.time_ns.tolist(), ran.picture.track.tolist(), strict=True))
    assert len(set(rows)) == len(rows)


@given(DISORDERS, st.floats(0.5, END_S + 4.0), st.booleans())
@settings(max_examples=8, phases=UNSHRUNK)
def test_saved_in_the_middle_of_it_and_restored(disorder: Disorder, at_s: float, looked_at: bool) -> None:
    scene = disordered(disorder)
    at_ns = scene.start_ns + round(at_s * NS_PER_S)
    first, second = cut(scene, [at_ns])
    before = go_on(new_state(scene.site), [first])
    if looked_at:
        glance(before.state, at_ns)
    restored = restore_state(scene.site, None, (), None, save_state(before.state))
    assert tables_equal(save_state(restored), save_state(before.state))
    straight, after = go_on(before.state, [second]), go_on(restored, [second])
    assert after.hash == straight.hash
    assert after.counts == straight.counts
    assert tables_equal(save_state(after.state), save_state(straight.state))


@given(DISORDERS, st.lists(st.floats(0.0, END_S + 4.0), min_size=1, max_size=6).map(sorted))
@settings(max_examples=6, phases=UNSHRUNK)
def test_glances_do_not_show(disorder: Disorder, at_s: list[float]) -> None:
    scene = disordered(disorder)
    cuts_ns = [scene.start_ns + round(t * NS_PER_S) for t in at_s]
    state, parts = new_state(scene.site), []
    for given_, now_ns in zip(cut(scene, cuts_ns), [*cuts_ns, None], strict=True):
        ran = go_on(state, [given_])
        parts.append(ran.picture)
        if now_ns is not None:
            glance(state, now_ns)
    whole = run(scene)
    assert picture_hash(concatenate_pictures(parts)) == whole.hash
    assert ran.counts == whole.counts
    assert tables_equal(save_state(state), save_state(whole.state))


def test_what_comes_too_late_is_counted_and_changes_nothing() -> None:
    scene = short()
    rows = np.arange(0, len(scene.reports), 7)
    old = scene.reports.take(rows)
    old = replace(old, received_ns=old.time_ns + round(5.1 * NS_PER_S), range_m=old.range_m + 50.0)
    both = concatenate_reports([scene.reports, old])
    picture, ran = settled(replace(scene, reports=both.take(np.argsort(both.received_ns, kind="stable"))))
    assert ran.counts["late"] == len(rows)
    assert same_but_for_numbers(picture, punctual())


def test_nothing_late_nothing_worked_again_and_few_snapshots_kept() -> None:
    ran = run(short())
    assert ran.state.history.rebuilds == 0
    labels = [s.label_ns for s in ran.state.history.snapshots]
    assert 2 <= len(labels) <= 3
    assert {label % MAIN_NS for label in labels} == {0}


def shown_from(picture: Picture, since_ns: int) -> Picture:
    """The rows of the ticks from a time on, by time and place."""
    rows = take_rows(picture, np.flatnonzero(picture.time_ns >= since_ns))
    return take_rows(rows, np.lexsort((rows.state[:, 0], rows.time_ns)))


@pytest.mark.parametrize("lead_s", range(5))
def test_what_comes_late_first_is_worked_in_from_any_sparse_snapshot(lead_s: int) -> None:
    scene, by_s = short(), np.zeros(len(short().reports))
    row = int(np.searchsorted(scene.reports.time_ns, scene.start_ns + (4 + lead_s) * NS_PER_S))
    by_s[row] = 4.9
    received_ns = int(scene.reports.time_ns[row]) + 5 * NS_PER_S
    ran = run(delayed(scene, by_s, np.zeros(len(scene.looks))))
    assert (ran.counts["late"], ran.state.history.rebuilds) == (0, 1)
    shown = shown_from(ran.picture, received_ns)
    assert len(shown.time_ns) > 5
    assert same_but_for_numbers(shown, shown_from(run(scene).picture, received_ns))


def test_something_late_makes_snapshots_dense_for_a_minute() -> None:
    scene, by_s = short(), np.zeros(len(short().reports))
    by_s[len(by_s) // 2] = 2.0
    ran = run(delayed(scene, by_s, np.zeros(len(scene.looks))))
    labels = [s.label_ns for s in ran.state.history.snapshots]
    assert len(labels) >= 7
    assert set(np.diff(labels[-6:])) == {NS_PER_S}
    last_ns = int(scene.ticks_ns[-1])
    nothing = replace(scene, reports=scene.reports.take(slice(0)), looks=scene.looks.take(slice(0)))
    calm = replace(nothing, ticks_ns=np.arange(last_ns + NS_PER_S, last_ns + 80 * NS_PER_S, NS_PER_S))
    sparse = [s.label_ns for s in go_on(ran.state, cut(calm, [])).state.history.snapshots]
    assert sparse[0] > labels[-1]
    assert {label % MAIN_NS for label in sparse} == {0}


@pytest.mark.parametrize("at_s", [9.0, 11.5, 12.5, 16.0])
def test_what_is_saved_does_not_show_when_something_came_late(at_s: float) -> None:
    """What came late makes snapshots dense; one that was restored before or after knows nothing of that."""
    scene, by_s = short(), np.zeros(len(short().reports))
    by_s[int(np.searchsorted(scene.reports.time_ns, scene.start_ns + 6 * NS_PER_S))] = 1.5
    scene = delayed(scene, by_s, np.zeros(len(scene.looks)))
    parts = cut(scene, [scene.start_ns + round(at_s * NS_PER_S)])
    ran = go_on(new_state(scene.site), parts[:1])
    restored = restore_state(scene.site, None, (), None, save_state(ran.state))
    assert len(ran.state.history.snapshots) > len(restored.history.snapshots)
    assert tables_equal(save_state(go_on(ran.state, parts[1:]).state), save_state(go_on(restored, parts[1:]).state))


LINE = [Flight((2500.0, 300.0 * k, 150.0), (-12.0, 0.0, 0.0)) for k in range(4)]


def _line(seed: int) -> Scene:
    """Four objects far from one another and two radars, everything up to 4 s late."""
    sensors = (radar("a", false_plots_per_scan=0.2), radar("b", 900.0, -400.0, false_plots_per_scan=0.2))
    scene = fly(sensors, LINE, 30.0, seed)
    rng = np.random.default_rng(seed)
    return delayed(scene, *(rng.gamma(2.0, 0.6, len(b)).clip(0.0, 4.0) for b in (scene.reports, scene.looks)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_objects_keep_their_numbers_though_their_first_reports_come_late(seed: int) -> None:
    scene = _line(seed)
    ran = run(replace(scene, ticks_ns=scene.start_ns + np.arange(5, 150) * (NS_PER_S // 5)))
    assert ran.state.history.rebuilds > 50
    assert len(ran.numbers) == 4
    for number in ran.numbers:  # once shown, to the end
        times = ran.picture.time_ns[ran.picture.track == number]
        assert (np.diff(times) == NS_PER_S // 5).all()
        assert times[-1] == scene.start_ns + 149 * (NS_PER_S // 5)


def test_snapshots_are_of_whole_seconds_and_bounded() -> None:
    scene = delayed(short(), np.full(len(short().reports), 2.0), np.full(len(short().looks), 2.0))
    state = new_state(scene.site)
    for given_ in cut(scene, scene.ticks_ns.tolist()):
        history = go_on(state, [given_]).state.history
        assert {s.label_ns % NS_PER_S for s in history.snapshots if s.label_ns != NEVER_NS} <= {0}
        assert len(history.snapshots) + len(history.spare) <= 10


@pytest.mark.parametrize("what", ["horizon", "sensors"])
def test_a_change_of_the_sensors_is_restored_as_it_was(what: str) -> None:
    scene = delayed(short(), np.full(len(short().reports), 0.7), np.zeros(len(short().looks)))
    at_ns = scene.start_ns + round(6.3 * NS_PER_S)
    action = {
        "horizon": Action(at_ns, ActionKind.SET_HORIZON, 0, "[[0, 5], [90, 10], [180, 20]]"),
        "sensors": Action(at_ns, ActionKind.SET_SENSORS, value=roster_text((*scene.site.sensors, radar("more")))),
    }[what]
    first, second = cut(scene, [at_ns])
    told = CoreInput(report_batch(0), no_looks(), first.ticks_ns[:0], (action,))
    before = go_on(new_state(scene.site), [first, told])
    restored = restore_state(scene.site, None, (), None, save_state(before.state))
    straight, after = go_on(before.state, [second]), go_on(restored, [second])
    assert after.hash == straight.hash
    assert tables_equal(save_state(after.state), save_state(straight.state))


def test_a_longer_window_takes_what_a_shorter_one_refuses() -> None:
    scene = delayed(short(), np.full(len(short().reports), 3.0), np.full(len(short().looks), 3.0))
    assert run(scene, settings=Settings(settled_lag_s=2.0)).counts["late"] == len(scene.reports)
    assert run(scene, settings=Settings(settled_lag_s=4.0)).counts["late"] == 0


def test_a_look_that_has_not_settled_counts_at_a_tick_as_a_miss_and_leaves_nothing_behind() -> None:
    """An object is gone after 10 s: 0.2 s after each further look the picture doubts it more, though the look is only
    settled later; the tracker's state is that of a run without those ticks."""
    scene = fly((radar("a", false_plots_per_scan=0.2),), LINE[:1], 14.0, 1)
    gone_ns = scene.start_ns + 10 * NS_PER_S
    scene = replace(scene, reports=scene.reports.take(scene.reports.time_ns < gone_ns))
    scene = delayed(scene, np.zeros(len(scene.reports)), np.zeros(len(scene.looks)))
    looks_ns = scene.looks.time_ns[scene.looks.time_ns > gone_ns][:2]
    ticks_ns = np.sort(np.concatenate([looks_ns, looks_ns + NS_PER_S // 5]))
    ran = run(replace(scene, ticks_ns=ticks_ns))
    existence = ran.picture.existence[np.searchsorted(ran.picture.time_ns, ticks_ns[:3])]
    assert existence[1] < existence[0] - 0.03  # the first look, beside the reports before it
    assert existence[2] == pytest.approx(existence[1], abs=0.02)  # by the second it has settled and says the same
    end_ns = scene.start_ns + 20 * NS_PER_S
    plain, looked = (
        save_state(run(replace(scene, ticks_ns=np.append(at_ns, end_ns))).state) for at_ns in (ticks_ns[:0], ticks_ns)
    )
    np.testing.assert_array_equal(plain["tracks"]["existence"], looked["tracks"]["existence"])
    np.testing.assert_array_equal(plain["background"], looked["background"])
