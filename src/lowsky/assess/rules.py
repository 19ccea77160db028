"""Rules of warning: each declared once, with its unit, default and reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules. Times s, lengths m, speeds m/s, probabilities 0..1."""

    watch_horizon_s: float = 150.0  # how far ahead anybody looks: beyond, courses of small aircraft tell nothing
    warning_horizon_s: float = 90.0  # a minute to act and half a minute to see, decide and pass it on
    imminent_horizon_s: float = 25.0  # time left only for what is ready: shelter, alarm
    margin_m: float = 120.0  # who will pass this close is taken for one who may enter: nobody holds a course to a metre
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
    join_s: float = 2.0  # one that is gone so shortly beside one that stays was joined to it
    vessel_lost_s: float = 60.0  # a vessel not heard for so long has no known position: nothing is assessed against it
    turning_s: float = 300.0  # mean time between changes of course of what flies straight
    speed_sigma_mps: float = 0.5  # what objects vary in speed on their way, one standard deviation
