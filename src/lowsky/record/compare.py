"""Comparing a replay with what was noted while recording."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreState, glance, save_state
from lowsky.model.notice import NoticeBatch
from lowsky.model.picture import Picture

from .payloads import Pulse
from .proof import TOLERANCE_M, TOLERANCE_SHARE, likeness, result_hash


@dataclass(slots=True)
class Verified:
    """How much was compared, and how much of it was the same."""

    here: list[str] = field(default_factory=list)  # in what this machine differs; empty: bits must be the same
    hashes: int = 0
    hashes_met: int = 0
    first_missed_ns: int | None = None
    checkpoints: int = 0
    checkpoints_met: int = 0
    samples: int = 0
    samples_alike: int = 0
    furthest_m: float = 0.0  # of an object of a sample

    @property
    def good(self) -> bool:
        """Is it what was seen: to the bit, or on another machine within the tolerance?"""
        if self.here:
            return self.samples == self.samples_alike
        return self.hashes == self.hashes_met and self.checkpoints == self.checkpoints_met

    def compare_pulse(self, pulse: Pulse, picture: Picture, notices: NoticeBatch) -> None:
        """Compare the hash of a tick, and the sample if there is one, with picture and notices at it."""
        met = pulse.hash == result_hash(picture, notices)
        self.hashes += 1
        self.hashes_met += met
        if not met and self.first_missed_ns is None:
            self.first_missed_ns = pulse.time_ns
        if pulse.sample:
            alike = likeness(pulse.sample, picture)
            self.samples += 1
            self.samples_alike += alike.alike
            self.furthest_m = max(self.furthest_m, alike.furthest_m)

    def compare_checkpoint(self, tables: dict[str, NDArray[Any]], state: CoreState) -> None:
        """Compare a recorded state with the one that a replay has come to.

        Who looked between ticks while recording has settled what was received so far; here that is still to be done.
        """
        looked_ns = int(tables["tally"]["now_ns"][0])
        if looked_ns > int(state.world.tally["now_ns"]):
            glance(state, looked_ns)
        self.checkpoints += 1
        self.checkpoints_met += tables_equal(tables, save_state(state))

    def sentence(self) -> str:
        """What came of it, for people."""
        if self.here:
            differs = "; ".join(self.here)
            return (
                f"recorded elsewhere ({differs}), so bits may differ: {self.samples_alike} of {self.samples} pictures "
                f"agree within {TOLERANCE_M:g} m for {1 - TOLERANCE_SHARE:.0%} of their objects, the largest "
                f"difference is {self.furthest_m:.3g} m"
            )
        return (
            f"{self.hashes_met:,} of {self.hashes:,} picture hashes and {self.checkpoints_met:,} of "
            f"{self.checkpoints:,} checkpoints are met to the bit"
        )


def tables_equal(a: dict[str, NDArray[Any]], b: dict[str, NDArray[Any]]) -> bool:
    """Are two saved states the same in every bit? (Padding between fields is nobody's.)"""
    if a.keys() != b.keys():
        return False
    for name, table in a.items():
        other = b[name]
        if table.shape != other.shape or table.dtype != other.dtype:
            return False
        fields = table.dtype.names
        pairs = [(table[f], other[f]) for f in fields] if fields else [(table, other)]
        if not all(_bits(x) == _bits(y) for x, y in pairs):
            return False
    return True


def _bits(column: NDArray[Any]) -> bytes:
    return np.ascontiguousarray(column).view(np.ndarray).tobytes()
