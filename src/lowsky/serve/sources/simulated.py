"""The source that plays a scene of our own, made up while it is watched."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.simulate import LiveScene

from ..clock import Clock
from ..config.entries import SimulationSource
from .contract import Sink

STEP_S = 0.02  # what is received within this time comes together
LONGEST_GAP_NS = 5_000_000_000  # made up at once after a pause; a longer one (a suspended machine) begins anew


class SimulatedSource:
    """A scene that goes on for as long as the server runs."""

    kind = "simulation"

    def __init__(self, entry: SimulationSource, lookup: NDArray[np.int32], clock: Clock) -> None:
        """`lookup` (sensors of the scene,) gives each its row in the server's site."""
        self.via = f"scene {entry.scene}"
        self.name, self._entry, self._lookup, self._clock = entry.name, entry, lookup, clock

    def unknown_sensors(self) -> dict[str, int]:
        """A scene's sensors are the site's."""
        return {}

    async def run(self, sink: Sink) -> None:
        """Play until cancelled."""
        while True:
            await self._play(sink)

    async def _play(self, sink: Sink) -> None:
        """Play from now on until the clock leaps."""
        last_ns = self._clock.now_ns()
        scene = LiveScene(self._entry.scene, self._entry.seed, last_ns)
        sink.say("running", f"scene {self._entry.scene}, seed {self._entry.seed}")
        while True:
            now_ns = self._clock.now_ns()
            if now_ns - last_ns > LONGEST_GAP_NS * max(self._clock.speed, 1.0):
                return
            last_ns = now_ns
            # in a thread: a second of a busy scene takes longer than the event loop may stand still
            reports, looks = await asyncio.to_thread(scene.advance, now_ns)
            sink.put(
                replace(reports, sensor=self._lookup[reports.sensor]), replace(looks, sensor=self._lookup[looks.sensor])
            )
            await asyncio.sleep(STEP_S)


def scene_of(entry: SimulationSource, here: str) -> LiveScene:
    """The scene of a source, to be asked for its sensors, places and map layer.

    Raises:
        InputError: if there is none of that name.
    """
    try:
        return LiveScene(entry.scene, entry.seed)
    except ValueError as error:
        raise InputError(f"{here}: {error}") from None
