"""Pictures and airs for tests of what leaves the house."""

from __future__ import annotations

from typing import Any

import numpy as np

from lowsky.model.air import Air
from lowsky.model.picture import Picture


def picture_of(numbers: list[int], time_ns: int, far_m: float = 0.0) -> Picture:
    """Confirmed rows of these numbers, 100 m apart and `far_m` north-east of the origin, each with a full covariance;
    the first declares identity 0."""
    n = len(numbers)
    rng = np.random.default_rng(5)
    lower = np.tril(rng.normal(size=(n, 6, 6))) + 3.0 * np.eye(6)
    state = np.tile([far_m, far_m, 120.0, 12.0, -9.0, 1.5], (n, 1))
    state[:, 0] += 100.0 * np.arange(n)
    return Picture(
        time_ns=np.full(n, time_ns, dtype=np.int64),
        track=np.array(numbers, dtype=np.int64),
        status=np.ones(n, dtype=np.uint8),
        state=state,
        covariance=lower @ np.swapaxes(lower, 1, 2),
        existence=np.full(n, 0.99),
        model_probability=np.tile([0.8, 0.1, 0.1], (n, 1)),
        first_report_ns=np.full(n, time_ns - 5_000_000_000, dtype=np.int64),
        last_report_ns=np.full(n, time_ns - 300_000_000, dtype=np.int64),
        rcs_dbsm=np.full(n, np.nan),
        reports=np.full(n, 17, dtype=np.int64),
        group_n=np.ones(n, dtype=np.int64),
        identity=np.where(np.arange(n) == 0, 0, -1).astype(np.int32),
        kind=np.zeros(n, dtype=np.uint8),
    )


def air(numbers: list[int], **columns: Any) -> Air:
    """Confirmed objects of these numbers, 120 m above 56 N 11 E; columns not given are the same for all."""
    n, time_ns = len(numbers), int(columns.pop("time_ns", 1_700_000_000_000_000_000))
    given: dict[str, Any] = {
        "status": 1, "latitude_deg": 56.0, "longitude_deg": 11.0, "height_m": 120.0,
        "velocity_mps": (12.0, -9.0, 1.5), "covariance": np.diag([25.0, 16.0, 9.0, 1.0, 1.0, 0.25]), "existence": 0.99,
        "kind": 0, "kind_probability": np.nan, "level": 0, "rcs_dbsm": np.nan,
        "first_report_ns": time_ns - 5_000_000_000, "last_report_ns": time_ns - 300_000_000, "reports": 17,
        "group_n": 1,
    } | columns  # fmt: skip
    identity = tuple(given.pop("identity", ("",) * n))
    whole = dict.fromkeys(("status", "kind", "level"), np.uint8) | dict.fromkeys(
        ("first_report_ns", "last_report_ns", "reports", "group_n"), np.int64
    )
    shapes = {"velocity_mps": (n, 3), "covariance": (n, 6, 6)}
    arrays: dict[str, Any] = {
        name: np.broadcast_to(np.asarray(value, dtype=whole.get(name, np.float64)), shapes.get(name, (n,))).copy()
        for name, value in given.items()
    }
    return Air(time_ns=time_ns, number=np.array(numbers, dtype=np.int64), identity=identity, **arrays)
