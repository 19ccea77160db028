"""Threads that help the one that works events: they do parts of what a frame does to many tracks (kernels.crew).

They live while the kernels work, and no longer: before a table is enlarged, saved or read they have gone. What they do
does not depend on how many they are, or on whether they come at all, so the picture is the same to the bit with one
thread and with many; how many there may be is said by who runs the step (`CoreState.threads`).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from ..kernels import crew, layout, timeline
from ..kernels.layout import World
from ..tracking.memory import new_work, table

MOST = 8  # threads at once: parts of a frame are small, and there are crew.PARTS of them
TRACKS = 400  # with fewer a frame has too little to do for two
EVENTS = 200  # with fewer the helpers are called for nothing


@contextmanager
def helped(world: World, threads: int, events: int) -> Iterator[None]:
    """While in here up to `threads` - 1 threads help with the world, if there is enough to do."""
    tracks = len(world.tracks) - int(world.tally["tracks_free"])
    threads = min(threads, MOST, len(world.candidates))  # each predicts rows of the picture in one of these
    if threads < 2 or tracks < TRACKS or events < EVENTS:
        yield
        return
    world.crew[crew.STOP] = 0
    helpers = [_pool().submit(_help, world._replace(work=work)) for work in works(threads)]
    try:
        yield
    finally:
        world.crew[crew.STOP] = 1
        leave(helpers)


def leave(helpers: list[Future[None]]) -> None:
    """Wait until all helpers have gone that had come; raises what one of them raised."""
    came = [helper for helper in helpers if not helper.cancel()]
    wait(came)
    for helper in came:
        helper.result()


def works(threads: int) -> list[Any]:
    """Work spaces of the helpers, of thread 1 on."""
    return [new_work(who) for who in range(1, threads)]


def _help(world: World) -> None:
    """Do parts of what another thread offers, until it says that it is done."""
    none = table(layout.REPORT, 0)
    timeline.run(world, np.empty(0, np.int8), np.empty(0, np.int64), np.empty(0, np.int64), 0, none, none)


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(MOST - 1, thread_name_prefix="lowsky-hand")
