"""Looking back: the picture at any time of a recording, quickly, also while it is being written; and its timeline.

Made to be used in a process of its own beside the server. A scrubber keeps its core where it was: going on a little
costs a little, going back or far costs a checkpoint and the input after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreState, step
from lowsky.model.notice import Event, Level, NoticeBatch, no_notices
from lowsky.model.picture import Picture, take_rows
from lowsky.model.place import Place as ProtectedPlace

from .header import Setup
from .merging import nothing
from .reading import Gap, Recording, open_recording
from .replay import Replayer, replay_from
from .threads import NS_PER_S

EARLIER_NS = NS_PER_S  # a replay begins so much before the wanted time, so that it meets a tick
SILENCE_NS = 5 * NS_PER_S  # without a tick for so long there was no picture
MOST_BINS = 10_000
CLOSE_NS = 2 * NS_PER_S  # a pulse stands for so long


@dataclass(frozen=True, slots=True)
class Scene:
    """What was to be seen at a time."""

    time_ns: int  # of the tick, the last one at or before the wanted time
    picture: Picture
    notices: NoticeBatch
    events: tuple[Event, ...]  # of notices that stood then, or ended a short while before, in order of time
    identities: tuple[str, ...]  # the table that `picture.identity` points into
    places: tuple[ProtectedPlace, ...]  # the table that `notices.place` points into
    setup: Setup
    missing: bool  # nothing was recorded then: there was no picture
    state: CoreState | None = None  # the core then; the scrubber goes on with it at the next question


class Scrubber:
    """A replay that can be asked for any time."""

    def __init__(self, folder: Path | str) -> None:
        """Open the recording.

        Raises:
            InputError: if there is none, or it was made by a newer version.
        """
        self.recording: Recording = open_recording(folder)
        self._at: Replayer | None = None

    def picture_at(self, time_ns: int) -> Scene:
        """What was to be seen at a time; before the beginning that is nothing, after the end it is the end.

        Raises:
            InputError: if nothing can be restored.
        """
        if time_ns > self.recording.to_ns:
            self.recording.refresh()
        try:
            return self._found(time_ns)
        except FileNotFoundError:  # a segment was retired meanwhile
            self.recording.refresh()
            return self._found(time_ns)

    def _found(self, time_ns: int) -> Scene:
        replayer, self._at = self._at, None  # what fails half-way is not gone on with
        if replayer is None or not self._can_go_on(replayer, time_ns):
            replayer = replay_from(self.recording, min(time_ns, self.recording.to_ns) - EARLIER_NS)
        replayer.advance(time_ns)
        self._at = replayer
        return _scene(replayer, time_ns)

    def _can_go_on(self, replayer: Replayer, time_ns: int) -> bool:
        """Is it forward, and no checkpoint nearer?"""
        if replayer.now_ns > time_ns or (replayer.shown and replayer.shown.tick_ns > time_ns):
            return False
        nearest = self.recording.place_before(min(time_ns, self.recording.to_ns) - EARLIER_NS)
        return nearest.time_ns <= replayer.now_ns

    def span(self) -> tuple[int, int, list[Gap]]:
        """From when to when there is a recording, and the gaps in it, as of now."""
        self.recording.refresh()
        return self.recording.from_ns, self.recording.to_ns, self.recording.gaps

    def density(self, bins: int) -> Density:
        """The timeline as of now."""
        self.recording.refresh()
        return density(self.recording, bins)


def _scene(replayer: Replayer, time_ns: int) -> Scene:
    shown, state = replayer.shown, replayer.state
    missing = shown is None or time_ns - shown.tick_ns > SILENCE_NS
    setup = replayer.header.setup if replayer.header else replayer.story.recording.header().setup
    if shown is None or state is None:
        picture = take_rows(_empty_picture(setup), slice(0, 0))
        return Scene(time_ns, picture, no_notices(), (), (), setup.places, setup, True)
    return Scene(
        time_ns=shown.tick_ns,
        picture=take_rows(shown.picture, slice(0, 0)) if missing else shown.picture,
        notices=no_notices() if missing else shown.notices,
        events=replayer.happened.kept(time_ns),
        identities=tuple(replayer.identities),
        places=tuple(state.assessment.places),
        setup=setup,
        missing=missing,
        state=state,
    )


def _empty_picture(setup: Setup) -> Picture:
    return step(setup.fresh(), nothing())[1].picture


@dataclass(frozen=True, slots=True)
class Density:
    """The timeline of a recording in bins of equal length."""

    from_ns: int
    to_ns: int
    objects: tuple[int, ...]  # most objects at once in each bin; -1: nothing recorded
    notices: tuple[tuple[int, Level, str], ...]  # time, level, id of the place: raised, or another level now
    gaps: tuple[Gap, ...]


def density(recording: Recording, bins: int) -> Density:
    """The timeline, from what was noted once a second.

    Raises:
        ValueError: if `bins` is not between 1 and `MOST_BINS`.
    """
    if not 1 <= bins <= MOST_BINS:
        raise ValueError(f"{bins} bins are not between 1 and {MOST_BINS}")
    from_ns, to_ns = recording.from_ns, recording.to_ns
    width_ns = (to_ns - from_ns) // bins + 1
    times_ns, objects = _pulses(recording)
    most = np.full(bins, -1, dtype=np.int64)
    np.maximum.at(most, np.clip((times_ns - from_ns) // width_ns, 0, bins - 1), objects)
    starts_ns = from_ns + width_ns * np.arange(bins)
    before = np.searchsorted(times_ns, starts_ns, side="right") - 1
    near = (before >= 0) & (starts_ns - times_ns[before] < CLOSE_NS) if len(times_ns) else before >= 0
    empty = (most < 0) & near  # bins shorter than the time between pulses
    most[empty] = objects[before[empty]]
    raised = sorted(row for segment in recording.usable for row in segment.index.raised)
    return Density(from_ns, to_ns, tuple(most.tolist()), tuple(raised), tuple(recording.gaps))


def _pulses(recording: Recording) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Time and number of objects of all pulses, in order of time."""
    indices = [segment.index for segment in recording.usable]
    times_ns = np.array([t for index in indices for t in index.pulse_ns], dtype=np.int64)
    objects = np.array([n for index in indices for n in index.objects], dtype=np.int64)
    order = np.argsort(times_ns, kind="stable")
    return times_ns[order], objects[order]
