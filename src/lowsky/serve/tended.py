"""Keepers that run side by side: begun together, ended together, and replaced one by one while the others run on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Generic, Protocol, TypeVar


class Keeps(Protocol):
    """Keeps something running."""

    async def keep(self) -> None:
        """Until it ends for good or this is cancelled."""
        ...


K = TypeVar("K", bound=Keeps)


class Tended(Generic[K]):
    """The keepers of sources, or of outputs, each made from an entry of the configuration."""

    def __init__(self, entries: Sequence[tuple[str, Any]], keepers: Sequence[K]) -> None:
        """`entries` are names and what stands under them, in the order of the keepers."""
        self.keepers: list[K] = list(keepers)  # the same list for good
        self._entries = list(entries)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._begun = False

    def begin(self) -> None:
        """Let them run."""
        self._begun = True
        for (name, _), keeper in zip(self._entries, self.keepers, strict=True):
            self._tasks[name] = asyncio.create_task(keeper.keep())

    async def end(self) -> None:
        """End all of them."""
        await self._stop(list(self._tasks))

    async def change(
        self, entries: Sequence[tuple[str, Any]], keepers: Sequence[K], stays: Callable[[Any], bool]
    ) -> list[str]:
        """Go over to other entries: who stands as before, and `stays`, runs on; names of those that were begun anew."""
        before = {name: (entry, keeper) for (name, entry), keeper in zip(self._entries, self.keepers, strict=True)}
        same = {name for name, entry in entries if name in before and before[name][0] == entry and stays(entry)}
        await self._stop([name for name in before if name not in same])
        self._entries = list(entries)
        self.keepers[:] = [
            before[name][1] if name in same else keeper for (name, _), keeper in zip(entries, keepers, strict=True)
        ]
        anew = [name for name, _ in entries if name not in same]
        for (name, _), keeper in zip(self._entries, self.keepers, strict=True):
            if self._begun and name in anew:
                self._tasks[name] = asyncio.create_task(keeper.keep())
        return anew

    async def _stop(self, names: list[str]) -> None:
        tasks = [self._tasks.pop(name) for name in names if name in self._tasks]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
