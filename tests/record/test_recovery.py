"""Going on after a stop, a crash, damage or a change of the setup: same numbers, nothing shown is contradicted."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lowsky.assess import Rules
from lowsky.core import picture_hash, save_state
from lowsky.model.action import ActionKind
from lowsky.model.errors import InputError
from lowsky.model.picture import Picture, concatenate_pictures
from lowsky.model.timebase import NS_PER_S
from lowsky.record import Setup, begin_recording, open_recording, recover, replay_from
from lowsky.record.compare import tables_equal
from lowsky.record.files import segments_of
from lowsky.record.frames import FRAME_HEAD, SEGMENT_HEAD
from lowsky.record.segment import SegmentReader
from lowsky.tracking.settings import Settings

from .nights import QUICK, Night, at_once, cut_every, night, record, setup_of

CHECKOUT = Path(__file__).resolve().parents[2]
KILLED = """
import sys, time
from pathlib import Path
from tests.record.nights import record
record(Path(sys.argv[1]), until_s=float(sys.argv[2]), close=False)
print("recorded", flush=True)
time.sleep(600)
"""


def _killed(folder: Path, until_s: float) -> None:
    """Record in a process of its own, and kill it with SIGKILL in the middle."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder), str(until_s)],
        env=os.environ | {"PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"},
        cwd=CHECKOUT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "recorded\n"
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait()
        if child.stdout:
            child.stdout.close()


def _go_on(folder: Path, made_until_s: float, missing_s: float = 0.0) -> Night:
    """Begin again and record the rest of the night, without what would have been received in `missing_s`."""
    scene = night()
    now_ns = scene.start_ns + round((made_until_s + missing_s) * NS_PER_S)
    begun = begin_recording(folder, setup_of(scene), now_ns, QUICK)
    seen = [begun.first] if begun.first else []
    for given in cut_every(scene, [100_000_000])[round((made_until_s + missing_s) * 10) :]:
        changes, sequence = begun.recorder.step(given)
        assert begun.recorder.ready(sequence, 30.0)
        seen.append(changes)
    begun.recorder.close()
    return Night(folder, scene, seen, begun.recorder.state, begun.recorder)


def _last(made: Night) -> Picture:
    """The last picture that was asked for."""
    return next(c.picture for c in reversed(made.seen) if len(c.picture))


def test_after_a_clean_stop_everything_goes_on_as_if_nothing_had_been(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=14.95)
    found = recover(tmp_path, setup_of(made.scene))
    assert found is not None
    assert found.clean
    assert found.anew == ""
    assert found.problems == ()
    assert found.reports == made.recorder.reports
    assert tables_equal(save_state(found.state), save_state(made.state))
    assert found.events == made.recorder.events
    assert len(found.events) > 5
    rest = _go_on(tmp_path, 14.9)  # the input with the tick at 15 s was not recorded any more
    whole = concatenate_pictures([c.picture for c in made.seen + rest.seen])
    assert picture_hash(whole) == picture_hash(at_once()[1].picture)
    replayer = replay_from(open_recording(tmp_path), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good
    assert replayer.verified.hashes >= 41
    assert replayer.reports == len(made.scene.reports)


def test_after_kill_9_the_objects_keep_their_numbers_and_a_replay_is_exact(tmp_path: Path) -> None:
    """A real process, killed in the middle; a second goes on a second later; the whole is replayed."""
    _killed(tmp_path, 14.95)
    begin_s = time.monotonic()
    found = recover(tmp_path, setup_of(night()))
    assert found is not None
    assert time.monotonic() - begin_s < 60.0  # not a measurement: bench/journal.py times it
    assert not found.clean
    assert found.problems == ()
    assert 14.8 < (found.last_ns - night().start_ns) / NS_PER_S <= 14.9
    rest = _go_on(tmp_path, 14.9, missing_s=1.1)
    before = at_once()[1].picture
    numbers = set(before.track[before.time_ns == night().start_ns + 148 * 100_000_000].tolist())
    assert len(numbers) > 10
    after = next(c.picture for c in rest.seen if len(c.picture))
    assert numbers <= set(after.track.tolist())
    new = {n for c in rest.seen for n in c.picture.track.tolist()} - numbers
    assert all(n > found.reserved or n <= max(before.track) for n in new)
    recording = open_recording(tmp_path)
    assert recording.gaps == [(found.last_ns, night().start_ns + 16 * NS_PER_S)]
    replayer = replay_from(recording, verify=True)
    pictures = [piece.changes.picture for piece in replayer.pieces()]
    assert replayer.verified is not None
    assert replayer.verified.good, replayer.verified.sentence()
    assert replayer.verified.checkpoints >= 5
    seen = concatenate_pictures([c.picture for c in rest.seen])
    again = concatenate_pictures(pictures)
    tail = again.time_ns > found.last_ns
    assert np.array_equal(again.track[tail], seen.track)
    assert np.array_equal(again.state[tail], seen.state)
    assert replayer.state is not None
    assert tables_equal(save_state(replayer.state), save_state(rest.state))


def test_numbers_go_on_behind_the_reserved_block(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=1.0, close=False)  # before much is shown
    made.recorder.journal.close()
    reserved = open_recording(tmp_path).segments[-1].index.reserved
    assert reserved >= made.recorder.highest
    shown = {n for c in made.seen for n in c.picture.track.tolist()}
    rest = _go_on(tmp_path, 1.1)
    numbers = {n for c in rest.seen for n in c.picture.track.tolist()}
    assert numbers - shown
    assert min(numbers - shown) == reserved + 1
    first = next(iter(replay_from(open_recording(tmp_path), made.scene.start_ns + 3 * NS_PER_S).pieces())).given
    assert [(a.kind, a.number) for a in first.actions] in ([(ActionKind.NUMBERS_FROM, reserved + 1)], [])


def test_a_torn_end_is_cut_and_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=12.0, close=False)
    made.recorder.journal.close()
    (_, path), *_ = segments_of(tmp_path)
    size = path.stat().st_size
    with path.open("rb+") as file:
        file.truncate(size - 11)
    found = recover(tmp_path, setup_of(made.scene))
    assert found is not None
    (problem,) = found.problems
    assert path.name in problem
    assert "the file ends within a frame" in problem
    offset = int(problem.split("offset ")[1].split(":")[0])
    assert offset == max(f.end for f in SegmentReader(path))
    assert len(set(found.state.world.tracks["number"].tolist()) & set(_last(made).track.tolist())) > 5
    assert found.sequence == max(f.sequence for f in SegmentReader(path)) + 1
    again = _go_on(tmp_path, 12.5)
    assert len(_last(again)) > 0
    assert [p.path for p in open_recording(tmp_path).problems] == [path]


