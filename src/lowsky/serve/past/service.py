"""The server's side of the worker process: few questions at once, a limit to waiting, a new worker if one dies."""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import msgspec
import structlog

from lowsky.model.errors import InputError

from ..answers.site import Span
from ..errors import ApiError
from . import worker
from .worker import Past

MAX_WAITING = 16  # questions at once; more are turned away
ANSWER_S = 30.0

log = structlog.get_logger("lowsky.past")


class PastService:
    """Answers questions about the recording in a folder; None: nothing is recorded."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._pool: ProcessPoolExecutor | None = None
        self._waiting = 0

    async def info(self) -> bytes:
        """`RecordingInfo` as JSON."""
        found: bytes = await self._ask("info")
        return found

    async def span(self) -> Span | None:
        """From when to when there is a recording; None: there is none, or nobody can look."""
        try:
            info = msgspec.json.decode(await self.info())
        except ApiError:
            return None
        return Span(info["from_ms"], info["to_ms"])

    async def density(self, bins: int) -> bytes:
        """`Density` as JSON."""
        found: bytes = await self._ask("density", bins)
        return found

    async def at(self, time_ms: float) -> Past:
        """What was to be seen at a time."""
        found: Past = await self._ask("at", round(time_ms * 1e6))
        return found

    async def warm_up(self) -> None:
        """Start the worker, so that the first question is answered at once."""
        try:
            await self._submit(worker.warm_up)
        except (ApiError, InputError, OSError) as error:
            log.warning("the recording cannot be looked into", reason=str(error))

    def close(self) -> None:
        """End the worker; what it works at is given up."""
        if self._pool is not None:
            for process in list((self._pool._processes or {}).values()):
                process.terminate()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    async def _ask(self, what: str, *given: int) -> Any:
        """Raises:
        ApiError: 404 if nothing is recorded, 503 if too many ask or the answer takes too long.
        """
        try:
            return await self._submit(worker.ask, what, *given)
        except InputError as error:
            raise ApiError(404, str(error)) from None
        except OSError as error:
            raise ApiError(503, f"the recording cannot be read: {error.strerror or error}") from None

    async def _submit(self, job: Any, *given: Any) -> Any:
        if self._folder is None:
            raise ApiError(404, "nothing is recorded here")
        if self._waiting >= MAX_WAITING:
            raise ApiError(503, "too many look into the past at once")
        self._waiting += 1
        try:
            async with asyncio.timeout(ANSWER_S):
                return await asyncio.wrap_future(self._running(self._folder).submit(job, *given))
        except TimeoutError:
            self.close()
            raise ApiError(503, "looking there took too long") from None
        except BrokenProcessPool:
            self.close()
            raise ApiError(503, "the process that looks into the past ended; ask again") from None
        finally:
            self._waiting -= 1

    def _running(self, folder: Path) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            begin = functools.partial(worker.start, folder)
            self._pool = ProcessPoolExecutor(1, context, begin)
        return self._pool
