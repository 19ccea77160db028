"""Times of day to instants: the one nearest to the receipt, so that midnight between sending and receipt is no harm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lowsky.model.timebase import NS_PER_S

from ..drafts import NO_INSTANT

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
DAY_S = 86_400.0


def instants(time_s: Floats, received_ns: Longs, period_s: float = DAY_S) -> Longs:
    """Instants (n,) UTC ns of clocks that count seconds from midnight and begin anew after `period_s`.

    What is missing, or more than such a clock can say, is NO_INSTANT. Seconds in steps of 1/128 come out exactly.
    """
    good = (time_s >= 0.0) & (time_s < period_s)
    said_ns = np.rint(np.where(good, time_s, 0.0) * NS_PER_S).astype(np.int64)
    period_ns = int(period_s) * NS_PER_S
    since_midnight = received_ns % (int(DAY_S) * NS_PER_S)
    half = period_ns // 2
    ahead = (said_ns - since_midnight + half) % period_ns - half
    return np.where(good, received_ns + ahead, NO_INSTANT)
