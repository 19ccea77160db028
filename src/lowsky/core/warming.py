"""Compiling the kernels before they are needed: all of them, or the two large parts of them apart.

Compiling takes minutes. What a frame does to tracks, and what ends a frame and is known of the sensors, are two thirds
of that and call little of each other, so two processes may compile them side by side; `warm` finds both and adds the
rest.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from ..kernels import frame, intake, looks, registration, sharing, snapshot
from ..kernels.cache import compile_for, is_kept
from ..model.place import Place, Shape
from ..model.report import no_looks, report_batch
from ..model.sensor import Sensor, SensorKind, site_of
from ..model.timebase import NS_PER_S
from .state import CoreInput, CoreState, new_state
from .step import step


def warm() -> None:
    """Compile all kernels, or load them from the cache, by tracking next to nothing."""
    with _compiling():
        step(_small_state(), CoreInput(report_batch(0), no_looks(), np.array([NS_PER_S], dtype=np.int64)))


def is_warm() -> bool:
    """Have the kernels been compiled on this machine, as far as that can be seen at once?"""
    return is_kept(frame.frame)


def warm_frames() -> None:
    """Compile what a frame and a look do to tracks, and the rows of a picture."""
    world = _small_state().world
    row, time_ns, sensor = np.int64(0), np.int64(0), world.sensors[0]
    with _compiling():
        compile_for(frame.update_tracks, world, sensor)
        compile_for(frame.collect, world)
        compile_for(sharing.associate, world, sensor)
        compile_for(looks.finish_look, world, row, time_ns, time_ns)
        compile_for(snapshot.write_rows, world, time_ns, True)
        compile_for(intake.prepare, world, row, time_ns, world.picked[:0])


def warm_rest() -> None:
    """Compile what ends a frame, new tracks above all, and what is known of sensors."""
    world = _small_state().world
    with _compiling():
        compile_for(registration.renew_until, world, np.int64(0))
        compile_for(frame.finish_frame, world, world.sensors[0], np.int64(0), np.int64(0))


@contextmanager
def _compiling() -> Iterator[None]:
    """What a compiler makes lives long: a tenth of the time would go into looking through it for rubbish so often."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _small_state() -> CoreState:
    """A site with a sensor of every kind, and a place."""
    sensors = tuple(Sensor(kind.word, kind, 50.0, 8.0, 0.0) for kind in SensorKind)
    return new_state(site_of(sensors), places=(Place("somewhere", "", Shape.POINT, ((50.0, 8.0),), 100.0),))
