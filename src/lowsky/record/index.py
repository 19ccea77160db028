"""What is where in a segment: checkpoints to begin at, and once a second what there was to see.

An index is made while writing and kept beside a finished segment, so that a week of recording opens without being
read. It is a help and never the truth: where it is missing or does not fit its segment, the segment is read.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from lowsky.model.notice import Level

from .frames import DamageError, Frame, FrameKind
from .payloads import Mark, Pulse, put_json, take_json
from .segment import Problem, SegmentReader

SUFFIX = ".lowskyindex"
VERSION = 1
SKIPPED = frozenset({FrameKind.INPUT, FrameKind.CHECKPOINT})  # a frame's head says enough of these


@dataclass(frozen=True, slots=True)
class _Reserved:
    """Of a header, all that is needed here."""

    reserved: int = 0


@dataclass(slots=True)
class SegmentIndex:
    """Columns of what is in one segment."""

    version: int = VERSION
    size: int = 0  # of the file up to where it was indexed, bytes
    last_ns: int = 0  # of the last frame
    last_sequence: int = 0
    inputs: int = 0
    reserved: int = 0  # public numbers up to this one may be in use
    checkpoint_at: list[int] = field(default_factory=list)  # offsets
    checkpoint_ns: list[int] = field(default_factory=list)
    pulse_ns: list[int] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)  # at the pulses
    raised: list[tuple[int, Level, str]] = field(default_factory=list)  # as in the pulses
    marks: list[Mark] = field(default_factory=list)

    def note(self, frame: Frame) -> None:
        """Take over the next frame; its payload is needed except for inputs and checkpoints.

        Raises:
            DamageError: if the payload cannot be read.
        """
        if frame.kind is FrameKind.PULSE:
            self._note_pulse(take_json(frame.payload(), Pulse))
        elif frame.kind is FrameKind.MARK:
            self.marks.append(take_json(frame.payload(), Mark))
        elif frame.kind is FrameKind.RESERVE:
            self.reserved = max(self.reserved, take_json(frame.payload(), int))
        elif frame.kind is FrameKind.HEADER:
            self.reserved = max(self.reserved, take_json(frame.payload(), _Reserved).reserved)
        elif frame.kind is FrameKind.CHECKPOINT:
            self.checkpoint_at.append(frame.offset)
            self.checkpoint_ns.append(frame.time_ns)
        elif frame.kind is FrameKind.INPUT:
            self.inputs += 1
        self.last_ns = max(self.last_ns, frame.time_ns)
        self.last_sequence, self.size = frame.sequence, frame.end

    def _note_pulse(self, pulse: Pulse) -> None:
        self.pulse_ns.append(pulse.time_ns)
        self.objects.append(pulse.objects)
        self.raised += pulse.raised


def index_path(segment: Path) -> Path:
    """Where the index of a segment is kept."""
    return segment.with_suffix(SUFFIX)


def write_index(segment: Path, index: SegmentIndex) -> None:
    """Keep the index of a finished segment beside it.

    Raises:
        OSError: if it cannot be written.
    """
    part = index_path(segment).with_suffix(".part")
    part.write_bytes(put_json(index))
    os.replace(part, index_path(segment))


def read_index(segment: Path) -> SegmentIndex | None:
    """The index kept beside a segment; None if there is none that fits it."""
    try:
        index = take_json(index_path(segment).read_bytes(), SegmentIndex)
        fits = index.version == VERSION and index.size == segment.stat().st_size
    except (OSError, DamageError):
        return None
    return index if fits else None


def scan(segment: Path, index: SegmentIndex | None = None) -> tuple[SegmentIndex, list[Problem]]:
    """The index of a segment by reading it, from where an earlier one ended; and what cannot be read of it.

    Raises:
        InputError: if the segment was written by a newer version.
        OSError: if it cannot be read.
    """
    index = index or SegmentIndex()
    reader = SegmentReader(segment, index.size, SKIPPED)
    problems = []
    for frame in reader:
        try:
            index.note(frame)
        except DamageError as damage:
            problems.append(Problem(segment, frame.offset, frame.end - frame.offset, str(damage)))
    return index, [*reader.problems, *problems]
