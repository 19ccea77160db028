"""What outputs are shown, from pictures that a test makes: no core, no clock but the test's."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from lowsky.core import CoreInput
from lowsky.model.geodesy import Frame
from lowsky.model.report import no_looks, report_batch
from lowsky.model.sensor import Origin, Sensor, SensorKind, site_of
from lowsky.serve.answers.site import Health
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.engine.rows import feed_table
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.shown import Shown, View
from lowsky.serve.people import People
from tests.airs import picture_of

ORIGIN = Origin(56.0, 11.0, 0.0)
SITE = site_of(
    (Sensor("radar", SensorKind.RADAR_3D, 56.0, 11.0, 50.0), Sensor("finder", SensorKind.BEARING, 56.0, 11.0, 50.0))
)
S = 1_000_000_000
"""A second."""


class Server:
    """What the shown is made from, without a core."""

    def __init__(self) -> None:
        self.config = parse_site('[site]\nid = "x"\n', Path("/nowhere/site.toml"))
        self.site = SITE
        self.board: Any = SimpleNamespace(
            frame=Frame(ORIGIN),
            drill=False,
            table={"number": []},
            notices={},
            places=(),
            sensors=(),
            book=SimpleNamespace(places=()),
        )
        self.now_ns: int = 10 * S
        self.clock: Any = SimpleNamespace(now_ns=lambda: self.now_ns)
        self.inbox: Any = None
        self.people: Any = None
        self.people = People(60.0)
        self.shown = Shown(self)
        self.view = View(self.shown)

    def health(self) -> Health:
        return Health("well", (), 1.0, "0")

    def turn(self, numbers: list[int], time_ns: int, heard: Any = None) -> None:
        """A turn of the core with a tick."""
        picture = picture_of(numbers, time_ns)
        given = CoreInput(heard if heard is not None else report_batch(0), no_looks(), np.array([time_ns]))
        changes = SimpleNamespace(picture=picture, identities=["F00001"])
        output: Any = SimpleNamespace(
            given=given, ticked=True, table=feed_table(picture, Frame(ORIGIN)), changes=changes
        )
        self.now_ns = time_ns
        self.shown.consumed(output)


@contextlib.asynccontextmanager
async def kept(keeper: OutputKeeper) -> AsyncIterator[None]:
    """The output runs meanwhile."""
    task = asyncio.create_task(keeper.keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(what: Callable[[], object], patience_s: float = 10.0) -> None:
    """Wait for something to be true."""
    async with asyncio.timeout(patience_s):
        while not what():
            await asyncio.sleep(0.002)
