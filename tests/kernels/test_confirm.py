"""The knob of confirmation: odds are a martingale among false reports, the share of a gate that passes them is a volume
(against drawing at random), and the odds asked for are where the counted passages say."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels import confirm, layout
from lowsky.kernels.layout import LADDER
from lowsky.kernels.update import existence_update
from lowsky.tracking.memory import table
from tests.kernels.worlds import START_NS, record, small_world

ODDS = st.floats(-4.0, 4.0).map(lambda e: 10.0**e)


def one_model(existence: float, detection: float, n: int, models: int = 1) -> tuple[Any, Any]:
    """A candidate with equally likely models, and an edge of n parts."""
    c = record(layout.CANDIDATE, existence=existence, detection=detection, models=models, first=0, last=1)
    c.mu[:models] = 1.0 / models
    return c, record(layout.EDGE, n=n)


@pytest.mark.parametrize("detection", [0.3, 0.9])
def test_odds_are_a_martingale_among_false_reports(detection: float) -> None:
    """Poisson false reports of known density round a predicted one, in one dimension: the mean of the odds stays."""
    rng, before, density, half = np.random.default_rng(1), 0.02, 0.3, 6.0
    after = []
    for count in rng.poisson(density * 2 * half, 4000):
        z = rng.uniform(-half, half, count)
        like = np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) / density
        edges = table(layout.EDGE, max(count, 1))
        edges["weight"][:count], edges["back"] = before * detection * like, 1.0
        c = record(layout.CANDIDATE, existence=before, first=0, last=count, models=1)
        r = existence_update(c, detection, edges)
        after.append(r / (1.0 - r))
    assert np.mean(after) == pytest.approx(before / (1.0 - before), abs=4 * np.std(after) / math.sqrt(len(after)))


@given(st.integers(2, 4), st.floats(0.5, 12.0), st.floats(-3.0, 12.0), st.integers(0, 2**32 - 1))
def test_the_share_of_a_gate_is_that_of_points_drawn(n: int, log_peak: float, log_ratio: float, seed: int) -> None:
    gate, draws = 20.0, 2000
    rng = np.random.default_rng(seed)
    c, edge = one_model(0.1, 0.9, n)
    share = confirm.passage_share(c, edge, np.array([math.exp(log_peak)]), math.exp(log_ratio), gate)
    direction = rng.normal(size=(draws, n))
    points = direction / np.linalg.norm(direction, axis=1)[:, None] * rng.uniform(size=draws)[:, None] ** (1 / n)
    d2 = gate * (points**2).sum(axis=1)
    passed = log_peak - 0.5 * d2 >= log_ratio
    assert share == pytest.approx(passed.mean(), abs=5 * math.sqrt(0.25 / draws))


def test_a_narrow_model_takes_its_part_of_the_widest_gate() -> None:
    """Two models round one place: the peak of one is eight times that of the other, so its volume is an eighth."""
    gate = 20.0
    c, edge = one_model(0.1, 0.9, 3, models=2)
    c.mu[0], c.mu[1] = 0.25, 0.75
    ratio = 0.75 * 400.0 / math.exp(0.5 * gate * 0.25)  # passed by the narrow one within half its gate's radius
    share = confirm.passage_share(c, edge, np.array([50.0, 400.0]), ratio, gate)
    assert share == pytest.approx(0.5**3 / 8.0)


@given(st.floats(1e-6, 0.999), st.floats(0.05, 0.99), ODDS)
def test_the_ratio_needed_carries_odds_there(existence: float, detection: float, odds: float) -> None:
    w = small_world()
    c, _ = one_model(existence, detection, 3)
    t = record(layout.TRACK, hits=5.0)
    ratio = confirm.needed_ratio(t, c, odds, w.rules)
    assert existence * detection * ratio / (1.0 - existence) == pytest.approx(odds)
    t.hits = 1.0
    first = confirm.needed_ratio(t, c, odds, w.rules)
    assert first == pytest.approx(max(ratio, (1.0 - detection) / detection))


@given(st.floats(0.1, 1e4), st.floats(0.02, 500.0), st.floats(600.0, 5000.0))
def test_passages_that_fall_as_one_over_odds(at_one_per_h: float, wanted: float, time_s: float) -> None:
    tally = small_world().tally
    tally.counted_s = time_s
    prior_s = confirm.PRIOR_S * math.exp(-time_s / confirm.PRIOR_FADE_S)
    prior = confirm.PRIOR_SHARE * confirm.BIRTHS_FLOOR_PER_H
    rungs = np.array([confirm.rung_odds(q) for q in range(LADDER)])
    tally.passed = at_one_per_h / rungs * time_s / 3600.0
    per_h = confirm.SHOWN_SHARE * (prior_s * prior + at_one_per_h * time_s) / (prior_s + time_s)
    assert confirm.odds_for(tally, wanted) == pytest.approx(per_h / wanted if per_h / wanted > rungs[0] else 0.0)


@given(st.lists(st.floats(0.0, 50.0), min_size=LADDER, max_size=LADDER), st.floats(0.02, 500.0))
def test_fewer_false_tracks_need_greater_odds(shares: list[float], wanted: float) -> None:
    tally = small_world().tally
    tally.counted_s, tally.births = 900.0, 3.0
    tally.passed = np.cumsum(shares[::-1])[::-1]  # who passes a rung has passed the ones below
    odds = confirm.odds_for(tally, wanted)
    assert confirm.odds_for(tally, 1.5 * wanted) <= odds
    q = max(math.ceil(math.log(max(odds, 1e-30), confirm.STEP)) + confirm.MIDDLE, 0)
    if q < LADDER:
        assert confirm.false_per_h(tally, q) <= wanted * (1 + 1e-9)


def test_everything_is_shown_where_any_number_is_allowed() -> None:
    w = small_world()
    w.rules.false_tracks_per_hour = math.inf
    confirm.renew_odds(w.rules, w.tally)
    assert w.tally.confirm_odds == 0.0
    assert confirm.shows(record(layout.TRACK, hits=9.0, existence=1e-9), w.rules, w.tally, False)


def test_counts_fade_and_odds_are_renewed_once_a_second() -> None:
    w = small_world()
    tally = w.tally
    tally.settled_ns = START_NS
    confirm.note_birth(tally, 2.0)
    confirm.renew_odds(w.rules, tally)
    first = float(tally.confirm_odds)
    bound = confirm.SHOWN_SHARE * confirm.PRIOR_SHARE * 2.0 * 3600.0 / confirm.BIRTHS_S
    assert first == pytest.approx(bound / w.rules.false_tracks_per_hour)
    tally.passed[:] = 1.0
    tally.settled_ns = START_NS + confirm.RENEW_NS - 1
    confirm.renew_odds(w.rules, tally)
    assert (tally.confirm_odds, tally.counted_s) == (first, 0.0)
    tally.settled_ns = START_NS + 60 * confirm.RENEW_NS
    confirm.renew_odds(w.rules, tally)
    np.testing.assert_allclose(tally.passed, math.exp(-60.0 / confirm.MEMORY_S))
    assert tally.counted_s == pytest.approx(60.0)
    assert tally.births == pytest.approx(2.0 * math.exp(-60.0 / confirm.BIRTHS_S))


@given(st.floats(1e-3, 1e4))
def test_what_is_shown_on_little_is_hidden_on_less(odds: float) -> None:
    w = small_world()
    w.tally.confirm_odds = odds
    enough = odds / (1.0 + odds)
    t = record(layout.TRACK, hits=2.0, existence=enough * (1 - 1e-9))
    assert not confirm.shows(t, w.rules, w.tally, True)
    t.existence = enough + (1.0 - enough) * 1e-9
    assert confirm.shows(t, w.rules, w.tally, True)
    assert confirm.hide_existence(t, w.rules) <= min(w.rules.hide, enough)
    t.hits = 1.2
    assert not confirm.shows(t, w.rules, w.tally, True)


def test_other_sensors_than_radars_show_by_the_knob_alone() -> None:
    w = small_world()
    w.tally.confirm_odds = 1e-4
    t = record(layout.TRACK, hits=2.0, existence=0.5)
    assert confirm.shows(t, w.rules, w.tally, True)
    assert not confirm.shows(t, w.rules, w.tally, False)
    t.existence = 0.96
    assert confirm.shows(t, w.rules, w.tally, False)
    assert confirm.hide_existence(t, w.rules) > 0.4


def test_passages_are_counted_for_unclaimed_reports_alone() -> None:
    """One report in the middle of a young track's gate; rungs below the best odds it has had count nothing."""
    w = small_world()
    c, edge = w.candidates[0], w.edges[0]
    c.existence, c.detection, c.models, c.first, c.last, c.mu[0] = 1e-3, 0.9, 1, 0, 1, 1.0
    edge.n, edge.like[0], edge.plot = 4, 1e5, 0
    w.plots[0].alone = 0.8
    t = record(layout.TRACK, hits=2.0, best=0.3)

    def note() -> None:
        confirm.note_passages(c, t, w.edges, w.plots, w.rules, w.tally.passed, w.work.vector[0])

    note()
    expected = [
        0.8 * (min(2.0 * math.log(90.09 / odds) / w.rules.gate, 1.0)) ** 2 if 0.3 < odds < 90.09 else 0.0
        for odds in map(confirm.rung_odds, range(LADDER))
    ]
    np.testing.assert_allclose(w.tally.passed, expected, rtol=1e-3)
    before = w.tally.passed.copy()
    w.plots[0].alone = 0.3
    note()
    assert (w.tally.passed == before).all()
