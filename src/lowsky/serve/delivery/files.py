"""Alerts as files in a folder: one each, whole or not at all; the heartbeat is always the same file."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from lowsky.wire.cap import Alert, alert_json, alert_xml

from .transport import CONFIRMED, Fate, Outcome

MOST_FILES = 10_000  # of ours in the folder; the oldest go ...
THIN_OUT = 100  # ... looked for at the first write and then every so many
HEARTBEAT = "heartbeat"


class CapFiles:
    """Writes alerts into a folder, which is made when it is not there."""

    def __init__(self, folder: Path, prefix: str, json: bool) -> None:
        """`prefix` begins the name of every file, as it does identifiers; only such files are ever removed."""
        self.to = str(folder)
        self._folder, self._prefix, self._written = folder, prefix, 0
        self._suffix, self._encode = (".json", alert_json) if json else (".xml", alert_xml)

    async def send(self, alert: Alert, heartbeat: bool) -> Outcome:
        """Write one file."""
        name = f"{self._prefix}{HEARTBEAT}" if heartbeat else alert.identifier
        try:
            await asyncio.to_thread(self._write, f"{name}{self._suffix}", self._encode(alert))
        except OSError as error:
            return Outcome(Fate.UNREACHED, f"cannot be written: {error.strerror or error}")
        return CONFIRMED

    async def close(self) -> None:
        """Nothing is held open."""

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}.part"
        with unfinished.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._folder / name)
        if self._written % THIN_OUT == 0:
            self._thin_out()
        self._written += 1

    def _thin_out(self) -> None:
        mine = [p for p in self._folder.glob(f"{self._prefix}*{self._suffix}") if not p.name.startswith(".")]
        if len(mine) > MOST_FILES:
            for path in sorted(mine, key=lambda p: p.stat().st_mtime_ns)[: len(mine) - MOST_FILES]:
                path.unlink(missing_ok=True)
