"""How many threads may work at once: the processors that this process may use, and what share of them it is given.

The core asks nobody; who steps it says so in `CoreState.threads`. What comes out does not depend on it.
"""

from __future__ import annotations

import os
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # microseconds of processor, and in how many of the clock: of a container


def cores() -> int:
    """Processors that this process may keep busy, at least one.

    A container's quota counts too: threads beyond it make all of them wait.
    """
    may = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(may, quota(QUOTA) or may))


def quota(path: Path) -> int | None:
    """Whole processors that a control group may keep busy, at least one; None: no limit that could be read."""
    try:
        share, period = path.read_text().split()
        return max(1, int(share) // int(period))
    except (OSError, ValueError, ZeroDivisionError):
        return None
