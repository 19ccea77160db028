"""Looking back: any moment shows what was seen then, also while recording; the timeline agrees with the pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowsky.core import Changes
from lowsky.model.errors import InputError
from lowsky.model.notice import EventKind, Level
from lowsky.model.timebase import NS_PER_S
from lowsky.record import (
    Density,
    Limits,
    Recording,
    Replayer,
    Scene,
    Scrubber,
    begin_recording,
    density,
    open_recording,
    replay_from,
)
from lowsky.record.files import segments_of
from lowsky.record.scrub import MOST_BINS

from .nights import PLACES, QUICK, Night, at_once, cut_every, night, record, setup_of

START_NS = night().start_ns


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night."""
    return record(tmp_path_factory.mktemp("recorded"))


def _check(scene: Scene, time_ns: int, changes: Changes) -> None:
    """Is it what was seen at the last tick before a time?"""
    tick_ns = max(t for t in night().ticks_ns.tolist() if t <= time_ns)
    assert scene.time_ns == tick_ns
    assert not scene.missing
    rows = changes.picture.time_ns == tick_ns
    for name in ("track", "state", "covariance", "status", "kind", "identity"):
        assert np.array_equal(getattr(scene.picture, name), getattr(changes.picture, name)[rows]), name
    stood = changes.notices.time_ns == tick_ns
    assert np.array_equal(scene.notices.notice, changes.notices.notice[stood])
    assert np.array_equal(scene.notices.arrival_ns, changes.notices.arrival_ns[stood])
    names = [changes.identities[i] for i in changes.picture.identity[rows] if i >= 0]
    assert [scene.identities[i] for i in scene.picture.identity if i >= 0] == names
    happened = [e for e in changes.events if e.time_ns <= tick_ns]
    assert list(scene.events) == happened  # none ended more than ten minutes ago
    assert scene.places == PLACES


def test_any_moment_in_any_order(recorded: Night) -> None:
    scrubber, (_, changes) = Scrubber(recorded.folder), at_once()
    for at_s in [30.1, 2.0, 2.05, 39.95, 14.9, 15.1, 7.0, 7.3, 8.0, 21.0, 0.2, 29.999]:
        time_ns = START_NS + round(at_s * NS_PER_S)
        _check(scrubber.picture_at(time_ns), time_ns, changes)


