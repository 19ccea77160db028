"""When an object could first be placed, against the definition in plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from lowsky.evaluate.placed import first_placed
from lowsky.model.errors import InputError


def by_definition(source: np.ndarray, at: np.ndarray, sensor: np.ndarray, direct: np.ndarray) -> dict[int, float]:
    first: dict[int, float] = {}
    for k in range(len(source)):
        partners = (source == source[k]) & ~direct & (sensor != sensor[k]) & (at <= at[k]) & (at[k] - at <= 2.0)
        if source[k] >= 0 and (direct[k] or partners.any()):
            first[int(source[k])] = min(at[k], first.get(int(source[k]), np.inf))
    return first


@pytest.mark.parametrize("seed", range(20))
def test_is_the_definition(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    source, sensor = rng.integers(-1, 6, n), rng.choice(["a", "b", "c"], n)
    at, direct = np.sort(rng.uniform(0, 80, n)), rng.uniform(size=n) < 0.06
    labels, first = first_placed(source, at, sensor, direct)
    assert dict(zip(labels.tolist(), first.tolist(), strict=True)) == by_definition(source, at, sensor, direct)


def test_unequal_lengths() -> None:
    with pytest.raises(InputError, match="sources has 2 rows where plots has 3"):
        first_placed(np.zeros(2, np.int64), np.zeros(3), np.zeros(3), np.ones(3, np.bool_))
