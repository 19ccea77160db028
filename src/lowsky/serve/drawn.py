"""Places that people draw on their own maps and send: joined with the protected places, as an action of their source.

What a source draws replaces what it drew before under the same id; what it takes back goes; all other places stay. Each
change is one action in the journal, done by the source whose name it bears, and not more often than every `APPLY_S`.
When too many places would stand, those that are new are left out and said.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from lowsky.model.action import ActionKind
from lowsky.model.place import Place, places_text
from lowsky.wire.places import MOST_PLACES

from .engine.board import Board
from .errors import ApiError

APPLY_S = 2.0  # between two changes
MAX_WAITING = 2_000  # changes not yet made; the oldest go first

Act = Callable[..., Awaitable[object]]  # runtime's `Actions.act`

log = structlog.get_logger("lowsky.drawn")


class Drawn:
    """Lives in the event loop's thread."""

    def __init__(self, board: Board, act: Act) -> None:
        self._board, self._act = board, act
        self._waiting: dict[str, tuple[str, Place | None]] = {}  # place id to source and place, None: taken back
        self._news = asyncio.Event()

    def hear(self, source: str, places: Sequence[Place], gone: Sequence[str]) -> None:
        """A source brought places, and ids of those that it takes back."""
        for name, place in (*((place.id, place) for place in places), *((name, None) for name in gone)):
            self._waiting.pop(name, None)
            self._waiting[name] = (source, place)
        while len(self._waiting) > MAX_WAITING:
            log.error("a drawn place was lost, too many wait", place=next(iter(self._waiting)))
            del self._waiting[next(iter(self._waiting))]
        if self._waiting:
            self._news.set()

    async def run(self) -> None:
        """Make changes until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            waiting, self._waiting = self._waiting, {}
            for source in dict.fromkeys(source for source, _ in waiting.values()):
                await self._change(source, {name: place for name, (who, place) in waiting.items() if who == source})
            await asyncio.sleep(APPLY_S)

    async def _change(self, source: str, changes: dict[str, Place | None]) -> None:
        before = self._board.book.places
        after = changed(before, changes)
        if len(after) > MOST_PLACES:
            log.error("too many places; those drawn last are left out", source=source, most=MOST_PLACES)
            after = after[:MOST_PLACES]
        if after == before:
            return
        try:
            await self._act(ActionKind.SET_PLACES, value=places_text(after), who=source)
        except ApiError as error:
            log.error("drawn places were not taken", source=source, reason=error.sentence)
        else:
            log.info("places were drawn", source=source, places=list(changes))


def changed(before: tuple[Place, ...], changes: dict[str, Place | None]) -> tuple[Place, ...]:
    """Places after changes by id: replaced where they stand, new ones at the end, without those that are None."""
    rest = dict(changes)
    kept = [rest.pop(place.id, place) if place.id in rest else place for place in before]
    return tuple(place for place in (*kept, *rest.values()) if place is not None)
