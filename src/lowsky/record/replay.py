"""Replay: the core set to any time of a recording and fed its inputs again.

A replayer begins at a checkpoint and goes forward only. Inputs are joined to pieces, which changes nothing of it and
saves most of its cost. On its way it can compare what it gets with what was noted while recording: the hashes of
ticks, and the core's whole state at checkpoints.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from lowsky.core import Changes, CoreInput, CoreState, step
from lowsky.model.action import ActionKind
from lowsky.model.errors import InputError
from lowsky.model.notice import NoticeBatch
from lowsky.model.picture import Picture

from .compare import Verified
from .header import Header, differences, this_machine
from .journal import last_ns
from .limits import Limits
from .merging import divided, is_empty, joined
from .payloads import Checkpoint, Mark, Pulse
from .proof import notices_at, rows_at
from .reading import Place, Recording
from .recorder import Happened
from .restore import restored_core
from .segment import Problem
from .story import Restore, Story
from .threads import NS_PER_S

PIECE_NS = NS_PER_S  # of input that is stepped at once
PIECE_REPORTS = 40_000  # and about so many reports


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the replay: what the core was given and what it changed."""

    given: CoreInput
    changes: Changes
    pulses: tuple[Pulse, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What was to be seen at a tick."""

    tick_ns: int
    picture: Picture
    notices: NoticeBatch


def shown_at(changes: Changes, tick_ns: int) -> Shown:
    """What is to be seen at a tick."""
    return Shown(tick_ns, rows_at(changes.picture, tick_ns), notices_at(changes.notices, tick_ns))


class Replayer:
    """A core on its way through a recording.

    `state` is the core's (None: nothing could be restored yet), `now_ns` up to when input was consumed, `shown` what
    was to be seen at the last tick (None: no tick since it began).
    """

    def __init__(self, recording: Recording, place: Place, verify: bool = False, last: int | None = None) -> None:
        """Begin at a checkpoint; with `verify`, compare with what was noted; with `last`, end with that segment.

        Raises:
            InputError: if the segment has no header that can be read.
        """
        self.story = Story(recording, place, last)
        self.state: CoreState | None = None
        self.header: Header | None = None
        self.threads = 1  # that may share the core's work
        self.now_ns = place.time_ns
        self.reports = 0  # recorded before what comes next
        self.shown: Shown | None = None
        self.happened = Happened(Limits())
        self.verified = Verified() if verify else None
        self._inputs: list[CoreInput] = []
        self._pulses: list[Pulse] = []
        self._marks: list[Mark] = []
        self._rest: CoreInput | None = None  # of an input that was cut

    @property
    def identities(self) -> list[str]:
        """The table that `picture.identity` points into."""
        return self.state.identities.names if self.state else []

    def advance(self, until_ns: int | None = None) -> None:
        """Go on to a time, or to the end, without looking at what comes."""
        for _ in self.pieces(until_ns):
            pass

    def pieces(self, until_ns: int | None = None) -> Iterator[Piece]:
        """Go on to a time (what was received at it included), or to the end. To be iterated to its end; then it can be
        called again for a later time, and for the end of a recording that has grown.

        Raises:
            InputError: if what was recorded does not fit this version.
        """
        if self._rest is not None:
            rest, self._rest = self._rest, None
            if self._taken(rest, until_ns):
                yield from self._flushed()
                return
        for entry in self.story:
            if isinstance(entry, CoreInput):
                if self._is_enough(entry):  # now, when the pulses that belong to it are read too
                    yield from self._flushed()
                if self._taken(entry, until_ns):
                    break
            elif isinstance(entry, Pulse):
                self._pulses.append(entry)
            elif isinstance(entry, Mark):
                self._marks.append(entry)
            else:
                yield from self._flushed()
                self._checkpoint(entry)
        yield from self._flushed()

    def _taken(self, given: CoreInput, until_ns: int | None) -> bool:
        """Take an input; True, with its rest put aside, if it goes beyond the time to stop at."""
        beyond = until_ns is not None and last_ns(given) > until_ns
        if beyond and until_ns is not None:
            given, self._rest = divided(given, until_ns)
        if not is_empty(given):
            self._inputs.append(given)
        return beyond

    def _is_enough(self, coming: CoreInput) -> bool:
        """Step what was taken before taking what is coming? Places are the same for a whole piece."""
        if any(a.kind is ActionKind.SET_PLACES for given in (coming, *self._inputs[-1:]) for a in given.actions):
            return True
        span_ns = last_ns(self._inputs[-1]) - last_ns(self._inputs[0]) if self._inputs else 0
        return span_ns >= PIECE_NS or sum(len(given.reports) for given in self._inputs) >= PIECE_REPORTS

    def _flushed(self) -> Iterator[Piece]:
        """Step what was taken."""
        if not self._inputs or self.state is None:
            self._inputs.clear()
            return
        given = joined(self._inputs)
        self._inputs.clear()
        self.state.threads = self.threads
        self.state, changes = step(self.state, given)
        self.now_ns = max(self.now_ns, last_ns(given))
        self.reports += len(given.reports)
        self.happened.add(changes.events)
        pulses, self._pulses = self._pulses, []
        marks, self._marks = self._marks, []
        for pulse in pulses if self.verified else ():
            self._compare(pulse, given, changes)
        if len(given.ticks_ns):
            self.shown = shown_at(changes, int(given.ticks_ns[-1]))
        yield Piece(given, changes, tuple(pulses), tuple(marks))

    def _compare(self, pulse: Pulse, given: CoreInput, changes: Changes) -> None:
        """Compare what was noted of a tick with what it is now; a tick that was cut off before may be the last one."""
        shown = self.shown
        if pulse.time_ns in given.ticks_ns:
            shown = shown_at(changes, pulse.time_ns)
        if self.verified and shown is not None and shown.tick_ns == pulse.time_ns:
            self.verified.compare_pulse(pulse, shown.picture, shown.notices)

    def _checkpoint(self, entry: Restore | Checkpoint) -> None:
        if isinstance(entry, Checkpoint):
            if self.verified and self.state is not None:
                self.verified.compare_checkpoint(entry.tables, self.state)
            return
        self.header = entry.header
        here = differences(entry.header.machine, this_machine())
        self.state = restored_core(entry.header.setup, entry.checkpoint.tables, bool(here))
        self.now_ns, self.reports, self.shown = entry.checkpoint.time_ns, entry.checkpoint.reports, None
        self.happened = Happened(Limits(), entry.checkpoint.events)
        if self.verified:
            self.verified.here = here


def replay_from(recording: Recording, time_ns: int | None = None, verify: bool = False) -> Replayer:
    """A replayer at the last checkpoint at or before a time that can be read, else at the first of all; it has consumed
    nothing yet.

    Raises:
        InputError: if there is no checkpoint that can be read.
    """
    before = recording.places_before(time_ns) if time_ns is not None else iter(())
    failed: dict[int, Problem] = {}
    for place in chain(before, recording.places()):
        try:
            replayer = Replayer(recording, place, verify)
        except InputError as error:
            failed.setdefault(place.segment, Problem(recording.path(place.segment), 0, 0, str(error)))
            continue
        if replayer.story.begins():
            replayer.story.note(list(failed.values()))
            return replayer
    words = "; ".join(problem.what for problem in failed.values())
    raise InputError(words or f"no checkpoint of {recording.folder} can be read")
