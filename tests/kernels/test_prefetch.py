"""A hint changes nothing and may be given for every row."""

from typing import Any

import numpy as np
import pytest

from lowsky.kernels.cache import jit
from lowsky.kernels.prefetch import prefetch

ROW = np.dtype([("value", "f8"), ("rest", "f8", (40,))])


def _sum(table: Any) -> float:
    total = 0.0
    for i in range(len(table)):
        prefetch(table, min(i + 2, len(table) - 1), 0, 256)
        total += table[i].value
    return total


_summed: Any = jit(_sum)


def test_sums_are_the_same_with_the_hint() -> None:
    table = np.zeros(100, dtype=ROW).view(np.recarray)
    table.value = np.arange(100.0)
    assert _summed(table) == 4950.0


@pytest.mark.compiled
def test_the_processor_is_asked() -> None:
    """Four lines of the cache, in every turn of the loop."""
    table = np.zeros(3, dtype=ROW).view(np.recarray)
    _summed(table)
    machine_code = next(iter(_summed.inspect_asm().values()))
    assert machine_code.count("prefetcht0") >= 4
