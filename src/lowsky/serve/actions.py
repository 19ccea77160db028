"""What people do, on its way to the core: handed over, then waited for until its effect is seen."""

from __future__ import annotations

import asyncio

from lowsky.model.action import Action, ActionKind

from .answers.result import Done
from .engine.board import Board
from .engine.inbox import Inbox, InboxFullError
from .engine.thread import CoreThread
from .errors import ApiError

ACT_S = 1.5  # an action answers when its effect is seen, or after this


class Actions:
    """Lives in the event loop's thread."""

    def __init__(self, core: CoreThread, inbox: Inbox, board: Board) -> None:
        self._core, self._inbox, self._board = core, inbox, board
        self._ticked = asyncio.Event()

    def ticked(self) -> None:
        """The board shows a new tick: who waits looks again."""
        self._ticked.set()
        self._ticked = asyncio.Event()

    async def act(self, kind: ActionKind, number: int = 0, value: str = "", who: str = "") -> Done:
        """Hand an action to the core and wait a moment for its effect.

        Raises:
            ApiError: 503 if the core is not there or does not keep up.
        """
        if self._core.failed is not None:
            raise ApiError(503, "the core has failed; nothing was done")
        try:
            action = self._inbox.act(Action(0, kind, number, value, who))
        except InboxFullError:
            raise ApiError(503, "the server does not keep up; nothing was done") from None
        try:
            async with asyncio.timeout(ACT_S):
                while self._board.ticked_ns < action.received_ns:
                    await self._ticked.wait()
        except TimeoutError:
            return Done(False)
        self._board.describe()
        return Done(True)
