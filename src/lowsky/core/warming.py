"""Compiling the kernels before they are needed: all of them, or the two large parts of them apart.

Compiling takes minutes, of which most is for what a frame does and for what is known of the sensors. The two parts call
little of each other, so two processes may compile them side by side; `warm` in a third finds both and adds the rest.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ..kernels import frame, looks, registration, snapshot
from ..kernels.cache import compile_for
from ..model.place import Place, Shape
from ..model.report import no_looks, report_batch
from ..model.sensor import Sensor, SensorKind, site_of
from ..model.timebase import NS_PER_S
from .state import CoreInput, CoreState, new_state
from .step import step


def warm() -> None:
    """Compile all kernels, or load them from the cache, by tracking next to nothing."""
    with _uncollected():
        step(_small_state(), CoreInput(report_batch(0), no_looks(), np.array([NS_PER_S], dtype=np.int64)))


def warm_frames() -> None:
    """Compile what a frame does."""
    with _uncollected():
        compile_for(frame.frame, _small_state().world, np.int64(0), np.int64(0))


def warm_rest() -> None:
    """Compile what is known of sensors, what their looks mean and the rows of a picture."""
    world = _small_state().world
    with _uncollected():
        compile_for(registration.renew_until, world, np.int64(0))
        compile_for(looks.finish_look, world, np.int64(0), np.int64(0), np.int64(0))
        compile_for(looks.sweep, world, np.int64(0))
        compile_for(snapshot.write_rows, world, np.int64(0), True)


@contextmanager
def _uncollected() -> Iterator[None]:
    """What a compiler makes lives until it is done: a tenth of the time would go into looking through it."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _small_state() -> CoreState:
    """A site with a sensor of every kind, and a place."""
    sensors = tuple(Sensor(kind.word, kind, 50.0, 8.0, 0.0) for kind in SensorKind)
    return new_state(site_of(sensors), places=(Place("somewhere", "", Shape.POINT, ((50.0, 8.0),), 100.0),))
