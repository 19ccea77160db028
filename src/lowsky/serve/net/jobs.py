"""Several jobs of one connection that end together."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def any_of(*jobs: Coroutine[Any, Any, None]) -> None:
    """Run jobs until one ends or fails; then the others are cancelled, and its error is raised as it is."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
