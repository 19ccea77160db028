"""Settings of the interpreter that keep it from pausing: what the server lives on is never looked at by the collector.

After the start some hundred thousand objects of compiler and libraries are there to stay. A full collection over them
stops everything for a tenth of a second; so they are frozen, and full collections, which then look at little, come more
rarely.
"""

from __future__ import annotations

import gc
import sys

THRESHOLDS = (20_000, 20, 50)
SWITCH_S = 0.001  # how long the core's thread may hold the interpreter while the event loop wants it


def settle() -> None:
    """Called once when everything has been loaded."""
    sys.setswitchinterval(SWITCH_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
