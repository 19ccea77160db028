"""Nodes for tests: an edge node that speaks to a fusion node or middleware, and whoever else listens there."""

from __future__ import annotations

import asyncio
import struct
import time
from collections import Counter
from typing import Any

from google.protobuf import json_format
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

from tests.serve.sapient.strict_peer import framed

RADAR = "2500c573-8868-4f0e-81db-a2a9bcde042b"
CAMERA = "3600c573-8868-4f0e-91db-a2a9bcde042c"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DEGREES = {"location_units": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M", "location_datum": "LOCATION_DATUM_WGS84_E"}
REGISTRATION = {
    "node_definition": [{"node_type": "NODE_TYPE_RADAR"}],
    "icd_version": "BSI Flex 335 v2.0",
    "name": "Test radar",
    "short_name": "Radar 1",
    "capabilities": [{"category": "Radar", "type": "Doppler"}],
    "status_definition": {
        "status_interval": {"units": "TIME_UNITS_SECONDS", "value": 5.0},
        "location_definition": DEGREES,
    },
    "mode_definition": [
        {
            "mode_name": "Default",
            "mode_type": "MODE_TYPE_PERMANENT",
            "settle_time": {"units": "TIME_UNITS_SECONDS", "value": 1.0},
            "detection_definition": [{"location_type": DEGREES}],
            "task": {
                "concurrent_tasks": 1,
                "region_definition": {"region_type": ["REGION_TYPE_AREA_OF_INTEREST"], "region_area": [DEGREES]},
            },
        }
    ],
    "config_data": [{"manufacturer": "x", "model": "y"}],
}


def ulid(number: int) -> str:
    """Some ULID."""
    return "01" + "".join(ALPHABET[number >> 5 * i & 31] for i in reversed(range(24)))


def message(node_id: str, to: str = "", /, **content: Any) -> Any:
    """A message now, from its JSON form."""
    made = SapientMessage(node_id=node_id)
    made.timestamp.FromNanoseconds(time.time_ns())
    if to:
        made.destination_id = to
    return json_format.ParseDict(content, made)


def scan(node_id: str, *detections: dict[str, Any]) -> list[Any]:
    """Detection reports of one scan, which have one time."""
    made = [message(node_id, detection_report=content) for content in detections]
    for one in made:
        one.timestamp.CopyFrom(made[0].timestamp)
    return made


def status(info: str = "NEW", system: str = "OK") -> dict[str, Any]:
    """The content of a status report of a node at 56 N 11 E."""
    place = {"x": 11.0, "y": 56.0, "z": 50.0, "coordinate_system": 1, "datum": 1}
    return {
        "report_id": ulid(time.time_ns()), "system": f"SYSTEM_{system}", "info": f"INFO_{info}", "mode": "Default",
        "node_location": place,
    }  # fmt: skip


def detection(number: int, azimuth_deg: float = 40.0, range_m: float = 2000.0) -> dict[str, Any]:
    """The content of a detection report of a radar."""
    return {
        "report_id": ulid(number), "object_id": ulid(10**6 + number), "detection_confidence": 0.9,
        "range_bearing": {"elevation": 3.0, "azimuth": azimuth_deg, "range": range_m, "elevation_error": 1.0,
                          "azimuth_error": 0.5, "range_error": 8.0, "coordinate_system": 1, "datum": 1},
    }  # fmt: skip


class Voice:
    """One connection of a test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer
        self.heard: list[Any] = []
        self.counts: Counter[str] = Counter()
        self._news = asyncio.Event()
        self._task = asyncio.ensure_future(self._listen())

    @classmethod
    async def call(cls, port: int) -> Voice:
        """Call somebody on this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    def send(self, *messages: Any) -> None:
        self.writer.write(b"".join(framed(m if isinstance(m, bytes) else m.SerializeToString()) for m in messages))

    async def hear(self, content: str, count: int = 1, patience_s: float = 20.0) -> Any:
        """Wait until so many messages of a content have come; the last."""
        async with asyncio.timeout(patience_s):
            while self.counts[content] < count:
                self._news.clear()
                await self._news.wait()
        found = [m for m in self.heard if m.WhichOneof("content") == content]
        return found[count - 1] if found else None

    def stop(self) -> None:
        """Read no more."""
        self._task.cancel()

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.writer.transport.abort()

    async def _listen(self) -> None:
        try:
            while True:
                (length,) = struct.unpack("<I", await self._reader.readexactly(4))
                made = SapientMessage.FromString(await self._reader.readexactly(length))
                self.heard.append(made)
                self.counts[made.WhichOneof("content") or ""] += 1
                self._news.set()
        except (EOFError, OSError):
            self.counts["end"] += 1
            self._news.set()
