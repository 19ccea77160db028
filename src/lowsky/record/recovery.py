"""Going on after a stop: the last checkpoint and what was recorded after it give the state, with the same numbers.

After a clean stop everything shown is in the recording. After a crash something may have been shown that is not: hence
public numbers go on behind the block that was reserved (the first input says so, so that a replay does the same), and
the time without input is marked. Sensors and rules that were changed meanwhile are told to the core as the first
input; a recording whose settings were changed begins with an empty picture, but its numbers go on too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from lowsky.core import Changes, CoreInput, CoreState, catching_up
from lowsky.model.action import Action, ActionKind
from lowsky.model.errors import InputError
from lowsky.model.notice import Event
from lowsky.model.roster import changed_roster

from .files import segments_of
from .header import Header, Setup, this_machine
from .journal import Journal
from .limits import Limits
from .merging import nothing
from .payloads import Mark
from .reading import Recording
from .recorder import Recorder
from .replay import Replayer, replay_from
from .story import Restore


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a recording says about how to go on."""

    state: CoreState
    setup: Setup  # under which the state can be restored
    recording: str  # id
    sequence: int  # of the next frame
    segment: int  # number of the next segment
    reports: int  # recorded: the next report's running number
    last_ns: int  # time of the core: nothing received before it may come
    reserved: int  # public numbers up to this one may have been shown
    events: tuple[Event, ...]  # of notices that stand, or ended a short while ago
    clean: bool  # it was stopped, and everything shown is recorded
    problems: tuple[str, ...]  # what of the end cannot be read; one sentence each
    anew: str = ""  # why the picture begins empty; "": it does not


def recover(folder: Path, setup: Setup) -> Recovered | None:
    """The state at the end of the recording in a folder; None if there is none.

    Args:
        setup: of the core that is to go on. Where settings or origin are not those of the recording, or its sensors
            cannot become these, the state is a new one; else places, rules and sensors are those of the recording, as
            they were last.

    Raises:
        InputError: if the recording was made by a newer version.
        OSError: if it cannot be read.
    """
    if not folder.is_dir() or not segments_of(folder):
        return None
    recording = Recording(folder)
    try:
        header = recording.header()
    except InputError:
        return _without_state(recording, setup, new_id(), "the recording holds no checkpoint that can be read")
    anew = _why_anew(header, setup)
    if not anew:
        try:
            replayer = _at_the_end(recording)
            anew = _why_not(replayer, setup)
            if not anew:
                return _found(recording, header, replayer)
        except InputError as error:
            anew = str(error)
        except Exception as error:  # what once made the core fail must not keep it from ever starting again
            anew = f"the core fails at what was recorded: {error!r}"
    return _without_state(recording, setup, header.recording, anew)


def _why_anew(header: Header, setup: Setup) -> str:
    if _plain(header.setup) == _plain(setup):
        return ""
    return "settings or the origin of the frame are others than those of the recording"


def _plain(setup: Setup) -> object:
    """What of a setup cannot be changed while running, with what is left to its defaults filled in."""
    return msgspec.to_builtins([setup.site.origin, replace(setup, places=()).fresh().settings])


def _why_not(replayer: Replayer, setup: Setup) -> str:
    """Why the sensors of a state cannot become those of a setup, row for row; "": they can."""
    if replayer.state is None:
        raise InputError("no checkpoint of the recording can be read")
    try:
        rows = changed_roster(replayer.state.site.sensors, setup.site.sensors)
    except ValueError as error:
        return f"the sensors are others than those of the recording: {error}"
    if [s.id for s in rows] != [s.id for s in setup.site.sensors]:
        return "the sensors are others than those of the recording, or in another order"
    return ""


def _at_the_end(recording: Recording) -> Replayer:
    replayer = replay_from(recording, recording.to_ns)
    replayer.advance()
    if replayer.state is None:
        raise InputError("no checkpoint of the recording can be read")
    return replayer