@pytest.mark.parametrize("kept", [0, 5, SEGMENT_HEAD.size, SEGMENT_HEAD.size + 20, 9_000])
def test_a_segment_that_was_hardly_begun_is_no_hindrance(tmp_path: Path, kept: int) -> None:
    """The crash came while a new segment was being written: the one before is gone on with."""
    record(tmp_path, until_s=12.0)
    (_, path), *_ = segments_of(tmp_path)
    (tmp_path / "00000002.lowskylog").write_bytes(path.read_bytes()[:kept])
    found = recover(tmp_path, setup_of(night()))
    assert found is not None
    assert found.anew == ""
    assert found.segment == 3
    assert found.reports > 500
    rest = _go_on(tmp_path, 12.5)
    assert len(_last(rest)) > 0


def test_a_damaged_last_checkpoint_is_done_without(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=12.0, close=False)
    made.recorder.journal.close()
    (_, path), *_ = segments_of(tmp_path)
    index = open_recording(tmp_path).segments[0].index
    assert len(index.checkpoint_at) == 2
    data = bytearray(path.read_bytes())
    data[index.checkpoint_at[-1] + FRAME_HEAD.size + 500] ^= 1
    path.write_bytes(bytes(data))
    found = recover(tmp_path, setup_of(made.scene))
    assert found is not None
    assert tables_equal(save_state(found.state), save_state(made.state))
    assert any("checkpoint frame is not what was written" in p for p in found.problems)


