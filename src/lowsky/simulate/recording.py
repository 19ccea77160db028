"""A scene played for a while and kept in memory: for tests and small pictures. Long ones go to a folder as they
come."""

from __future__ import annotations

from dataclasses import dataclass

from lowsky.model.place import Place
from lowsky.model.sensor import Site
from lowsky.model.timebase import NS_PER_S

from .live import START_NS, LiveScene, Truth
from .sensors import Observation


@dataclass(frozen=True, slots=True)
class Recording:
    """A scene that was played: the sensors as described, the places, what was received by the end, and the truth at
    each whole second."""

    scene: str
    seed: int
    duration_s: float
    start_ns: int
    site: Site
    places: tuple[Place, ...]
    observation: Observation
    truth: tuple[Truth, ...]


def make_scene(name: str, seed: int, duration_s: float | None = None) -> Recording:
    """Play a named scene for its usual time or another.

    Raises:
        ValueError: if there is no scene of that name, the seed is negative or the duration is not positive.
    """
    scene = LiveScene(name, seed, START_NS)
    duration_s = checked_duration(scene, duration_s)
    truth = []
    for second in range(int(duration_s) + 1):
        time_ns = START_NS + second * NS_PER_S
        scene.step(time_ns)
        truth.append(scene.truth(time_ns))
    observation = scene.observe(START_NS + round(duration_s * NS_PER_S))
    return Recording(name, seed, duration_s, START_NS, scene.site, scene.places, observation, tuple(truth))


def checked_duration(scene: LiveScene, duration_s: float | None) -> float:
    """The duration asked for, else the scene's own.

    Raises:
        ValueError: if it is not positive.
    """
    if duration_s is None:
        return scene.duration_s
    if not 0.0 < duration_s < 1e6:
        raise ValueError(f"duration {duration_s:g} s is not between 0 and 1,000,000 s")
    return duration_s