def _found(recording: Recording, header: Header, replayer: Replayer) -> Recovered:
    if replayer.state is None or replayer.header is None:
        raise InputError("no checkpoint of the recording can be read")
    last = recording.segments[-1]
    return Recovered(
        state=replayer.state,
        setup=replayer.header.setup,
        recording=header.recording,
        sequence=max(s.index.last_sequence for s in recording.segments) + 1,
        segment=last.number + 1,
        reports=replayer.reports,
        last_ns=replayer.now_ns,
        reserved=max(s.index.reserved for s in recording.segments),
        events=replayer.happened.kept(replayer.now_ns),
        clean=_is_clean(recording),
        problems=_problems(recording, replayer),
    )


def _is_clean(recording: Recording) -> bool:
    """Is a stop the last that was recorded, and nothing behind it?"""
    last = recording.segments[-1]
    return not last.problems and bool(last.index.marks) and last.index.marks[-1].what == "stop"


def _problems(recording: Recording, replayer: Replayer | None) -> tuple[str, ...]:
    found = [*recording.problems, *(replayer.story.problems if replayer else [])]
    return tuple(dict.fromkeys(map(str, found)))


def _without_state(recording: Recording, setup: Setup, name: str, why: str) -> Recovered:
    """Numbers go on, the picture begins anew. The running number leaves one out: nobody replays across this."""
    return Recovered(
        state=setup.fresh(),
        setup=setup,
        recording=name,
        sequence=max(s.index.last_sequence for s in recording.segments) + 2,
        segment=recording.segments[-1].number + 1,
        reports=_reports_of(recording),
        last_ns=recording.to_ns if recording.usable else 0,
        reserved=max(s.index.reserved for s in recording.segments),
        events=(),
        clean=False,
        problems=_problems(recording, None),
        anew=why,
    )


def _reports_of(recording: Recording) -> int:
    """Number of reports recorded, without a core: as the last checkpoint says, and those after it."""
    number = 0
    try:
        story = replay_from(recording, recording.to_ns).story
    except InputError:  # there is no checkpoint that can be read
        return 0
    for entry in story:
        if isinstance(entry, Restore):
            number = entry.checkpoint.reports
        elif isinstance(entry, CoreInput):
            number += len(entry.reports)
    return number


def new_id() -> str:
    """Id of a new recording, 32 hexadecimal digits."""
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Begun:
    """How a recording was begun or gone on with."""

    recorder: Recorder
    first: Changes | None  # of the input that a restart begins with
    sequence: int  # of that input, 0: none
    recovered: Recovered | None  # None: it is new
    missing_ns: int  # for how long nothing was recorded


def begin_recording(folder: Path, setup: Setup, now_ns: int, limits: Limits | None = None, name: str = "") -> Begun:
    """A recorder for a folder, whether it holds a recording or not.

    Args:
        folder: made if it is not there.
        setup: of the core. Places go for a new recording; in one that goes on they are what they were last.
        now_ns: the time, UTC; where it is before the last input recorded, the core's time stands still until then.
        name: of the site.

    Raises:
        InputError: if another process records there, or the recording was made by a newer version.
        ValueError: if the setup cannot be kept.
        OSError: if the folder cannot be read or written.
    """
    found = recover(folder, setup)
    if found is None:
        journal = Journal(folder, Header(new_id(), this_machine(), setup, name=name), limits)
        recorder = Recorder(journal, setup.fresh(), now_ns)
        journal.mark(Mark("start", now_ns))
        return Begun(recorder, None, 0, None, 0)
    header = Header(found.recording, this_machine(), found.setup, found.reserved, name)
    journal = Journal(folder, header, limits, found.sequence, found.segment)
    recorder = Recorder(journal, found.state, found.last_ns, found.reports, found.events)
    time_ns = max(now_ns, found.last_ns)
    why = found.anew or ("after a stop" if found.clean else "after a crash")
    journal.mark(Mark("restart", time_ns, found.last_ns, why=why))
    missing_ns = time_ns - found.last_ns
    actions: tuple[Action, ...] = ()
    if not found.clean:
        actions += (Action(time_ns, ActionKind.NUMBERS_FROM, found.reserved + 1),)
    actions += catching_up(found.state, setup.fresh(), time_ns)
    if not actions:
        return Begun(recorder, None, 0, found, missing_ns)
    first, sequence = recorder.step(replace(nothing(), actions=actions))
    return Begun(recorder, first, sequence, found, missing_ns)