@pytest.mark.parametrize("clean", [True, False])
def test_sensors_described_anew_go_on_with_the_picture(tmp_path: Path, clean: bool) -> None:
    made = record(tmp_path / "first", until_s=8.0, close=clean)
    made.recorder.journal.flush()
    folder = Path(shutil.copytree(tmp_path / "first", tmp_path / "copy"))  # as a crash would leave it
    made.recorder.journal.close()
    scene = made.scene
    old = scene.site.sensors
    new = replace(old[0], id="a new one")
    sensors = (replace(old[0], max_range_m=9_000.0), *(replace(s, retired=True) for s in old[1:2]), *old[2:], new)
    site = replace(scene.site, sensors=sensors)
    begun = begin_recording(folder, replace(setup_of(scene), site=site), scene.start_ns + 9 * NS_PER_S, QUICK)
    assert begun.recovered is not None
    assert begun.recovered.anew == ""
    assert begun.recorder.state.site == site
    assert begun.recorder.state.world.sensors[0]["reach_m"][1] == 9_000.0
    for given in cut_every(scene, [100_000_000])[90:120]:
        begun.recorder.step(given)
    begun.recorder.close()
    again = recover(folder, replace(setup_of(scene), site=site))
    assert again is not None
    assert again.anew == ""
    assert tables_equal(save_state(again.state), save_state(begun.recorder.state))
    replayer = replay_from(open_recording(folder), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good, replayer.verified.sentence()


def test_changed_rules_go_on_with_the_picture(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=8.0)
    setup = replace(setup_of(made.scene), rules=Rules(hold_s=3.0))
    begun = begin_recording(tmp_path, setup, made.scene.start_ns + 9 * NS_PER_S, QUICK)
    assert begun.recovered is not None
    assert begun.recovered.anew == ""
    for given in cut_every(made.scene, [100_000_000])[90:100]:
        begun.recorder.step(given)
    assert begun.recorder.state.assessment.rules == Rules(hold_s=3.0)
    begun.recorder.close()
    again = begin_recording(tmp_path, setup, made.scene.start_ns + 12 * NS_PER_S, QUICK)
    assert again.first is None  # there was nothing to tell
    again.recorder.close()


def test_sensors_in_another_order_begin_anew(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=4.0)
    site = replace(made.scene.site, sensors=made.scene.site.sensors[::-1])
    found = recover(tmp_path, replace(setup_of(made.scene), site=site))
    assert found is not None
    assert "in another order" in found.anew


def test_a_changed_setup_begins_anew_but_numbers_go_on(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=8.0)
    scene = made.scene
    other = replace(setup_of(scene), settings=Settings(life_s=90.0))
    begun = begin_recording(tmp_path, other, scene.start_ns + 9 * NS_PER_S, QUICK)
    found = begun.recovered
    assert found is not None
    assert "settings or the origin of the frame are others" in found.anew
    assert found.reports == made.recorder.reports
    assert begun.recorder.reports == found.reports
    for given in cut_every(scene, [100_000_000])[90:120]:
        changes, _ = begun.recorder.step(given)
    begun.recorder.close()
    numbers = set(changes.picture.track.tolist())
    assert numbers
    assert min(numbers) > found.reserved
    replayer = replay_from(open_recording(tmp_path), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good
    assert replayer.header is not None
    assert replayer.header.setup.settings.life_s == 90.0
    assert replayer.story.sequence > found.sequence


def test_an_input_that_makes_the_core_fail_does_not_do_so_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = record(tmp_path, until_s=5.0, close=False)
    made.recorder.journal.close()

    def fail(*given: object) -> None:
        raise MemoryError("more than 8 things")

    monkeypatch.setattr("lowsky.record.replay.step", fail)
    found = recover(tmp_path, setup_of(made.scene))
    assert found is not None
    assert found.anew == "the core fails at what was recorded: MemoryError('more than 8 things')"
    assert found.reports == made.recorder.reports
    assert found.reserved >= made.recorder.highest


def test_damaged_headers_everywhere_leave_an_empty_picture_and_the_numbers(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=8.0)
    for number, path in segments_of(tmp_path):
        data = bytearray(path.read_bytes())
        data[SEGMENT_HEAD.size + FRAME_HEAD.size + 9] ^= 1
        path.write_bytes(bytes(data))
        assert number == 1
    found = recover(tmp_path, setup_of(made.scene))
    assert found is not None
    assert "no checkpoint that can be read" in found.anew
    assert found.reserved >= made.recorder.highest
    assert found.segment == 2


def test_other_places_alone_change_nothing_of_the_picture(tmp_path: Path) -> None:
    """They are those of the recording until an action changes them."""
    made = record(tmp_path, until_s=8.0)
    found = recover(tmp_path, replace(setup_of(made.scene), places=()))
    assert found is not None
    assert found.anew == ""
    assert found.setup.places == setup_of(made.scene).places


def test_a_folder_without_a_recording_has_nothing_to_recover(tmp_path: Path) -> None:
    assert recover(tmp_path, setup_of(night())) is None
    assert recover(tmp_path / "none", setup_of(night())) is None
    with pytest.raises(InputError, match="holds no recording"):
        open_recording(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        open_recording(tmp_path / "none")


@pytest.mark.parametrize("text", [b"", b"garbage" * 40, b"lowsky\0log\r\n"])
def test_rubbish_in_the_folder_is_named_and_gone_round(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "00000004.lowskylog").write_bytes(text)
    (tmp_path / "notes.txt").write_text("not a segment")
    begun = begin_recording(tmp_path, Setup(night().site), night().start_ns, QUICK)
    assert begun.recovered is not None
    assert begun.recovered.anew == "the recording holds no checkpoint that can be read"
    assert begun.recovered.segment == 5
    begun.recorder.close()
    recording = open_recording(tmp_path)
    assert recording.usable[0].number == 5
    assert len(recording.problems) == 1
    assert replay_from(recording).story.begins()


def test_a_clock_that_went_back_does_not_turn_the_core_back(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=5.0, close=False)
    made.recorder.journal.close()
    begun = begin_recording(tmp_path, setup_of(made.scene), made.scene.start_ns - 99 * NS_PER_S, QUICK)
    assert begun.missing_ns == 0
    assert begun.recovered is not None
    assert begun.recorder.journal.flush(10.0)
    marks = open_recording(tmp_path).segments[-1].index.marks
    begun.recorder.close()
    assert all(mark.time_ns >= begun.recovered.last_ns for mark in marks)
