"""Rows taken and given back, states saved and put back to the bit, distance of two states, joining."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import layout, lifecycle
from lowsky.kernels.layout import MODELS, World
from tests.kernels.worlds import START_NS, Floats, add_track, random_covariance, small_world

SEEDS = st.integers(0, 2**32 - 1)


def _place(rng: np.random.Generator, spread_m: float = 5000.0) -> Floats:
    state: Floats = np.concatenate([rng.uniform(-spread_m, spread_m, 2), [200.0], rng.normal(scale=10.0, size=3)])
    return state


def _check_rows(w: World) -> None:
    """Every row is either used or on the stack of free ones, once."""
    used, free = np.flatnonzero(w.tracks["used"]), w.free[: w.tally.tracks_free]
    assert w.tally.tracks == len(used)
    assert sorted([*used.tolist(), *free.tolist()]) == list(range(len(w.tracks)))
    assert len(used) == 0 or used.max() < w.tally.highest


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 99)), max_size=60), SEEDS)
@examples(max_examples=30)
def test_rows_are_neither_lost_nor_given_twice(acts: list[tuple[bool, int]], seed: int) -> None:
    w, rng, uids, ended = small_world(), np.random.default_rng(seed), list[int](), 0
    for begin, pick in acts:
        used = np.flatnonzero(w.tracks["used"])
        if begin or not len(used):
            i = add_track(w, _place(rng))
            assert i not in used
            uids.append(int(w.tracks[i].uid))
            w.tracks[i].number, w.tracks[i].confirmed = pick, pick % 2
        else:
            i = int(used[pick % len(used)])
            ended += int(w.tracks[i].confirmed)
            lifecycle.end_track(i, w)
        _check_rows(w)
    assert uids == list(range(1, len(uids) + 1))
    assert w.tally.ended == ended


def test_rows_are_taken_lowest_first() -> None:
    w, rng = small_world(), np.random.default_rng(0)
    assert [add_track(w, _place(rng)) for _ in range(3)] == [0, 1, 2]
    lifecycle.end_track(1, w)
    assert add_track(w, _place(rng)) == 1


@given(SEEDS, st.lists(st.integers(0, 4), max_size=12))
@examples(max_examples=25)
def test_what_was_saved_comes_back_to_the_bit_but_for_its_number(seed: int, touched: list[int]) -> None:
    w, rng = small_world(), np.random.default_rng(seed)
    for _ in range(5):
        add_track(w, _place(rng))
    before = w.tracks.copy()
    for k, i in enumerate(touched):
        lifecycle.save_track(i, w)
        t = w.tracks[i]
        t.x[:], t.p[:], t.mu[:] = rng.normal(size=(MODELS, 6)), rng.normal(size=(MODELS, 6, 6)), 1.0 / MODELS
        t.existence, t.confirmed, t.state_ns, t.hits = rng.random(), 1, START_NS + k, k
        t.number = i + 10
    assert w.tally.saved == len(set(touched))
    lifecycle.restore_tracks(w)
    for i in set(touched):
        assert w.tracks[i].number == i + 10
        before[i].number = i + 10
    for name in layout.TRACK.names or ():  # padding between fields is nobody's
        np.testing.assert_array_equal(w.tracks[name], before[name])
    assert w.tally.saved == 0
    assert not w.saved.any()


@given(SEEDS, st.sampled_from([1, MODELS]), st.sampled_from([1, MODELS]))
@examples(max_examples=40)
def test_distance_of_two_states_is_that_of_numpy(seed: int, models: int, others: int) -> None:
    w, rng = small_world(), np.random.default_rng(seed)
    moments = []
    for count in (models, others):
        t = w.tracks[add_track(w, _place(rng, 30.0))]
        t.models = count
        t.mu[:count] = rng.dirichlet(np.ones(count))
        t.x[:count] += rng.normal(scale=5.0, size=(count, 6))
        t.p[:] = [random_covariance(rng, 6, 20.0) for _ in range(MODELS)]
        mu, x, p = t.mu[:count], t.x[:count], t.p[:count]
        mean = mu @ x
        moments.append((mean, np.einsum("m,mij->ij", mu, p + np.einsum("mi,mj->mij", x - mean, x - mean))))
    off = moments[0][0] - moments[1][0]
    expected = off @ np.linalg.solve(moments[0][1] + moments[1][1], off)
    assert lifecycle.state_distance(w.tracks[0], w.tracks[1], w.work) == pytest.approx(expected, rel=1e-6)
    assert lifecycle.state_distance(w.tracks[1], w.tracks[0], w.work) == pytest.approx(expected, rel=1e-6)
    assert lifecycle.state_distance(w.tracks[0], w.tracks[0], w.work) == pytest.approx(0.0, abs=1e-9)
    w.tracks[0].p[:] = w.tracks[1].p[:] = -np.eye(6)
    assert lifecycle.state_distance(w.tracks[0], w.tracks[1], w.work) > 1e8  # nothing is near to nonsense


@pytest.mark.parametrize(
    ("first", "second", "left"), [(5, 3, 3), (3, 5, 3), (0, 4, 4), (4, 0, 4), (0, 0, 0)]
)  # public numbers; 0 is none yet
def test_the_older_number_lives_on(first: int, second: int, left: int) -> None:
    w, rng = small_world(), np.random.default_rng(1)
    for number, existence, birth in ((first, 0.6, 10), (second, 0.5, 5)):
        t = w.tracks[add_track(w, _place(rng, 10.0), existence=existence)]
        t.number, t.birth_ns, t.hits = number, birth, birth
    state = w.tracks[0].x.copy()
    w.tracks[1].identity, w.tracks[1].confirmed = 8, 1
    lifecycle.join_pair(0, 1, w)
    t = w.tracks[0]
    assert t.number == left
    assert t.existence == pytest.approx(1 - 0.4 * 0.5)
    assert (t.birth_ns, t.hits, t.identity, t.confirmed) == (5, 10, 8, 1)
    np.testing.assert_array_equal(t.x, state)
    assert w.tracks["used"].tolist()[:2] == [1, 0]
    assert (w.tally.joined, w.tally.tracks, w.tally.ended) == (1, 1, 0)  # what was joined has not ended
    _check_rows(w)


def test_a_track_ends_when_it_is_unlikely_or_anywhere() -> None:
    w = small_world()
    t = w.tracks[add_track(w, np.array([0.0, 0.0, 100.0, 0.0, 0.0, 0.0]))]
    rules = w.rules
    assert not lifecycle.should_end(t, rules)
    t.spread[0] = 3.01 * rules.end_sigma_m**2
    assert lifecycle.should_end(t, rules)
    t.spread[0], t.existence = 10.0, 0.5 * rules.drop
    assert lifecycle.should_end(t, rules)
    t.existence, t.birth_existence = 0.5 * rules.drop_share, 1.0
    assert lifecycle.should_end(t, rules)
    t.confirmed = 1  # what was confirmed has a longer breath
    assert not lifecycle.should_end(t, rules)


def _pair(existences: tuple[float, float] = (0.6, 0.5), apart_m: float = 5.0) -> World:
    """Two tracks of one place, give or take some metres."""
    w = small_world()
    for existence, east in zip(existences, (0.0, apart_m), strict=True):
        add_track(w, np.array([east, 500.0, 200.0, 3.0, 4.0, 0.0]), existence=existence)
    return w


def _rivals(w: World, taken: float = 1.0) -> bool:
    one, two = w.tracks[0], w.tracks[1]
    either = bool(lifecycle.are_rivals(one, two, taken, w))
    assert either == bool(lifecycle.are_rivals(two, one, taken, w))
    return either


def test_rivals_are_two_likely_tracks_of_one_object() -> None:
    assert _rivals(_pair())
    assert not _rivals(_pair(apart_m=500.0))
    assert not _rivals(_pair(existences=(0.99, 0.98)))  # together they say two objects
    assert not _rivals(_pair(existences=(0.9, 0.01)))  # the second may be the first sign of another
    assert not _rivals(_pair(), taken=2.0)  # both have their own reports
    other_time = _pair()
    other_time.tracks[1].state_ns += 1
    assert not _rivals(other_time)
    named = _pair()
    named.tracks[0].identity, named.tracks[1].identity = 1, 2
    assert not _rivals(named)
    named.tracks[1].identity = 1
    assert _rivals(named)


def _shared_report(w: World, beta: tuple[float, float]) -> None:
    """A frame of one report that both tracks hold to the given shares."""
    w.frame.plots, w.frame.candidates, w.frame.edges = 1, 2, 2
    for k in range(2):
        c, edge = w.candidates[k], w.edges[k]
        c.track, c.first, c.last, c.taken = k, k, k + 1, beta[k]
        edge.plot, edge.beta = 0, beta[k]


@pytest.mark.parametrize("existences", [(0.6, 0.5), (0.5, 0.6)])
def test_rivals_for_one_report_are_joined_into_the_likelier(existences: tuple[float, float]) -> None:
    w = _pair(existences)
    _shared_report(w, (0.5, 0.4))
    lifecycle.join_rivals(w)
    assert w.tracks["used"][:2].tolist() == [int(existences[0] > existences[1]), int(existences[1] > existences[0])]
    assert (w.tally.joined, w.tally.tracks) == (1, 1)
    _check_rows(w)


@pytest.mark.parametrize(("apart_m", "beta"), [(500.0, (0.5, 0.4)), (5.0, (0.5, 1e-4))])
def test_tracks_that_are_apart_or_share_nothing_stay(apart_m: float, beta: tuple[float, float]) -> None:
    w = _pair(apart_m=apart_m)
    _shared_report(w, beta)
    lifecycle.join_rivals(w)
    assert (w.tally.joined, w.tally.tracks) == (0, 2)
