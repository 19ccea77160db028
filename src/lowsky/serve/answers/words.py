"""The words that levels, kinds and states of sensors have everywhere outside."""

from __future__ import annotations

from typing import Literal

from lowsky.model.kinds import Kind
from lowsky.model.notice import Level

LevelWord = Literal["clear", "watch", "warning", "imminent"]
KindWord = Literal["unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel"]
SensorState = Literal["well", "late", "off_in_time", "garbled", "silent", "faulty", "unknown"]
LEVELS: tuple[LevelWord, ...] = ("clear", "watch", "warning", "imminent")
KINDS: tuple[KindWord, ...] = ("unknown", "multirotor", "fixed_wing", "bird", "balloon", "aircraft", "vessel")
assert tuple(level.word for level in Level) == LEVELS
assert tuple(kind.word for kind in Kind) == KINDS
