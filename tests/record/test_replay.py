"""Replay is what was seen, to the bit: however input was cut, from any time, across damage; and it shows when not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.core import CoreInput, glance, picture_hash, save_state
from lowsky.model.errors import InputError
from lowsky.model.notice import NOTICE_COLUMNS, concatenate_notices
from lowsky.model.picture import Picture, concatenate_pictures
from lowsky.model.timebase import NS_PER_S
from lowsky.record import Limits, begin_recording, open_recording, replay_from
from lowsky.record import replay as replay_module
from lowsky.record.compare import Verified, tables_equal
from lowsky.record.files import segments_of
from lowsky.record.frames import FRAME_HEAD, FrameKind, frame_bytes
from lowsky.record.header import this_machine
from lowsky.record.merging import divided, is_empty, joined
from lowsky.record.payloads import Pulse, put_json, take_json
from lowsky.record.proof import likeness, sample_of
from lowsky.record.replay import Replayer
from lowsky.record.segment import SegmentReader

from .nights import QUICK, Night, at_once, cut_every, night, record, setup_of, whole
from .test_payloads import same_input

END_S = 40.0


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night recorded in inputs of 0.1 s: three segments, checkpoints each 7 s."""
    return record(tmp_path_factory.mktemp("recorded"))


def _copied(recorded: Night, tmp_path: Path) -> Path:
    for path in recorded.folder.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


def _pictures(replayer: Replayer, until_ns: int | None = None) -> tuple[Picture, list[str]]:
    pieces = list(replayer.pieces(until_ns))
    notices = concatenate_notices([p.changes.notices for p in pieces])
    columns = [np.ascontiguousarray(getattr(notices, name)).tobytes().hex() for name in NOTICE_COLUMNS]
    return concatenate_pictures([p.changes.picture for p in pieces]), columns


def test_there_is_something_to_replay(recorded: Night) -> None:
    recording = open_recording(recorded.folder)
    assert len(recording.segments) == 3
    assert recording.problems == []
    assert recording.gaps == []
    _, changes = at_once()
    assert len(set(changes.picture.track.tolist())) > 10
    assert len(changes.notices) > 100
    assert {e.kind.word for e in changes.events} >= {"raised", "level", "acknowledged"}


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_is_identical_however_input_was_cut_and_is_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """Inputs of random lengths from a few milliseconds to seconds, joined to pieces of any length."""
    rng = np.random.default_rng(seed)
    lengths_ns = [round(10 ** rng.uniform(6.5, 9.3)) for _ in range(40)]
    made = record(tmp_path, lengths_ns=lengths_ns)
    monkeypatch.setattr(replay_module, "PIECE_NS", [NS_PER_S, 1, 50_000_000, 20 * NS_PER_S][seed])
    replayer = replay_from(open_recording(made.folder), verify=True)
    picture, _ = _pictures(replayer)
    state, changes = at_once()
    assert picture_hash(picture) == picture_hash(changes.picture)
    assert replayer.verified is not None
    assert replayer.verified.good
    assert replayer.verified.hashes == replayer.verified.hashes_met == 41
    assert replayer.verified.checkpoints == replayer.verified.checkpoints_met >= 4
    assert replayer.state is not None
    assert tables_equal(save_state(replayer.state), save_state(state))
    assert replayer.reports == len(made.scene.reports)


