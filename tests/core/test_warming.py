"""Kernels are compiled for the types that they are called with, each once, whoever compiles them first."""

from __future__ import annotations

import os
from typing import Any

import pytest

from lowsky.core import is_warm, warm, warm_frames, warm_rest
from lowsky.kernels import frame, intake, looks, registration, sharing, snapshot

ONCE = (
    frame.frame,
    frame.update_tracks,
    frame.finish_frame,
    sharing.associate,
    frame.collect,
    intake.prepare,
    looks.finish_look,
    looks.sweep,
    registration.renew_until,
    snapshot.write_rows,
)


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
@pytest.mark.parametrize("kernel", ONCE, ids=lambda kernel: kernel.py_func.__name__)
def test_no_large_kernel_is_compiled_twice(kernel: Any) -> None:
    """An integer of another width, or a literal, would have all that follows from it compiled once more."""
    warm_frames()
    warm_rest()
    warm()
    assert is_warm()
    assert len(kernel._cache._cache_file._load_index()) == 1
