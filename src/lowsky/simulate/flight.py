"""What all flights share: some objects that move by one rule, stepped together, and what sensors can notice of them.

Objects move in the scene's map: east and north metres from the site, height metres above the site's ground. Every
flight integrates the same way, position[i + 1] = position[i] + velocity[i] * STEP_S, so that position and velocity of
the truth agree to the last bit, and decides only the velocity of the step that begins. A flight draws from a generator
of its own: who else flies does not change it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .envelopes import Envelope
from .motion import STEP_S, Bools, Floats


@dataclass(frozen=True, slots=True)
class Traits:
    """What sensors can notice of n objects besides their motion. Objects without a body only declare themselves: there
    is nothing where they say they are."""

    kind: NDArray[np.uint8]  # Kind
    rcs_dbsm: Floats  # mean over looks
    identity: NDArray[np.object_]  # what it declares, "": nothing
    transmits: Bools  # a radio link that direction finders hear
    sounds: Bools  # an engine that microphones hear
    body: Bools
    declared_off_m: Floats  # (n, 3) east, north, up from where it is to where it says it is

    def __len__(self) -> int:
        return len(self.kind)


def traits_of(
    kind: NDArray[np.uint8], rcs_dbsm: Floats, identity: list[str] | None = None, *, transmits: Bools | None = None,
    sounds: Bools | None = None, body: Bools | None = None, declared_off_m: Floats | None = None,
) -> Traits:  # fmt: skip
    """Traits of n objects; by default they declare nothing, transmit, sound, are there and tell the truth."""
    n = len(kind)
    every = np.ones(n, dtype=np.bool_)
    return Traits(
        np.asarray(kind, dtype=np.uint8),
        np.asarray(rcs_dbsm, dtype=np.float64),
        np.array(identity if identity is not None else [""] * n, dtype=object),
        every if transmits is None else transmits,
        every if sounds is None else sounds,
        every if body is None else body,
        np.zeros((n, 3)) if declared_off_m is None else declared_off_m,
    )


def join_traits(parts: list[Traits]) -> Traits:
    """All objects of the parts, in order. At least one part is needed."""
    return Traits(*(np.concatenate([getattr(p, name) for p in parts]) for name in Traits.__slots__))


def take_traits(traits: Traits, rows: NDArray[np.generic]) -> Traits:
    """The given rows, in the given order."""
    return Traits(*(getattr(traits, name)[rows] for name in Traits.__slots__))


def envelope_traits(
    envelope: Envelope, n: int, rng: np.random.Generator, identity: list[str] | None = None,
    transmits: Bools | None = None,
) -> Traits:  # fmt: skip
    """Traits of n objects of one sort, with their radar cross sections drawn."""
    sounds = np.full(n, envelope.sounds)
    kind = np.full(n, envelope.kind, dtype=np.uint8)
    silent = np.zeros(n, dtype=np.bool_) if transmits is None else transmits
    return traits_of(kind, envelope.draw_rcs_dbsm(n, rng), identity, transmits=silent, sounds=sounds)


class Flight(ABC):
    """n objects that move by one rule. `begin_s` and `end_s` bound their lives; a rule may end one sooner by `over`.

    After `advance(time_s)` position, velocity (n, 3) and alive (n,) are those of the step that begins at `time_s`.
    """

    def __init__(
        self, traits: Traits, start_m: Floats, begin_s: Floats | float = 0.0, end_s: Floats | float = np.inf
    ) -> None:
        n = len(traits)
        self.traits = traits
        self.position = np.array(start_m, dtype=np.float64).reshape(n, 3)
        self.velocity = np.zeros((n, 3))
        self.begin_s = np.broadcast_to(np.asarray(begin_s, dtype=np.float64), (n,)).copy()
        self.end_s = np.broadcast_to(np.asarray(end_s, dtype=np.float64), (n,)).copy()
        self.over = np.zeros(n, dtype=np.bool_)
        self.alive = np.zeros(n, dtype=np.bool_)

    def __len__(self) -> int:
        return len(self.traits)

    @property
    def finished(self) -> bool:
        """Whether nothing of it will ever be there again."""
        return bool(self.over.all())

    def advance(self, time_s: float) -> None:
        """Move through the step that ended and decide the one that begins at `time_s`."""
        self.position = self.position + self.velocity * STEP_S
        self.over |= time_s >= self.end_s
        self.alive = (self.begin_s <= time_s) & ~self.over
        if not self.alive.any():
            self.velocity = np.zeros_like(self.velocity)
            return
        velocity = self.steer(time_s)
        self.alive &= ~self.over  # the rule may have ended some
        self.velocity = np.where(self.alive[:, None], velocity, 0.0)  # what is gone stays where it ended

    @abstractmethod
    def steer(self, time_s: float) -> Floats:
        """Velocity (n, 3) m/s of the step that begins; rows that are not alive are ignored."""


def within(velocity: Floats, height_m: Floats, climb_mps: float, band_m: tuple[float, float]) -> Floats:
    """The velocity (n, 3) with its climb limited, and kept within a height band or on its way back into it."""
    inside = np.clip(velocity[:, 2], (band_m[0] - height_m) / STEP_S, (band_m[1] - height_m) / STEP_S)
    velocity[:, 2] = np.clip(inside, -climb_mps, climb_mps)
    return velocity


def wander(value: Floats, sigma: float, correlation_s: float, rng: np.random.Generator) -> Floats:
    """One step of an Ornstein-Uhlenbeck process with the given stationary sigma and correlation time, any shape (exact
    discretisation: Gillespie, Phys. Rev. E 54, 1996)."""
    keep = np.exp(-STEP_S / correlation_s)
    return np.asarray(value * keep + sigma * np.sqrt(1 - keep**2) * rng.standard_normal(value.shape))
