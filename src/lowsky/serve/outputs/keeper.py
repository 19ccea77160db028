"""Keeps outputs running: counts what leaves, and runs those that broke again, later each time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from ..answers.outputs import OutputInfo, OutputList
from ..pauses import Pauses, reason_of
from .contract import GOODBYE_S, Way
from .shown import View

MESSAGES_S = 10.0  # at most a sentence about failures an output in this time goes to the log

log = structlog.get_logger("lowsky.outputs")


class OutputKeeper:
    """One output with its books."""

    def __init__(self, way: Way, view: View) -> None:
        self.way, self.view = way, view
        self.state, self.message = "starting", ""
        self.messages = self.bytes = self.lost = self.failures = self.restarts = self.last_ns = 0
        self.last_error = ""
        self._told_s = -MESSAGES_S

    async def keep(self) -> None:
        """Run the output until this is cancelled."""
        pauses = Pauses()
        loop = asyncio.get_running_loop()
        while True:
            started_s = loop.time()
            self.say("starting")
            try:
                await self._run()
                reason = "it ended by itself"
            except (OSError, ValueError, EOFError) as error:
                reason = reason_of(error)
            except Exception as error:
                log.exception("an output failed by a defect", output=self.way.name)
                reason = f"{type(error).__name__}: {error}"
            pause_s = pauses.after(loop.time() - started_s)
            self.restarts += 1
            self.failed(reason)
            self.say("failed", f"{reason}; tried again in {pause_s:g} s")
            await asyncio.sleep(pause_s)

    async def _run(self) -> None:
        """One run; what is closed too slowly when this is cancelled is left alone."""
        task = asyncio.ensure_future(self.way.run(self.view, self))
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            done, _ = await asyncio.wait([task], timeout=GOODBYE_S)
            for ended in done:
                if not ended.cancelled() and (error := ended.exception()) is not None:
                    log.warning("an output did not close well", output=self.way.name, reason=str(error))
            raise

    def info(self) -> OutputInfo:
        """Where the output stands."""
        return OutputInfo(
            name=self.way.name,
            kind=self.way.kind,
            to=self.way.to,
            state=self.state,  # type: ignore[arg-type]
            message=self.message,
            messages=self.messages,
            bytes=self.bytes,
            dropped=self.lost,
            skipped=self.view.skipped,
            failures=self.failures,
            restarts=self.restarts,
            last_ms=self.last_ns / 1e6 if self.last_ns else None,
            last_error=self.last_error,
        )

    def say(self, state: str, message: str = "") -> None:
        """Where the output stands now: starting, running, waiting or failed."""
        self.state, self.message = state, message

    def sent(self, size: int, messages: int = 1) -> None:
        """So many bytes in so many messages left."""
        self.bytes += size
        self.messages += messages
        self.last_ns = self.view.now_ns()

    def dropped(self, messages: int, why: str) -> None:
        """Messages that did not leave."""
        self.lost += messages
        self._tell(why)

    def failed(self, sentence: str) -> None:
        """Something went wrong."""
        self.failures += 1
        self._tell(sentence)

    def _tell(self, sentence: str) -> None:
        self.last_error = sentence
        now_s = asyncio.get_running_loop().time()
        if now_s - self._told_s >= MESSAGES_S:
            self._told_s = now_s
            log.warning("an output cannot tell", output=self.way.name, to=self.way.to, reason=sentence)


def output_list(keepers: Sequence[OutputKeeper]) -> OutputList:
    """All outputs."""
    return OutputList(tuple(keeper.info() for keeper in keepers))
