"""The journal: order, sync, rotation, retention, and a disk that is slow, full or broken."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lowsky.core import CoreInput, new_state
from lowsky.model.errors import InputError
from lowsky.model.report import no_looks, report_batch
from lowsky.record import Journal, Limits, open_recording, replay_from
from lowsky.record.files import SegmentWriter, retire, segments_of
from lowsky.record.header import Header, this_machine
from lowsky.record.index import index_path
from lowsky.record.journal import TOO_SLOW
from lowsky.record.payloads import Mark
from lowsky.record.progress import Progress
from lowsky.record.reading import is_recorded
from lowsky.record.segment import SegmentReader
from lowsky.record.threads import Syncer

from .nights import QUICK, cut_every, night, record, setup_of

START_NS = night().start_ns
FAST = Limits(sync_s=0.02, retry_s=0.0)


def _header() -> Header:
    return Header("ab" * 16, this_machine(), setup_of(night()))


def _tick(k: int, reports: int = 0) -> CoreInput:
    """An input with one tick and some reports, received k ms after the start."""
    now_ns = START_NS + k * 1_000_000
    times = np.full(reports, now_ns)
    batch = report_batch(reports, sensor=np.zeros(reports), time_ns=times, received_ns=times)
    return CoreInput(batch, no_looks(), np.array([now_ns]))


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A journal that has begun."""
    with Journal(tmp_path / "journal", _header(), FAST) as opened:
        opened.checkpoint(new_state(night().site), START_NS)
        yield opened


def _sequences(folder: Path) -> list[int]:
    return [frame.sequence for _, path in segments_of(folder) for frame in SegmentReader(path)]


def test_a_recording_begins_with_a_checkpoint(tmp_path: Path) -> None:
    with Journal(tmp_path, _header()) as journal, pytest.raises(ValueError, match="begins with a checkpoint"):
        journal.append_input(_tick(1))


def test_running_numbers_are_those_of_the_file_in_order(journal: Journal) -> None:
    given = [journal.append_input(_tick(k)) for k in range(50)]
    journal.note_hash(START_NS, "aa")
    assert journal.wait(given[-1], timeout_s=10.0)
    assert journal.written >= given[-1]
    journal.close()
    assert _sequences(journal.folder) == list(range(1, given[-1] + 2))
    assert journal.status.state == "closed"
    with pytest.raises(ValueError, match="closed"):
        journal.append_input(_tick(99))
    journal.close()


def test_what_is_written_is_in_the_file_and_what_is_flushed_is_synced(journal: Journal) -> None:
    for k in range(20):
        sequence = journal.append_input(_tick(k))
        assert journal.wait(sequence, timeout_s=10.0)
        assert _sequences(journal.folder)[-1] == sequence
    assert journal.flush(10.0)
    assert journal.synced >= sequence


def test_everything_is_synced_without_being_asked(journal: Journal) -> None:
    sequence = journal.append_input(_tick(1))
    deadline_s = time.monotonic() + 10.0
    while journal.synced < sequence and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert journal.synced >= sequence


def test_the_limits_bring_everything_to_the_disk_within_a_second() -> None:
    """What is written is synced after at most `sync_s` and the time of two syncs, of which one may be under way."""
    assert Limits().sync_s <= 0.5


def test_one_process_records_into_a_folder(journal: Journal, tmp_path: Path) -> None:
    assert is_recorded(journal.folder)
    with pytest.raises(InputError, match="another process records there"):
        Journal(journal.folder, _header())
    journal.close()
    assert not is_recorded(journal.folder)
    Journal(journal.folder, _header(), segment=9).close()


