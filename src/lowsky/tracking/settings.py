"""Settings of the tracker: each declared once, with its unit, default and reason.

Motion models: steady (near-constant velocity), manoeuvring, hovering. Their process noise and switching rates are
about what small drones, one-way drones, birds and light aircraft do, not about one scenario.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from ..kernels import layout
from ..model.knobs import FALSE_TRACKS_PER_HOUR
from ..model.timebase import NS_PER_S
from .memory import table


@dataclass(frozen=True, slots=True)
class MotionModel:
    """One motion model: horizontal velocity decays and turns, driven by white acceleration."""

    decay_per_s: float  # 0: keeps its velocity
    turn_radps: float  # clockwise positive
    noise_along: float  # spectrum of acceleration along the horizontal velocity, m^2/s^3
    noise_across: float  # of that across it
    noise_up: float  # of vertical acceleration


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the tracker. Times s, lengths m, probabilities 0..1."""

    models: tuple[MotionModel, ...] = (
        MotionModel(0.0, 0.0, 0.001, 0.001, 0.15),  # steady: cruise, drift with the wind, slow changes of climb
        MotionModel(0.0, 0.0, 1.5, 24.0, 0.2),  # manoeuvring: turns of 5 m/s^2 for a second, speed changes less
        MotionModel(0.5, 0.0, 0.5, 2.0, 0.1),  # hovering: velocity dies out in two seconds
    )
    switching_per_s: tuple[tuple[float, ...], ...] = (  # row from, column to; the diagonal follows
        (0.0, 0.04, 0.04),
        (0.03, 0.0, 0.03),
        (0.2, 0.2, 0.0),
    )
    start_probability: tuple[float, ...] = (0.15, 0.45, 0.4)
    lag_s: float = 0.35  # reports wait this long before they are worked for good; in order, as most come by then
    settled_lag_s: float = 5.0  # reports no older than this when they come are worked in where they belong
    frame_s: float = 0.02  # reports of one sensor within this time are one frame; 50 m/s is 1 m in it
    gate: float = 20.0  # squared Mahalanobis distance: 99.95 % of the true reports with four values
    gate_sigma: float = 3.7  # of the rough wedge before it
    life_s: float = 200.0  # mean time until an object lands, leaves or falls
    false_tracks_per_hour: float = FALSE_TRACKS_PER_HOUR  # shown on the whole site; the knob of confirmation
    confirm_reports: float = 1.5  # expected reports of a track that is shown: one report alone is never an object
    hide: float = 0.45  # existence below which it is no longer shown; less where it was shown on less
    sure: float = 0.95  # existence at which an object that appeared counts for the rate at which they do
    drop: float = 1e-6  # existence below which a track ends
    drop_share: float = 0.11  # the same for a tentative track, as a share of its existence at birth
    start_density_per_km2: float = 0.3  # undetected objects where nobody has looked yet
    appear_prior: float = 0.2  # the rate at which objects appear is learnt from this many events ...
    appear_prior_s: float = 20.0  # ... in this time, and those confirmed since
    appear_memory_s: float = 60.0  # how long confirmed objects count in that rate
    appear_floor_per_s: float = 0.001  # never believed to be less, on the whole site
    speed_slow_mps: float = 12.0  # horizontal speed of new objects, one axis: multirotors, birds, balloons
    speed_fast_mps: float = 45.0  # fixed wings, aircraft
    speed_up_mps: float = 2.5  # vertical speed of new objects, one standard deviation
    height_mean_m: float = 250.0  # of new objects above the ellipsoid
    height_sigma_m: float = 250.0  # and its standard deviation
    hide_sigma_m: float = 80.0  # horizontal standard deviation beyond which nothing is shown but what posts hear
    end_sigma_m: float = 600.0  # standard deviation beyond which a track ends
    cell_m: float = 2000.0
    sharpness: float = 3.0  # 1: tracks that compete for reports share them; large: each takes its best
    companions: float = 0.001  # objects expected beside a known one that a radar of limited resolution hid so far
    companion_speed_mps: float = 3.0  # difference of their velocities, one axis
    one_evidence: float = 10.0  # log of the odds at which two tracks that no radar resolves become one
    two_evidence: float = 8.0  # the same at which a track that is tried as two becomes two
    join_gate: float = 12.0  # squared distance of the states of two tracks of one object
    join_existence: float = 1.5  # sum of existences above which they are two objects
    birth_alone: float = 0.05  # a report is not made a track if it is more surely another's
    line_age_s: float = 0.25  # two lines of sight further apart in time do not start a track
    foreign_identity: float = 1e-4  # weight of a report that declares another identity than the track's
    future_s: float = 5.0  # reports from further in the future are refused: a clock that runs ahead so far is wrong
    idle_s: float = 20.0  # a tentative track that nothing has seen for so long ends, whoever looks or not
    trace: bool = False  # keep what `lowsky explain` shows


FACTORS: dict[str, tuple[str, float]] = {
    "lag_s": ("lag_ns", NS_PER_S),
    "frame_s": ("frame_ns", NS_PER_S),
    "line_age_s": ("line_age_ns", NS_PER_S),
    "settled_lag_s": ("window_ns", NS_PER_S),
    "future_s": ("future_ns", NS_PER_S),
    "idle_s": ("idle_ns", NS_PER_S),
    "start_density_per_km2": ("start_density_m2", 1e-6),
}
"""Settings whose unit in the kernels differs: name there, and factor. The others are passed as they are."""
NOT_RULES = ("models", "switching_per_s", "start_probability", "trace")


def rules_of(settings: Settings, origin_height_m: float) -> Any:
    """The settings as the record kernels read; `origin_height_m` is that of the region frame above the ellipsoid."""
    rules = table(layout.RULES, 1)[0]
    for field in fields(settings):
        if field.name not in NOT_RULES:
            name, factor = FACTORS.get(field.name, (field.name, 1))
            rules[name] = getattr(settings, field.name) * factor
    rules["origin_height_m"] = origin_height_m
    rules["models"] = [
        (m.decay_per_s, m.turn_radps, m.noise_along, m.noise_across, m.noise_up) for m in settings.models
    ]
    rules["start_mu"] = settings.start_probability
    rates = np.array(settings.switching_per_s, dtype=np.float64)
    np.fill_diagonal(rates, 0.0)
    np.fill_diagonal(rates, -rates.sum(axis=1))
    rules["rates"] = rates
    return rules
