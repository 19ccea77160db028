"""Class trees of the standard to kinds of objects, and back.

BSI Flex 335 leaves the words of classes to each node's registration and names a core taxonomy (Human, Animal, Land
Vehicle, Air Vehicle, Sea Vessel ...) that a node may extend. So words are compared without case, blanks and
punctuation, the deepest class of a tree that we know decides, and a class that we do not know says nothing. What a
node says of a kind stays evidence with its confidence: nothing here turns it into a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lowsky.model.kinds import Kind

MAX_LEVELS = 10  # of a tree that are looked at
MAX_CLASSES = 100  # of one report
_BESIDE_WORDS = re.compile(r"[^a-z0-9]+")

_WORDS: dict[Kind, tuple[str, ...]] = {
    Kind.MULTIROTOR: (
        "UAV Rotary Wing",
        "Rotary Wing UAV",
        "Multirotor",
        "Multi Rotor",
        "Multicopter",
        "Quadcopter",
        "Hexacopter",
        "Octocopter",
        "UAS Rotary Wing",
    ),
    Kind.FIXED_WING: ("UAV Fixed Wing", "Fixed Wing UAV", "UAS Fixed Wing", "Fixed Wing Drone"),
    Kind.BIRD: ("Bird", "Birds", "Flock of Birds", "Avian"),
    Kind.BALLOON: ("Balloon", "Free Balloon", "Captive Balloon", "Aerostat", "Lighter Than Air"),
    Kind.AIRCRAFT: (
        "Manned Aircraft",
        "Manned Fixed Wing",
        "Manned Rotary Wing",
        "Aircraft",
        "Aeroplane",
        "Airplane",
        "Helicopter",
        "Glider",
    ),
    Kind.VESSEL: ("Sea Vessel", "Vessel", "Ship", "Boat", "Surface Vessel"),
}


def _plain(word: str) -> str:
    return _BESIDE_WORDS.sub("", word.lower())


_KINDS = {_plain(word): kind for kind, words in _WORDS.items() for word in words}

PATHS: dict[Kind, tuple[str, ...]] = {
    Kind.MULTIROTOR: ("Air Vehicle", "UAV Rotary Wing"),
    Kind.FIXED_WING: ("Air Vehicle", "UAV Fixed Wing"),
    Kind.BALLOON: ("Air Vehicle", "Balloon"),
    Kind.AIRCRAFT: ("Air Vehicle", "Manned Aircraft"),
    Kind.BIRD: ("Animal", "Bird"),
    Kind.VESSEL: ("Sea Vessel",),
}
"""What lowsky calls its kinds, from the top; the unknown kind has no class."""

CLASSES: tuple[tuple[str, tuple[str, ...]], ...] = tuple(
    (top, tuple(path[1] for path in PATHS.values() if path[0] == top and len(path) > 1))
    for top in dict.fromkeys(path[0] for path in PATHS.values())
)
"""The same as classes and what each divides into, for a registration."""


@dataclass(frozen=True, slots=True)
class Classed:
    """One branch of a class tree."""

    path: tuple[str, ...]  # from the top
    kind: Kind  # of the deepest class that we know, UNKNOWN: of none
    confidence: float  # the least on the way down of those that are told; NaN: none is


def classes_of(classification: Iterable[Any]) -> Iterator[Classed]:
    """The branches of the class trees of a detection, one for each leaf, at most `MAX_CLASSES`."""
    pending: list[tuple[Any, tuple[str, ...], Kind, float]] = []
    pending += [(part, (), Kind.UNKNOWN, float("nan")) for part in classification][::-1]
    given = 0
    while pending and given < MAX_CLASSES:
        part, above, kind, confidence = pending.pop()
        path = (*above, part.type)
        kind = _KINDS.get(_plain(part.type), kind)
        if part.HasField("confidence"):
            confidence = part.confidence if confidence != confidence else min(confidence, part.confidence)
        if part.sub_class and len(path) < MAX_LEVELS:
            pending += [(below, path, kind, confidence) for below in part.sub_class][::-1]
        else:
            given += 1
            yield Classed(path, kind, confidence)


def put_class(report: Any, kind: Kind, probability: float) -> None:
    """Say in a detection report what an object is, with a probability if it is known (NaN: not)."""
    path = PATHS.get(kind, ())
    parts = report.classification
    for level, word in enumerate(path):
        part = parts.add(type=word)
        if level:
            part.level = level
        if probability == probability:
            part.confidence = min(max(probability, 0.0), 1.0)
        parts = part.sub_class
