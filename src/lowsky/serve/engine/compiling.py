"""Compiling the kernels on a machine that has not yet: in two processes side by side, as it takes minutes."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress

from lowsky.core import is_warm, warm, warm_frames, warm_rest


def make_ready() -> None:
    """Compile all kernels of the tracker, or load them from the cache. What the processes fail to do is done here."""
    if not is_warm():
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool, suppress(BrokenProcessPool):
            for part in [pool.submit(warm_rest), pool.submit(warm_frames)]:
                part.result()
    warm()
