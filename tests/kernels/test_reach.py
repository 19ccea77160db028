"""Reach against Monte Carlo runs of the same model, closed forms, and geometry of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowsky.kernels import cuts, reach

Floats = NDArray[np.float64]
HORIZONS = np.array([120.0, 60.0, 20.0])
CIRCLE = [[0.0, 0.0, 0.0, 0.0]]
CORNERS = [[-400.0, -200.0], [400.0, -200.0], [400.0, 300.0], [-400.0, 300.0]]
SQUARE = [[*a, *b] for a, b in zip(CORNERS, CORNERS[1:] + CORNERS[:1], strict=True)]
BENT = [[-600.0, 300.0, 0.0, 0.0], [0.0, 0.0, 500.0, 400.0]]


@dataclass(frozen=True)
class Case:
    """One object and one place."""

    at: tuple[float, float, float]
    velocity: tuple[float, float, float]
    segments: list[list[float]]
    radius_m: float
    ring: bool = False
    sigma_m: float = 8.0
    sigma_mps: float = 1.0
    way: tuple[float, float, float, float] = (0.02, 0.05, 0.05, 1.0 / 300.0)
    band: tuple[float, float] = (-1000.0, 800.0)
    where: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)
    margin_m: float = 100.0
    tolerance: float = 0.02

    @property
    def covariance(self) -> Floats:
        p = np.diag([self.sigma_m**2] * 2 + [100.0] + [self.sigma_mps**2] * 2 + [0.25])
        for axis in range(3):
            p[axis, axis + 3] = p[axis + 3, axis] = 0.4 * math.sqrt(p[axis, axis] * p[axis + 3, axis + 3])
        p[0, 1] = p[1, 0] = 0.3 * self.sigma_m**2
        p[3, 4] = p[4, 3] = -0.2 * self.sigma_mps**2
        return p


def worked(cases: list[Case]) -> tuple[NDArray[np.int64], Floats]:
    """Row of each result's case, and the results, of one call with every case an object and a place of its own."""
    n = len(cases)
    segments = np.array([s for c in cases for s in c.segments], dtype=np.float64)
    first = np.cumsum([0, *(len(c.segments) for c in cases)])
    ends = [np.array(c.segments, dtype=np.float64).reshape(-1, 2) for c in cases]
    centres = np.array([0.5 * (e.min(axis=0) + e.max(axis=0)) for e in ends])
    extents = np.array([np.hypot(*(e - c).T).max() for e, c in zip(ends, centres, strict=True)])
    objects, places = np.empty(n * n, dtype=np.int64), np.empty(n * n, dtype=np.int64)
    results = np.empty((n * n, reach.RESULTS))
    count = reach.reach(
        np.array([[*c.at, *c.velocity] for c in cases]),
        np.array([c.covariance for c in cases]),
        np.array([c.at[2] for c in cases]),
        np.array([c.way for c in cases]),
        np.array([c.where for c in cases]),
        np.array([c.drift for c in cases]),
        segments,
        first,
        np.array([c.ring for c in cases]),
        np.array([c.radius_m for c in cases]),
        np.array([c.band for c in cases]),
        centres,
        extents,
        HORIZONS,
        cases[0].margin_m,
        objects,
        places,
        results,
    )
    own = objects[:count] == places[:count]
    return objects[:count][own], results[:count][own]


def inside(case: Case, x: Floats, radius_m: float) -> NDArray[np.bool_]:
    """Are points (n, 2) in the place? By distances to segments and the winding of the ring: an oracle of its own."""
    near = np.zeros(len(x), dtype=np.bool_)
    winding = np.zeros(len(x))
    for ax, ay, bx, by in case.segments:
        a, b = np.array([ax, ay]), np.array([bx, by])
        along = np.clip((x - a) @ (b - a) / max((b - a) @ (b - a), 1e-9), 0.0, 1.0)
        near |= np.hypot(*(x - a - along[:, None] * (b - a)).T) <= radius_m
        p, q = a - x, b - x
        winding += np.arctan2(p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0], (p * q).sum(axis=1))
    return near | (case.ring & (np.abs(winding) > math.pi))


