"""What an output is shown in tests, and what it says: no core and no server."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

from lowsky.model.air import Air
from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.serve.answers.notices import Notice, Why
from tests.airs import air

SITE = site_of((Sensor("radar", SensorKind.RADAR_3D, 56.0, 11.0, 50.0),))
FIRST_NS = 1_700_000_000_000_000_000


class House:
    """Shows a picture whenever the test gives one."""

    site_id, site_name = "x", "Harbour X"

    def __init__(self) -> None:
        self.site: Any = SITE
        self.drill = False
        self.notices: tuple[Notice, ...] = ()
        self.sensors: tuple[Any, ...] = ()
        self.places: Any = ()
        self.place_rows: Any = ()
        self.acknowledged: list[tuple[int, str]] = []
        self.troubles: tuple[str, ...] = ()
        self.pictures: asyncio.Queue[Air] = asyncio.Queue()
        self.asked: list[float] = []  # periods

    def show(self, numbers: list[int], **columns: Any) -> None:
        """A picture of these objects now."""
        columns.setdefault("first_report_ns", FIRST_NS)
        self.pictures.put_nowait(air(numbers, time_ns=time.time_ns(), **columns))

    def now_ns(self) -> int:
        return time.time_ns()

    def health(self) -> Any:
        return SimpleNamespace(status="degraded" if self.troubles else "well", reasons=self.troubles)

    def bearings(self, since_ns: int) -> Any:
        return ()

    def acknowledge(self, notice: int, who: str) -> None:
        self.acknowledged.append((notice, who))

    async def tick(self, period_s: float = 0.0) -> Air:
        self.asked.append(period_s)
        return await self.pictures.get()


class Books:
    """Remembers what an output said."""

    def __init__(self) -> None:
        self.states: list[tuple[str, str]] = []
        self.messages = self.bytes = self.lost = 0
        self.failures: list[str] = []

    def say(self, state: str, message: str = "") -> None:
        if not self.states or self.states[-1] != (state, message):
            self.states.append((state, message))

    def sent(self, size: int, messages: int = 1) -> None:
        self.bytes += size
        self.messages += messages

    def dropped(self, messages: int, why: str) -> None:
        self.lost += messages

    def failed(self, sentence: str) -> None:
        self.failures.append(sentence)


def notice(number: int, level: str = "warning", **changes: Any) -> Notice:
    """A notice of object 7 for the pier."""
    given: dict[str, Any] = {
        "notice": number, "call": 1, "track": 7, "place": "pier", "place_name": "Pier", "level": level,
        "probability": 0.8, "arrival_ms": 1_700_000_060_000.0, "early_ms": None, "late_ms": None,
        "raised_ms": 1_700_000_000_000.0, "ended_ms": None, "acknowledged": None, "delivered": (),
        "why": Why(None, None, None, "unknown", ""), "path": (),
    } | changes  # fmt: skip
    return Notice(**given)
