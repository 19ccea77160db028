"""What a recording tells, in order: checkpoints, inputs, pulses and marks, decoded.

Where something is missing or damaged, what depends on it is left out: the story goes on with the next checkpoint, to be
restored. It can be asked again later and goes on behind the last whole frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lowsky.core import CoreInput
from lowsky.model.errors import InputError

from .frames import DamageError, Frame, FrameKind
from .header import Header, take_header
from .payloads import Checkpoint, Mark, Pulse, take_checkpoint, take_input, take_json
from .reading import Gap, Place, Recording, Segment
from .segment import Problem, SegmentReader


@dataclass(frozen=True, slots=True)
class Restore:
    """The story begins here, or begins again after something was lost."""

    header: Header
    checkpoint: Checkpoint


Entry = Restore | Checkpoint | CoreInput | Pulse | Mark


class Story:
    """Iterates over the entries of a recording from a checkpoint on, through all segments."""

    def __init__(self, recording: Recording, place: Place, last: int | None = None) -> None:
        """Begin at a checkpoint; with `last`, end with the segment of that number.

        Raises:
            InputError: if the segment has no header that can be read.
        """
        self.recording = recording
        self.sequence = 0  # of the last frame
        self.last_ns = place.time_ns  # time of the last entry
        self.left_out = 0  # inputs that follow on something missing
        self.gaps: list[Gap] = []  # from the last entry before something missing to the checkpoint after it
        self._problems: list[Problem] = []
        self._last = last
        self._segment = self._segment_of(place.segment)
        self._offset = place.offset
        self._header: Header | None = recording.header(self._segment)
        self._restoring = True
        self._reader = SegmentReader(self._segment.path, self._offset)

    @property
    def problems(self) -> list[Problem]:
        """What cannot be read so far."""
        return [*self._problems, *(p for p in self._reader.problems if not p.torn)]

    def note(self, problems: list[Problem]) -> None:
        """Take over what could not be read before the story begins."""
        self._problems += problems

    def begins(self) -> bool:
        """Is the checkpoint where it begins whole?"""
        frame = next(iter(SegmentReader(self._segment.path, self._offset)), None)
        return frame is not None and frame.kind is FrameKind.CHECKPOINT and frame.offset == self._offset

    def _segment_of(self, number: int) -> Segment:
        for segment in self.recording.segments:
            if segment.number == number:
                return segment
        raise InputError(f"segment {number} of {self.recording.folder} is no longer kept")

    def __iter__(self) -> Iterator[Entry]:
        """The entries that are there now, behind those of the last time.

        Raises:
            InputError: if a segment was written by a newer version.
            OSError: if it cannot be read.
        """
        while True:
            self._reader = SegmentReader(self._segment.path, self._offset)
            for frame in self._reader:
                self._offset = frame.end
                entry = self._entry(frame)
                if entry is not None:
                    yield entry
            later = [s for s in self.recording.segments if s.number > self._segment.number]
            if not later or self._segment.number == self._last:
                self._problems += [p for p in self._reader.problems if not p.torn]
                self._reader.problems.clear()
                return
            self._problems += self._reader.problems
            self._segment, self._offset, self._header = later[0], 0, None

    def _entry(self, frame: Frame) -> Entry | None:
        """The entry of a frame; None if it is none, or cannot be used."""
        missing = range(self.sequence + 1, frame.sequence) if self.sequence else range(0)
        if frame.sequence <= self.sequence or len(missing) > len(self._reader.spared.intersection(missing)):
            self._restoring = True
        self.sequence = frame.sequence
        try:
            if frame.kind is FrameKind.HEADER:
                self._header = take_header(frame.payload(), str(self._segment.path))
                return None
            self._restoring = self._restoring or self._header is None  # its inputs cannot be read without
            return self._decoded(frame)
        except DamageError as damage:
            self._problems.append(Problem(self._segment.path, frame.offset, frame.end - frame.offset, str(damage)))
            self._restoring = self._restoring or frame.kind is FrameKind.INPUT
            return None

    def _decoded(self, frame: Frame) -> Entry | None:
        if frame.kind is FrameKind.CHECKPOINT:
            return self._checkpoint(frame)
        if frame.kind is FrameKind.MARK:
            return take_json(frame.payload(), Mark)
        if self._restoring or self._header is None:
            self.left_out += frame.kind is FrameKind.INPUT
            return None
        self.last_ns = max(self.last_ns, frame.time_ns)
        if frame.kind is FrameKind.INPUT:
            return take_input(frame.payload(), self._header.layout)
        return take_json(frame.payload(), Pulse) if frame.kind is FrameKind.PULSE else None

    def _checkpoint(self, frame: Frame) -> Entry | None:
        checkpoint = take_checkpoint(frame.payload())
        if not self._restoring:
            return checkpoint
        if self._header is None:
            return None
        self._restoring = False
        if frame.time_ns > self.last_ns:
            self.gaps.append((self.last_ns, frame.time_ns))
        self.last_ns = frame.time_ns
        return Restore(self._header, checkpoint)