def simulated(case: Case, runs: int = 4000, step_s: float = 0.5) -> tuple[Floats, Floats]:
    """Times of entering (inf: not by the first horizon) of the place itself, and of it with its margin."""
    rng = np.random.default_rng(5)
    state = rng.multivariate_normal([*case.at, *case.velocity], case.covariance, runs)
    x, v = state[:, :3], state[:, 3:]
    place = np.array(case.where) + rng.normal(size=(runs, 4)) * np.sqrt(
        [case.drift[0], case.drift[0], case.drift[1], case.drift[1]]
    )
    gives_up = rng.exponential(1.0 / case.way[reach.GIVES_UP], runs)
    relative = np.array(case.velocity[:2]) - case.where[2:]
    along = relative / max(float(np.hypot(*relative)), 1e-9)
    axes = np.array([[*along, 0.0], [-along[1], along[0], 0.0], [0.0, 0.0, 1.0]])
    spectra = np.array([case.way[reach.Q_ALONG], case.way[reach.Q_ACROSS], case.way[reach.Q_UP]])
    times = [np.full(runs, np.inf), np.full(runs, np.inf)]
    for k in range(int(HORIZONS[0] / step_s) + 1):
        t = k * step_s
        spot = x[:, :2] - place[:, :2] - t * place[:, 2:]
        held = (x[:, 2] > case.band[0]) & (x[:, 2] < case.band[1]) & (t < gives_up)
        for time, radius_m in zip(times, (case.radius_m, case.radius_m + case.margin_m), strict=True):
            time[held & np.isinf(time) & inside(case, spot, radius_m)] = t
        push = (rng.normal(size=(runs, 3)) * np.sqrt(spectra * step_s)) @ axes
        x = x + step_s * v + 0.5 * step_s * push
        v = v + push
        v[:, 2] *= math.exp(-reach.CLIMB_DECAY_PER_S * step_s)
    return times[0], times[1]


CASES = {
    "straight at it": Case((0, 3000, 150), (0, -40, 0), CIRCLE, 300.0),
    "a near miss": Case((350, 3000, 150), (0, -40, 0), CIRCLE, 300.0),
    "wide of it": Case((700, 3000, 150), (0, -40, 0), CIRCLE, 300.0),
    "slow and vague": Case((-500, 400, 100), (9, -6, 0), CIRCLE, 200.0, sigma_mps=2.0, sigma_m=20.0, tolerance=0.04),
    "gives up often": Case((0, 1500, 100), (0, -15, 0), CIRCLE, 200.0, way=(0.02, 0.2, 0.05, 1.0 / 60.0)),
    "inside": Case((100, 50, 100), (5, 0, 0), CIRCLE, 300.0),
    "leaving": Case((0, 800, 100), (2, 20, 0), CIRCLE, 300.0),
    "from below the band": Case((0, 2500, 60), (0, -30, 3), CIRCLE, 300.0, band=(120.0, 500.0), tolerance=0.06),
    "above the band": Case((0, 2500, 700), (0, -30, 0), CIRCLE, 300.0, band=(-100.0, 500.0)),
    "at a vessel that goes": Case(
        (0, 3000, 150), (0, -40, 0), CIRCLE, 350.0, where=(-700, 200, 9, 3), drift=(400, 0.5)
    ),
    "at a square": Case((-2500, 100, 150), (40, 2, 0), SQUARE, 0.0, ring=True),
    "at its corner": Case((-2500, 320, 150), (40, 0, 0), SQUARE, 50.0, ring=True),
    "along a corridor": Case((-2500, 800, 150), (38, -12, 0), BENT, 80.0, tolerance=0.06),
    "across a corridor": Case((300, 2500, 150), (0, -35, 0), BENT, 80.0, sigma_mps=3.0),
}


@pytest.mark.parametrize("name", CASES)
def test_reach_agrees_with_simulated_flights(name: str) -> None:
    case = CASES[name]
    entered, near = simulated(case)
    rows, results = worked([case])
    result = results[0] if len(rows) else np.array([0.0] * 4 + [np.nan] * 3)
    assert result[reach.ENTER] == pytest.approx((entered <= HORIZONS[0]).mean(), abs=case.tolerance)
    for h, horizon in enumerate(HORIZONS):
        assert result[reach.NEAR_FAR + h] == pytest.approx((near <= horizon).mean(), abs=case.tolerance)
    times = entered[np.isfinite(entered)]
    if len(times) > 1000 and entered.max() == np.inf:
        told = result[reach.EARLY :]
        expected = np.quantile(times, [0.05, 0.5, 0.95])
        assert told == pytest.approx(expected, abs=0.6 + 0.25 * float(expected[2] - expected[0]))


