"""The engine without coverage: mutations of the corpus, with a guard against hanging and an eye on memory."""

from __future__ import annotations

import random
import resource
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TypeVar

from .mode import quickly
from .mutate import mutated
from .targets import Target

HANG_S = 10.0  # one input may take so long
GROWTH_MB = 96.0  # the process may grow by so much after its first fifth
MEMORY_LIMIT = 4 << 30  # bytes of address space, beyond: MemoryError, which is a defect
MAX_DEFECTS = 20  # different ones; then it is time to mend


T = TypeVar("T")


class HangError(Exception):
    """An input took longer than `HANG_S`."""


@dataclass(slots=True)
class Outcome:
    """What a run found."""

    executions: int = 0
    defects: dict[str, bytes] = field(default_factory=dict)  # where it happened, the first input that did it
    growth_mb: float = 0.0


def fuzz(target: Target, seconds: float, seed: int) -> Outcome:
    """Give mutations to the target for a time; the same seed gives the same inputs in the same order."""
    quickly()
    rng, seeds, outcome = random.Random(seed), list(target.seeds().values()), Outcome()
    guarded()
    begin, at_first = time.monotonic(), 0.0
    while (gone := time.monotonic() - begin) < seconds and len(outcome.defects) < MAX_DEFECTS:
        if not at_first and gone > seconds / 5:
            at_first = resident_mb()
        for _ in range(64):
            data = mutated(rng, seeds, target.dictionary)
            outcome.executions += 1
            if where := attempted(target.one, data):
                outcome.defects.setdefault(where, data)
    outcome.growth_mb = resident_mb() - at_first if at_first else 0.0
    return outcome


def resident_mb() -> float:
    """Memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def _hang(_number: int, _frame: FrameType | None) -> None:
    raise HangError(f"over {HANG_S:.0f} s")


def guarded() -> None:
    """From now on what hangs or grows without limit raises."""
    signal.signal(signal.SIGALRM, _hang)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, resource.getrlimit(resource.RLIMIT_AS)[1]))


def attempted(one: Callable[[T], None], data: T) -> str:
    """Nothing, or where and how an attempt failed."""
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        one(data)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # panics of compiled libraries are no `Exception`
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} {str(error)[:80]!r} at {Path(last.filename).name}:{last.lineno}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
    return ""