def test_glances_leave_no_trace(tmp_path: Path) -> None:
    """A display looks between the ticks; the recorded states are those of a replay that does not."""
    scene = night()
    recorder = begin_recording(tmp_path, setup_of(scene), scene.start_ns, QUICK).recorder
    for k, given_ in enumerate(cut_every(scene, [100_000_000])):
        recorder.step(given_)
        glance(recorder.state, scene.start_ns + (k + 1) * 100_000_000)
    recorder.close()
    replayer = replay_from(open_recording(tmp_path), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good, replayer.verified.sentence()
    assert replayer.verified.checkpoints >= 5


@given(st.floats(0.0, 41.0), st.lists(st.floats(0.0, 5.0), max_size=3))
@settings(max_examples=25)
def test_from_any_time_on_it_is_the_same(recorded: Night, from_s: float, steps_s: list[float]) -> None:
    """Begun at the checkpoint before a time and advanced in any steps, it shows what was seen."""
    seen = at_once()[1].picture
    start_ns = recorded.scene.start_ns
    at_ns = start_ns + round(from_s * NS_PER_S)
    replayer = replay_from(open_recording(recorded.folder), at_ns, verify=True)
    assert replayer.now_ns <= max(at_ns, start_ns)
    assert at_ns - replayer.now_ns <= 8 * NS_PER_S  # the nearest one
    for step_s in [0.0, *steps_s]:
        at_ns += round(step_s * NS_PER_S)
        replayer.advance(at_ns)
        if replayer.shown is not None:
            now = replayer.shown
            assert now.tick_ns <= at_ns
            rows = seen.time_ns == now.tick_ns
            assert np.array_equal(now.picture.track, seen.track[rows])
            assert np.array_equal(now.picture.state, seen.state[rows])
    last_tick_ns = min(at_ns, int(recorded.scene.ticks_ns[-1])) // 200_000_000 * 200_000_000
    if last_tick_ns > replayer.story.last_ns:
        assert replayer.shown is not None
        assert replayer.shown.tick_ns == last_tick_ns
    assert replayer.verified is not None
    assert replayer.verified.good


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_from_every_checkpoint_on_all_later_ones_are_met(tmp_path: Path, seed: int) -> None:
    """A state that was restored saves what the one it came from does, wherever in a second it was saved."""
    limits = Limits(sync_s=0.05, checkpoint_s=2.3, segment_s=5.0, numbers=50, hold_s=30.0)
    record(tmp_path, night(seed), [37_000_000], limits, 14.0)
    recording, compared = open_recording(tmp_path), 0
    for place in recording.places():
        replayer = Replayer(recording, place, True)
        replayer.advance()
        assert replayer.verified is not None
        assert replayer.verified.good, replayer.verified.sentence()
        compared += replayer.verified.checkpoints
    assert compared >= 20


def test_every_input_comes_back_in_order(recorded: Night) -> None:
    pieces = list(replay_from(open_recording(recorded.folder)).pieces())
    back, given_ = joined([p.given for p in pieces]), whole(recorded.scene)
    assert np.array_equal(back.reports.raw, given_.reports.raw)
    assert back.reports.range_m.tobytes() == given_.reports.range_m.tobytes()
    assert np.array_equal(back.looks.received_ns, given_.looks.received_ns)
    assert np.array_equal(back.ticks_ns, given_.ticks_ns)
    assert back.actions == given_.actions
    names = [given_.reports.identities[i] if i >= 0 else "" for i in given_.reports.identity]
    assert [back.reports.identities[i] if i >= 0 else "" for i in back.reports.identity] == names
    assert len(set(names)) > 2


@given(st.integers(-2, 42))
def test_divided_inputs_join_again(at_s: int) -> None:
    scene = night()
    before, after = divided(whole(scene), scene.start_ns + at_s * NS_PER_S)
    assert same_input(joined([replace(before, reports=before.reports), after]), whole(scene)) or (
        before.reports.identities == after.reports.identities
    )
    times = [*before.reports.received_ns.tolist(), *before.ticks_ns.tolist(), *(a.received_ns for a in before.actions)]
    assert max(times, default=0) <= scene.start_ns + at_s * NS_PER_S
    assert is_empty(before) == (at_s <= 0)


def _frames(folder: Path, kind: FrameKind) -> Iterator[tuple[Path, int, int]]:
    for _, path in segments_of(folder):
        yield from ((path, f.offset, f.length) for f in SegmentReader(path) if f.kind is kind)


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(bytes(data))


def test_a_flipped_byte_is_named_and_the_rest_after_the_next_checkpoint_is_there(
    recorded: Night, tmp_path: Path
) -> None:
    folder = _copied(recorded, tmp_path)
    path, offset, length = list(_frames(folder, FrameKind.INPUT))[30]
    _flip(path, offset + FRAME_HEAD.size + length // 2)
    replayer = replay_from(open_recording(folder), verify=True)
    picture, _ = _pictures(replayer)
    (problem,) = replayer.story.problems
    assert (problem.path, problem.offset) == (path, offset)
    assert "input frame is not what was written" in str(problem)
    ((from_ns, to_ns),) = replayer.story.gaps
    assert 2.9 < (from_ns - recorded.scene.start_ns) / NS_PER_S < 3.2
    assert 6.9 < (to_ns - recorded.scene.start_ns) / NS_PER_S < 7.3  # the next checkpoint
    assert replayer.story.left_out == 40 - 1
    seen = at_once()[1].picture
    kept = (seen.time_ns <= from_ns) | (seen.time_ns > to_ns)
    assert np.array_equal(picture.time_ns, seen.time_ns[kept])
    assert np.array_equal(picture.state, seen.state[kept])
    assert replayer.verified is not None
    assert replayer.verified.good


@pytest.mark.parametrize("kind", [FrameKind.CHECKPOINT, FrameKind.PULSE, FrameKind.MARK, FrameKind.RESERVE])
def test_damage_that_is_no_input_costs_nothing_else(recorded: Night, tmp_path: Path, kind: FrameKind) -> None:
    folder = _copied(recorded, tmp_path)
    path, offset, length = list(_frames(folder, kind))[1]
    _flip(path, offset + FRAME_HEAD.size + length // 2)
    replayer = replay_from(open_recording(folder))
    picture, _ = _pictures(replayer)
    assert picture_hash(picture) == picture_hash(at_once()[1].picture)
    assert [p.offset for p in replayer.story.problems] == [offset]
    assert replayer.story.gaps == []


def test_a_segment_without_its_head_or_header_is_left_out_unless_its_checkpoint_suffices(
    recorded: Night, tmp_path: Path
) -> None:
    folder = _copied(recorded, tmp_path)
    (_, first), *_ = segments_of(folder)
    for at in (3, 32 + FRAME_HEAD.size + 5):  # magic; the header's payload
        _flip(first, at)
    replayer = replay_from(open_recording(folder), open_recording(folder).to_ns - 5 * NS_PER_S)
    picture, _ = _pictures(replayer)  # the last segments are whole
    assert len(picture) > 0
    later = replay_from(open_recording(folder))
    assert later.now_ns == open_recording(folder).segments[1].index.checkpoint_ns[0]
    assert [p.path for p in later.story.problems] == [first]
    for _, path in segments_of(folder):
        _flip(path, 32 + FRAME_HEAD.size + 6)
    with pytest.raises(InputError, match="has no header that can be read"):
        replay_from(open_recording(folder))


def test_a_segment_in_the_middle_without_its_header_is_a_gap_and_not_compared(recorded: Night, tmp_path: Path) -> None:
    folder = _copied(recorded, tmp_path)
    _, (_, second), (_, third) = segments_of(folder)
    _flip(second, 32 + FRAME_HEAD.size + 5)
    inputs = [f for f in SegmentReader(second) if f.kind is FrameKind.INPUT]
    replayer = replay_from(open_recording(folder), verify=True)
    picture, _ = _pictures(replayer)
    assert replayer.story.left_out == len(inputs) > 50
    ((from_ns, to_ns),) = replayer.story.gaps
    assert from_ns < inputs[0].time_ns
    assert to_ns == next(f.time_ns for f in SegmentReader(third) if f.kind is FrameKind.CHECKPOINT)
    seen = at_once()[1].picture
    kept = (seen.time_ns <= from_ns) | (seen.time_ns > to_ns)
    assert np.array_equal(picture.state, seen.state[kept])
    assert replayer.verified is not None
    assert replayer.verified.good


def test_a_changed_recording_does_not_verify(recorded: Night, tmp_path: Path) -> None:
    """Somebody writes another input with a right CRC: the hashes tell."""
    folder = _copied(recorded, tmp_path)
    path, offset, _ = max((f for f in list(_frames(folder, FrameKind.INPUT))[60:100]), key=lambda f: f[2])
    frames = {f.offset: f for f in SegmentReader(path)}
    frame = frames[offset]
    payload = bytearray(frame.payload())
    payload[len(payload) // 2] ^= 1  # among measured values
    other = frame_bytes(frame.kind, frame.sequence, frame.time_ns, bytes(payload))
    data = path.read_bytes()
    path.write_bytes(data[:offset] + other + data[frame.end :])
    replayer = replay_from(open_recording(folder), verify=True)
    try:
        replayer.advance()
    except ValueError:
        return  # what was changed made it no input
    assert replayer.verified is not None
    assert not replayer.verified.good or replayer.story.problems


def test_missing_segments_are_gaps(recorded: Night, tmp_path: Path) -> None:
    folder = _copied(recorded, tmp_path)
    segments_of(folder)[1][1].unlink()
    replayer = replay_from(open_recording(folder), verify=True)
    picture, _ = _pictures(replayer)
    ((from_ns, to_ns),) = replayer.story.gaps
    seen = at_once()[1].picture
    kept = (seen.time_ns <= from_ns) | (seen.time_ns > to_ns)
    assert 0 < kept.sum() < len(kept)
    assert np.array_equal(picture.state, seen.state[kept])
    assert replayer.verified is not None
    assert replayer.verified.good


def test_elsewhere_samples_are_compared_within_the_tolerance(recorded: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replay_module, "this_machine", lambda: replace(this_machine(), processor="potato"))
    replayer = replay_from(open_recording(recorded.folder), verify=True)
    replayer.advance()
    verified = replayer.verified
    assert verified is not None
    assert verified.good
    assert verified.samples == verified.samples_alike == 7
    assert verified.furthest_m < 1e-3  # float32
    assert "recorded elsewhere (processor" in verified.sentence()
    assert "within 1 m for 99%" in verified.sentence()


def test_likeness_counts_who_is_missing_and_who_is_elsewhere() -> None:
    picture = at_once()[1].picture
    picture = Picture(**{name: getattr(picture, name)[-10:].copy() for name in Picture.__dataclass_fields__})
    sample = sample_of(picture)
    assert likeness(sample, picture).alike
    moved = replace(picture, state=picture.state + 0.5)
    assert likeness(sample, moved).furthest_m == pytest.approx(0.5 * np.sqrt(3.0), rel=1e-3)
    assert likeness(sample, moved).apart == 0
    far = replace(picture, state=picture.state + np.where(np.arange(10) == 3, 2.0, 0.0)[:, None])
    assert likeness(sample, far).apart == 1
    assert not likeness(sample, far).alike
    other = replace(picture, track=np.where(np.arange(10) == 3, 999, picture.track))
    assert likeness(sample, other) == replace(likeness(sample, other), objects=11, apart=2)
    nan = replace(picture, state=np.full_like(picture.state, np.nan))
    assert not likeness(sample, nan).alike


def test_what_is_compared_decides() -> None:
    same = Verified(hashes=3, hashes_met=3)
    assert same.good
    assert not Verified(hashes=3, hashes_met=2).good
    assert not Verified(checkpoints=1).good
    assert Verified(here=["x"], hashes=3, samples=1, samples_alike=1).good
    assert not Verified(here=["x"], samples=2, samples_alike=1).good


def test_hashes_are_a_second_apart_and_on_whole_seconds(recorded: Night) -> None:
    times_ns = []
    for _, path in segments_of(recorded.folder):
        for frame in SegmentReader(path):
            if frame.kind is FrameKind.PULSE:
                pulse = take_json(frame.payload(), Pulse)
                times_ns.append(pulse.time_ns)
                assert take_json(put_json(pulse), Pulse) == pulse
    assert len(times_ns) == 41
    assert all(time_ns % NS_PER_S == 0 for time_ns in times_ns[1:])


def test_checkpoints_come_earlier_when_much_happens(tmp_path: Path) -> None:
    """By count, not by clock: rows of the picture and reports since the last one."""
    calm = record(tmp_path / "calm", limits=Limits(checkpoint_s=1e6), until_s=20.0)
    busy = record(tmp_path / "busy", limits=Limits(checkpoint_s=1e6, replay_s=0.005), until_s=20.0)
    counts = [len(open_recording(n.folder).segments[0].index.checkpoint_ns) for n in (calm, busy)]
    assert counts[0] == 2  # at the start and at the end
    assert counts[1] > 5


def test_a_recording_that_grows_is_followed(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=10.0, close=False)
    made.recorder.journal.flush(10.0)
    recording = open_recording(tmp_path)
    replayer = replay_from(recording)
    replayer.advance()
    first = replayer.now_ns
    rest = joined(cut_every(made.scene, [100_000_000])[101:])
    _, sequence = made.recorder.step(CoreInput(rest.reports, rest.looks, rest.ticks_ns, rest.actions))
    assert made.recorder.ready(sequence, 10.0)
    made.recorder.close()
    recording.refresh()
    replayer.advance()
    assert replayer.now_ns > first
    assert replayer.shown is not None
    seen = at_once()[1].picture
    assert np.array_equal(replayer.shown.picture.state, seen.state[seen.time_ns == replayer.shown.tick_ns])
