"""What reports read, into the measurement form of the kernels: one polar quantity of many reports at a time.

A value counts where the report says that it carries it and nothing in the lower sky contradicts; its sigma is the
reported one where that is a positive number, else the sensor's own. See `lowsky.tracking.intake` for the rest.
"""

from __future__ import annotations

import math

from .cache import jit

TWO_PI = 2.0 * math.pi


@jit
def wrapped(angle_rad):
    """The angle in [-pi, pi), to the bit as `lowsky.model.angles.wrap_pi` gives it."""
    turn = (angle_rad + math.pi) % TWO_PI
    return (0.0 if turn >= TWO_PI else turn) - math.pi


@jit
def fill_part(out, part, carries, value, reported, own, bounds, turned):
    """Fill value, variance and mask bit of one part of the records out (n,).

    Args:
        carries: (n,) bool, the report says that it carries the quantity. value, reported: (n,) it and its sigma.
        own: (S,) sigmas of the sensors. bounds: (3,) least and greatest value, greatest sigma.
        turned: 1 for an azimuth, which is wrapped.
    """
    for i in range(len(out)):
        row, v, s = out[i], value[i], reported[i]
        sigma = s if s > 0.0 and s <= bounds[2] else own[row.sensor]
        row.variance[part] = sigma * sigma
        if carries[i] and v >= bounds[0] and v <= bounds[1]:  # NaN is neither
            row.values[part] = wrapped(v) if turned else v
            row.parts |= 1 << part