def test_numbers_are_ready_when_their_reservation_is_synced(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    hold = threading.Event()
    plain = Syncer._sync

    def held(self: Syncer, fd: int, target: int) -> None:
        hold.wait(10.0)
        plain(self, fd, target)

    monkeypatch.setattr(Syncer, "_sync", held)
    time.sleep(0.05)  # until a sync begun before has ended
    sequence = journal.reserve_numbers(100, START_NS)
    assert journal.wait(sequence, timeout_s=10.0)
    assert journal.asked == 100
    assert not journal.numbers_ready(1)
    assert not journal.wait(sequence, number=1, timeout_s=0.05)
    hold.set()
    assert journal.wait(sequence, number=100, timeout_s=10.0)
    assert not journal.numbers_ready(101)


# a slow disk


class _Slow:
    """A disk that writes only when told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = threading.Event()
        plain = os.write

        def write(fd: int, data: bytes) -> int:
            self.gate.wait(30.0)
            return plain(fd, data)

        monkeypatch.setattr(os, "write", write)


def test_a_full_queue_holds_once_for_the_limit_and_then_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest that an append can take is argued, not timed: it waits at most once, for `hold_s`."""
    disk = _Slow(monkeypatch)
    limits = Limits(queue_bytes=20_000, hold_s=0.004, sync_s=0.02, retry_s=0.0)
    journal = Journal(tmp_path, _header(), limits)
    waits: list[float | None] = []
    plain = journal._at.changed.wait

    def wait(timeout: float | None = None) -> bool:
        if threading.current_thread() is threading.main_thread():
            waits.append(timeout)
        return plain(timeout)

    monkeypatch.setattr(journal._at.changed, "wait", wait)
    state = new_state(night().site)
    journal.checkpoint(state, START_NS)
    journal._at.done_bytes = journal._at.put_bytes  # the checkpoint alone is larger than this queue
    appended = [journal.append_input(_tick(k, 20)) for k in range(12)]
    assert waits == [0.004]
    assert journal.status.held == 1
    assert journal.status.state == "failing"
    assert journal.status.reason == TOO_SLOW
    lost = journal.status.lost_inputs
    assert 0 < lost < 12
    assert journal.status.lost_reports == 20 * lost
    assert journal.written >= appended[-1]  # what is given up holds nobody up
    disk.gate.set()
    assert journal.flush(10.0) is False
    deadline_s = time.monotonic() + 10.0
    while not journal.wants_checkpoint and time.monotonic() < deadline_s:
        time.sleep(0.01)
    journal.checkpoint(state, START_NS + 50_000_000)
    last = journal.append_input(_tick(60))
    journal.close()
    assert journal.status.lost_inputs == lost
    recording = open_recording(tmp_path)
    assert len(recording.segments) == 2
    (mark,) = [m for m in recording.segments[1].index.marks if m.what == "loss"]
    assert (mark.lost_inputs, mark.lost_reports, mark.why) == (lost, 20 * lost, TOO_SLOW)
    assert recording.gaps == [(START_NS + (11 - lost) * 1_000_000, START_NS + 50_000_000)]
    replayer = replay_from(recording)
    inputs = [piece.given for piece in replayer.pieces()]
    assert sum(len(g.reports) for g in inputs) == 20 * (12 - lost)
    assert replayer.story.sequence == last
    assert len(replayer.story.gaps) == 1


# a disk that refuses


class _Refusing:
    """A disk that refuses from the n-th write on, having taken half of that one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.writes, self.refuses = 0, True
        plain = os.write

        def write(fd: int, data: bytes) -> int:
            self.writes += 1
            if self.refuses and self.writes == number:
                return plain(fd, bytes(data)[: len(data) // 2])
            if self.refuses and self.writes > number:
                raise OSError(errno.ENOSPC, "No space left on device")
            return plain(fd, data)

        monkeypatch.setattr(os, "write", write)


def _wait_for(condition: object, what: str) -> None:
    deadline_s = time.monotonic() + 10.0
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline_s, what
        time.sleep(0.005)


def test_a_full_disk_is_a_state_and_ends_with_a_marked_gap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = _Refusing(monkeypatch, 6)
    journal = Journal(tmp_path, _header(), FAST)
    state = new_state(night().site)
    journal.checkpoint(state, START_NS)
    _wait_for(lambda: journal.written >= 3, "begun")
    for k in range(10):
        sequence = journal.append_input(_tick(k, 3))
        assert journal.wait(sequence, timeout_s=10.0)
    status = journal.status
    assert status.state == "failing"
    assert "No space left on device" in status.reason
    assert str(tmp_path) in status.reason
    kept = 10 - status.lost_inputs
    assert 0 < kept < 10
    assert journal.wants_checkpoint
    journal.checkpoint(state, START_NS + 20_000_000)  # the disk is still full
    _wait_for(lambda: journal.status.failures >= 2, "tried again")
    assert journal.status.state == "failing"
    assert len(segments_of(tmp_path)) == 1  # no ruins of segments
    disk.refuses = False
    journal.checkpoint(state, START_NS + 30_000_000)
    last = journal.append_input(_tick(31))
    assert journal.wait(last, timeout_s=10.0)
    assert journal.status.state == "well"
    journal.close()
    recording = open_recording(tmp_path)
    assert recording.problems == []  # what was half written was taken back
    assert [m.what for s in recording.segments for m in s.index.marks] == ["segment", "loss"]
    ((from_ns, to_ns),) = recording.gaps
    assert (from_ns, to_ns) == (START_NS + (kept - 1) * 1_000_000, START_NS + 30_000_000)
    assert journal.status.lost_reports == 3 * journal.status.lost_inputs


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_the_kernels_own_full_device_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = os.open

    def full(path: str | Path, *more: int) -> int:
        return plain("/dev/full", os.O_WRONLY) if str(path).endswith(".lowskylog") else plain(path, *more)

    with Journal(tmp_path, _header(), FAST) as journal:
        monkeypatch.setattr(os, "open", full)
        journal.checkpoint(new_state(night().site), START_NS)
        sequence = journal.append_input(_tick(1))
        assert journal.wait(sequence, timeout_s=10.0)
        _wait_for(lambda: journal.status.state == "failing", "noticed")
        assert os.strerror(errno.ENOSPC) in journal.status.reason
        assert journal.status.lost_inputs == 1
        monkeypatch.undo()


def test_a_sync_that_fails_is_a_state(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        journal.append_input(_tick(1))
        _wait_for(lambda: journal.status.failures > 0, "noticed")
    assert "Input/output error" in journal.status.reason
    assert journal.wants_checkpoint
    journal.checkpoint(new_state(night().site), START_NS + 5)
    assert journal.flush(10.0)
    assert journal.status.state == "well"


def test_what_cannot_be_encoded_is_lost_and_said_and_not_the_journal(journal: Journal) -> None:
    journal.note_hash(START_NS, object())  # type: ignore[arg-type]
    _wait_for(lambda: journal.status.state == "failing", "noticed")
    assert "TypeError" in journal.status.reason
    journal.checkpoint(new_state(night().site), START_NS + 5)
    assert journal.flush(10.0)


# segments


def test_segments_end_by_age_and_by_size(tmp_path: Path) -> None:
    made = record(tmp_path / "age")
    assert [n for n, _ in segments_of(made.folder)] == [1, 2, 3]  # 15 s, at checkpoints each 7 s
    small = record(tmp_path / "size", limits=Limits(checkpoint_s=2.0, segment_bytes=1, hold_s=30.0), until_s=9.0)
    recording = open_recording(small.folder)
    assert len(recording.segments) == 6  # one each checkpoint
    assert all(len(s.index.checkpoint_ns) == 1 for s in recording.segments)


def test_a_segment_that_ends_while_it_is_to_be_synced_costs_nothing(tmp_path: Path) -> None:
    files, at = SegmentWriter(tmp_path, 1), Progress(0, 0)
    files.begin([])
    wanted = files.fd  # the one to be synced; before that is done the next segment begins
    files.begin([])
    Syncer(at, files, FAST)._sync(wanted, 7)
    assert (at.synced, at.failures, at.giving_up, at.reason) == (7, 0, False, "")
    assert files.finished == []
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fsync(wanted)
    os.close(files.fd)


def test_every_segment_can_be_replayed_by_itself(tmp_path: Path) -> None:
    made = record(tmp_path, limits=Limits(checkpoint_s=4.0, segment_bytes=1), until_s=17.0)
    for number, path in segments_of(made.folder):
        if number != 3:
            path.unlink()
            index_path(path).unlink()
    replayer = replay_from(open_recording(made.folder), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good
    assert replayer.verified.hashes >= 3


def test_retention_by_size_and_age_keeps_what_is_left_replayable(tmp_path: Path) -> None:
    sizes = Limits(checkpoint_s=3.0, segment_bytes=1, keep_bytes=400_000)
    made = record(tmp_path / "size", limits=sizes)
    left = segments_of(made.folder)
    assert made.recorder.journal.status.retired > 5
    assert left[0][0] == made.recorder.journal.status.retired + 1
    assert sum(path.stat().st_size for _, path in left[:-1]) <= 400_000
    assert {p.suffix for p in made.folder.iterdir()} == {".lowskylog", ".lowskyindex", ".lock"}
    assert len(list(made.folder.glob("*.lowskyindex"))) == len(left)
    replayer = replay_from(open_recording(made.folder), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good
    old = record(tmp_path / "age", limits=Limits(checkpoint_s=3.0, segment_bytes=1, keep_s=10.0))
    recording = open_recording(old.folder)
    assert 9e9 < recording.to_ns - recording.from_ns < 18e9


def test_the_current_segment_is_never_retired(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=3.0)
    assert retire(made.folder, 1, keep_bytes=0, keep_ns=0, now_ns=2**62) == []
    assert len(retire(made.folder, 2, keep_bytes=0, keep_ns=0, now_ns=2**62)) == 1


def test_reserved_numbers_survive_the_segment_that_reserved_them(tmp_path: Path) -> None:
    made = record(tmp_path, limits=Limits(checkpoint_s=3.0, segment_bytes=1, keep_bytes=1, numbers=77))
    assert len(segments_of(made.folder)) == 1
    assert open_recording(made.folder).segments[-1].index.reserved == 77


def test_marks_and_status_tell_what_was_done(tmp_path: Path) -> None:
    made = record(tmp_path, limits=QUICK, until_s=2.0, close=False)
    journal = made.recorder.journal
    journal.mark(Mark("restart", START_NS + 9, START_NS + 2))
    assert journal.flush(10.0)
    status = journal.status
    assert status.state == "well"
    assert status.segments == 1
    assert status.bytes == segments_of(tmp_path)[0][1].stat().st_size
    assert status.longest_sync_s > 0.0
    assert open_recording(tmp_path).gaps == [(START_NS + 2, START_NS + 9)]
    made.recorder.close()


def test_inputs_are_numbered_as_they_come_from_several_threads(journal: Journal) -> None:
    found: list[int] = []

    def work() -> None:
        for k in range(30):
            found.append(journal.append_input(_tick(k)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert journal.flush(10.0)
    assert sorted(found) == list(range(min(found), min(found) + 120))
    assert _sequences(journal.folder)[-1] == max(found)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Journal(tmp_path / "file" / "journal", _header())
    assert len(cut_every(night(), [10**9])) == 41
