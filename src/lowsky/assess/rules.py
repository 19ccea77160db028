"""Rules of warning: each declared once, with its unit, default and reason."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise

import msgspec

from ..model.kinds import Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules. Times s, lengths m, speeds m/s, probabilities 0..1."""

    look_s: float = 0.5  # at most so often, however quick the ticks: nothing that is told changes faster
    watch_horizon_s: float = 150.0  # how far ahead anybody looks: beyond, courses of small aircraft tell nothing
    warning_horizon_s: float = 90.0  # a minute to act and half a minute to see, decide and pass it on
    imminent_horizon_s: float = 25.0  # time left only for what is ready: shelter, alarm
    margin_m: float = 120.0  # who will pass this close counts as coming: nobody holds a course to a metre
    watch_up: float = 0.3  # probability of coming at a watch
    warning_up: float = 0.5  # at a warning
    imminent_up: float = 0.6  # at the highest level
    watch_down: float = 0.05  # below which a watch sinks; far below, so that noise does not make levels flicker
    warning_down: float = 0.08  # below which a warning sinks
    imminent_down: float = 0.15  # below which the highest level sinks
    hold_s: float = 8.0  # a level sinks after so long below its bound: a weave in the course is not the end of a danger
    lost_s: float = 25.0  # a notice ends so long after its object was last in the picture, on no new number
    wave_s: float = 60.0  # objects whose notices are raised within this time of the wave's latest ...
    wave_angle_rad: float = 0.7  # ... and who come from within 40 degrees of its first belong to one call
    inherit_s: float = 20.0  # a new number may continue an object gone for so long
    inherit_m: float = 60.0  # within this distance of where it would be by now ...
    inherit_growth_mps: float = 10.0  # and so much more each second since, for it may have turned
    inherit_mps: float = 12.0  # and with a velocity that differs by no more
    inherit_overlap_s: float = 5.0  # of their reports: who was there longer while the other was seen is another
    join_s: float = 2.0  # one that is gone for so long ...
    join_m: float = 25.0  # and would be so near to one that stays, as tracks of one object are ...
    join_mps: float = 6.0  # with a velocity that differs by no more, was joined to it
    vessel_lost_s: float = 60.0  # a vessel not heard for so long has no known position: nothing is assessed against it
    turning_s: float = 300.0  # mean time between changes of course of what flies straight
    harmless: tuple[Kind, ...] = (Kind.BIRD, Kind.BALLOON, Kind.AIRCRAFT, Kind.VESSEL)  # nobody is warned of these
    leg_s: float = 4.0  # courses are compared over legs so long: a bird has turned by then, noise is a few degrees
    fix_share: float = 0.5  # of the tracker's sigma of position counts: neighbouring fixes share most of their error
    straight_rad: float = 0.035  # change of course of straight flight from leg to leg, one standard deviation
    turned_rad: float = 0.5  # of what is in a turn
    wander_rad: float = 0.45  # of a bird
    bird_straight: float = 0.2  # share of legs over which birds keep their course, too
    turn_s: float = 8.0  # mean time of a turn
    between_turns_s: float = 60.0  # mean time between turns of what is steered
    most_odds: float = 5.0  # logarithm of odds beyond which more of the same tells nothing new
    slow_odds: float = 0.3  # of steered flight over a bird among slow things, at first
    now_weight: float = 0.8  # how much the tracker's present belief in steady flight adds to those odds
    now_middle: float = 1.2  # logarithm of its odds of steady flight that speaks for neither
    fast_mps: float = 20.0  # what is faster over ground is no bird
    fast_sigma_mps: float = 2.0  # and how sharp that is
    habit_s: float = 5.0  # fading memory of speed and climb
    drift_mps: float = 9.0  # balloons drift no faster, on most days
    rise_mps: float = 0.5  # and rise all the time
    rise_s: float = 30.0  # fading memory of whether they do
    rise_share: float = 0.7  # and do so for so much of it
    rcs_middle_dbsm: float = -24.5  # radar cross section that speaks neither for a bird nor for a small drone
    rcs_weight_per_db: float = 0.1  # what a decibel more adds to the odds; kinds overlap widely
    rcs_most: float = 1.0  # and no more in all, for a large bird is not rare
    velocity_share: float = 0.15  # of the tracker's sigma of velocity is the error of who flies steadily
    noise_along: float = 0.002  # spectrum of acceleration along the way, m^2/s^3: 0.35 m/s after a minute
    noise_across: float = 0.05  # across it: nobody holds a course better
    noise_up: float = 0.05  # vertical

    def __post_init__(self) -> None:
        """Refuse what cannot be a rule.

        Raises:
            ValueError: "field: value is ...".
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                continue
            least = -1e9 if field.name in SIGNED else 1e-6 if field.name in POSITIVE else 0.0
            most = 1.0 if field.name in SHARES else 1e9
            if not least <= value <= most:
                raise ValueError(f"{field.name}: {value:g} is not between {least:g} and {most:g}")
        _check_order(self, "imminent_horizon_s", "warning_horizon_s", "watch_horizon_s")
        for level in ("watch", "warning", "imminent"):
            _check_order(self, f"{level}_down", f"{level}_up")


SIGNED = {"slow_odds", "now_middle", "rcs_middle_dbsm"}
POSITIVE = set(
    "watch_horizon_s warning_horizon_s imminent_horizon_s turning_s leg_s straight_rad turned_rad wander_rad turn_s "
    "between_turns_s fast_sigma_mps habit_s rise_s".split()
)
SHARES = {f"{level}_{way}" for level in ("watch", "warning", "imminent") for way in ("up", "down")} | {
    "bird_straight",
    "velocity_share",
    "rise_share",
}


def rules_text(rules: Rules) -> str:
    """The rules as JSON: how an action and a saved state carry them."""
    return msgspec.json.encode(rules).decode()


def rules_from_text(text: str) -> Rules:
    """The rules that `rules_text` wrote.

    Raises:
        ValueError: if the text is not of that form, or a rule cannot be.
    """
    try:
        return msgspec.json.decode(text, type=Rules)
    except msgspec.MsgspecError as error:
        raise ValueError(f"not the rules of warning: {error}") from None


def _check_order(rules: Rules, *names: str) -> None:
    for low, high in pairwise(names):
        if not getattr(rules, low) <= getattr(rules, high):
            raise ValueError(f"{low}: {getattr(rules, low):g} is more than {high}, {getattr(rules, high):g}")