def test_going_on_does_not_begin_again(recorded: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def counted(recording: Recording, time_ns: int) -> Replayer:
        begun.append(time_ns)
        return replay_from(recording, time_ns)

    monkeypatch.setattr("lowsky.record.scrub.replay_from", counted)
    scrubber = Scrubber(recorded.folder)
    for k in range(60):
        scrubber.picture_at(START_NS + 2 * NS_PER_S + k * 50_000_000)
    assert len(begun) == 1
    scrubber.picture_at(START_NS + NS_PER_S)  # back
    scrubber.picture_at(START_NS + 30 * NS_PER_S)  # far, with a checkpoint nearer
    assert len(begun) == 3


def test_before_the_beginning_there_is_nothing_and_after_the_end_the_end(recorded: Night) -> None:
    scrubber = Scrubber(recorded.folder)
    early = scrubber.picture_at(START_NS - 5 * NS_PER_S)
    assert early.missing
    assert len(early.picture) == len(early.notices) == 0
    late = scrubber.picture_at(START_NS + 43 * NS_PER_S)
    assert late.time_ns == int(night().ticks_ns[-1])
    assert len(late.picture) > 5
    later = scrubber.picture_at(START_NS + 80 * NS_PER_S)
    assert later.missing


def test_a_gap_shows_nothing_and_says_so(tmp_path: Path) -> None:
    made = record(tmp_path, until_s=10.0)
    begun = begin_recording(tmp_path, setup_of(made.scene), START_NS + 25 * NS_PER_S, QUICK)
    for given in cut_every(made.scene, [100_000_000])[250:]:
        begun.recorder.step(given)
    begun.recorder.close()
    scrubber = Scrubber(tmp_path)
    assert not scrubber.picture_at(START_NS + 9 * NS_PER_S).missing
    within = scrubber.picture_at(START_NS + 20 * NS_PER_S)
    assert within.missing
    assert len(within.picture) == 0
    after = scrubber.picture_at(START_NS + 30 * NS_PER_S)
    assert not after.missing
    assert len(after.picture) > 5
    _, _, ((from_ns, to_ns),) = scrubber.span()
    assert 9.8 < (from_ns - START_NS) / NS_PER_S < 10.1
    assert to_ns == START_NS + 25 * NS_PER_S
    bins = scrubber.density(40).objects
    assert set(bins[12:24]) == {-1}
    assert min(bins[1:9]) > 0


def test_while_it_is_being_written(tmp_path: Path) -> None:
    _, changes = at_once()
    recorder = begin_recording(tmp_path, setup_of(night()), START_NS, QUICK).recorder
    scrubber: Scrubber | None = None
    for k, given in enumerate(cut_every(night(), [100_000_000])[:300]):
        _, sequence = recorder.step(given)
        assert recorder.ready(sequence, 30.0)
        if k % 40 == 39:
            scrubber = scrubber or Scrubber(tmp_path)
            now_ns = START_NS + (k + 1) * 100_000_000
            for time_ns in (now_ns, now_ns - NS_PER_S):
                _check(scrubber.picture_at(time_ns), time_ns, changes)
            assert scrubber.recording.problems == []
    recorder.close()


def test_segments_that_go_away_are_no_longer_there(tmp_path: Path) -> None:
    record(tmp_path, limits=Limits(checkpoint_s=4.0, segment_bytes=1))
    scrubber = Scrubber(tmp_path)
    first = scrubber.span()[0]
    scrubber.picture_at(START_NS + 2 * NS_PER_S)
    segments_of(tmp_path)[0][1].unlink()
    segments_of(tmp_path)[0][1].unlink()
    scene = scrubber.picture_at(START_NS + NS_PER_S)
    assert scene.missing
    assert scrubber.span()[0] > first
    _check(scrubber.picture_at(START_NS + 20 * NS_PER_S), START_NS + 20 * NS_PER_S, at_once()[1])


def _density(recorded: Night, bins: int) -> Density:
    return density(open_recording(recorded.folder), bins)


def test_the_timeline_counts_the_objects_of_the_pictures(recorded: Night) -> None:
    picture = at_once()[1].picture
    found = _density(recorded, 10)
    assert found.from_ns == START_NS
    per_bin = (found.to_ns - found.from_ns) // 10 + 1
    for k, most in enumerate(found.objects):
        seconds = [t for t in set(picture.time_ns.tolist()) if (t - START_NS) // per_bin == k]
        assert most <= max((int((picture.time_ns == t).sum()) for t in seconds), default=0)
        whole = [t for t in seconds if t % NS_PER_S == 0]
        assert most >= max((int((picture.time_ns == t).sum()) for t in whole), default=0)


def test_the_timeline_holds_every_notice(recorded: Night) -> None:
    events = [e for e in at_once()[1].events if e.kind in (EventKind.RAISED, EventKind.LEVEL)]
    assert _density(recorded, 7).notices == tuple(sorted((e.time_ns, e.level, "pier") for e in events))
    assert {level for _, level, _ in _density(recorded, 7).notices} >= {Level.WATCH, Level.IMMINENT}


def test_bins_shorter_than_a_second_have_no_holes(recorded: Night) -> None:
    objects = _density(recorded, 400).objects
    assert len(objects) == 400
    assert min(objects[20:-4]) > 0


@pytest.mark.parametrize("bins", [0, -1, MOST_BINS + 1])
def test_bins_have_limits(recorded: Night, bins: int) -> None:
    with pytest.raises(ValueError, match="bins are not between"):
        _density(recorded, bins)


def test_no_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no recording"):
        Scrubber(tmp_path)
