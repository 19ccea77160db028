"""The core out of a checkpoint, also on another machine.

Part of a saved state is made anew from the setup and only compared: on another processor its last bits may differ.
There the values that are made here are taken for the saved ones if they agree to within `CLOSE`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreState, save_state
from lowsky.model.errors import InputError

from .header import Setup

CLOSE = 1e-9  # relative, of what is made from the setup


def restored_core(setup: Setup, tables: dict[str, NDArray[Any]], elsewhere: bool) -> CoreState:
    """The core as it was at a checkpoint; `elsewhere`: recorded by another version or machine.

    Raises:
        InputError: if the checkpoint does not fit this version of lowsky.
    """
    try:
        if elsewhere:
            fresh = save_state(setup.fresh())
            tables = {name: _nearly(table, fresh.get(name)) for name, table in tables.items()}
        return setup.restored(tables)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError(f"a checkpoint does not fit this version of lowsky: {error}") from None


def _nearly(saved: NDArray[Any], fresh: NDArray[Any] | None) -> NDArray[Any]:
    """What is made from the setup where it is the same but for rounding, else what was saved."""
    if fresh is None or saved.dtype != fresh.dtype or saved.shape != fresh.shape:
        return saved
    fields = saved.dtype.names
    pairs = [(saved[f], fresh[f]) for f in fields] if fields else [(saved, fresh)]
    return fresh if all(_alike(x, y) for x, y in pairs) else saved


def _alike(saved: NDArray[Any], fresh: NDArray[Any]) -> bool:
    if saved.dtype.kind == "V":  # records within records are learnt, not made
        return False
    return bool(np.allclose(saved, fresh, rtol=CLOSE, atol=0.0, equal_nan=True))