def test_what_has_no_known_position_is_left_out() -> None:
    case = CASES["straight at it"]
    rows, _ = worked([case, replace(case, where=(math.nan, math.nan, math.nan, math.nan)), case])
    assert rows.tolist() == [0, 2]


@given(st.floats(0.0, 2.0 * math.pi), st.sampled_from(sorted(CASES)))
def test_reach_does_not_depend_on_where_north_is(angle: float, name: str) -> None:
    c, s = math.cos(angle), math.sin(angle)
    turn = np.array([[c, -s], [s, c]])
    case = replace(CASES[name], sigma_m=9.0)
    turned = replace(
        case,
        at=(*(turn @ case.at[:2]), case.at[2]),
        velocity=(*(turn @ case.velocity[:2]), case.velocity[2]),
        segments=[[*(turn @ s[:2]), *(turn @ s[2:])] for s in np.array(case.segments)],
        where=(*(turn @ case.where[:2]), *(turn @ case.where[2:])),
    )
    both = np.kron(np.eye(2), np.block([[turn, np.zeros((2, 1))], [np.zeros((1, 2)), np.eye(1)]]))
    straight, results = reached(case, case.covariance), reached(turned, both @ case.covariance @ both.T)
    assert results == pytest.approx(straight, abs=1e-6, nan_ok=True)


def reached(case: Case, covariance: Floats) -> Floats:
    """Results of one pair, asked without the shortcut for what is out of reach."""
    out = np.zeros(reach.RESULTS)
    out[reach.EARLY :] = np.nan
    u = np.array(case.velocity[:2]) - case.where[2:]
    x, y = np.array(case.at[:2]) - case.where[:2]
    reach.pair_reach(
        x, y, u, covariance, np.array(case.drift), case.at[2], case.velocity[2], np.array(case.way),
        np.array(case.segments), case.radius_m, case.ring, np.array(case.band), HORIZONS, case.margin_m,
        np.empty((reach.NODES, 3)), out,
    )  # fmt: skip
    return out


@given(
    st.tuples(*[st.floats(-9000.0, 9000.0)] * 2),
    st.tuples(*[st.floats(-70.0, 70.0)] * 2),
    st.sampled_from(sorted(CASES)),
    st.floats(0.1, 30.0),
)
def test_the_shortcut_leaves_out_only_what_hardly_comes(
    at: tuple[float, float], velocity: tuple[float, float], name: str, sigma_mps: float
) -> None:
    case = replace(CASES[name], at=(*at, 100.0), velocity=(*velocity, 0.0), sigma_mps=sigma_mps)
    rows, results = worked([case])
    exact = reached(case, case.covariance)
    if len(rows):
        assert results[0] == pytest.approx(exact, nan_ok=True)
    else:
        assert exact[reach.NEAR_FAR] < 0.01


@given(
    st.floats(-800.0, 800.0), st.floats(-800.0, 800.0), st.floats(0.1, 150.0), st.sampled_from([SQUARE, BENT, CIRCLE])
)
def test_inside_agrees_with_winding_and_distance(
    x: float, y: float, radius_m: float, segments: list[list[float]]
) -> None:
    ring = segments is SQUARE
    case = Case((0, 0, 0), (0, 0, 0), segments, radius_m, ring)
    expected = inside(case, np.array([[x, y]]), radius_m)[0]
    edge = [inside(case, np.array([[x + dx, y + dy]]), radius_m)[0] for dx in (-0.01, 0.01) for dy in (-0.01, 0.01)]
    if all(e == expected for e in edge):
        assert cuts.is_inside(x, y, np.array(segments), radius_m, ring) == expected


@pytest.mark.parametrize("z", [-3.0, -1.0, 0.0, 0.5, 2.0])
def test_normal_cdf_of_the_tables(z: float) -> None:
    assert reach.normal_cdf(z) == pytest.approx(NormalDist().cdf(z), abs=1e-12)
