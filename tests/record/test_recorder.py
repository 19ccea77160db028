"""The recorder: what is noted beside the inputs, reservations, changed places; and a scenario played into one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.core import Changes
from lowsky.model.action import Action, ActionKind
from lowsky.model.errors import InputError
from lowsky.model.notice import Event, EventKind, Level
from lowsky.model.place import Place, Shape, places_text
from lowsky.model.report import ReportBatch
from lowsky.model.timebase import NS_PER_S
from lowsky.record import Limits, Scrubber, Setup, begin_recording, open_recording, replay_from
from lowsky.record.folder import INPUT_NS, live_inputs, record_scenario
from lowsky.record.journal import last_ns
from lowsky.record.merging import joined, nothing, own_table
from lowsky.record.recorder import Happened
from lowsky.record.tables import tables_of
from lowsky.wire.table import Scenario

from .nights import PLACES, QUICK, cut_every, night, record, setup_of

START_NS = night().start_ns


def _event(notice: int, at_s: float, kind: EventKind = EventKind.LEVEL) -> Event:
    return Event(round(at_s * NS_PER_S), kind, notice, 1, 7, 0, Level.WATCH)


def test_what_happened_is_kept_while_it_matters_and_no_longer() -> None:
    happened = Happened(Limits(events_s=600.0))
    happened.add(
        (_event(1, 10.0, EventKind.RAISED), _event(2, 11.0, EventKind.RAISED), _event(1, 20.0, EventKind.ENDED))
    )
    happened.add((_event(2, 30.0),))
    assert [e.notice for e in happened.kept(600 * NS_PER_S)] == [1, 2, 1, 2]
    kept = happened.kept(621 * NS_PER_S)
    assert [(e.notice, e.time_ns // NS_PER_S) for e in kept] == [(2, 11), (2, 30)]  # stands, however long
    assert happened.kept(10**18) == kept


@given(st.lists(st.integers(1, 9), max_size=60), st.integers(1, 20))
def test_what_happened_is_bounded(notices: list[int], most: int) -> None:
    happened = Happened(Limits(events=most))
    happened.add(tuple(_event(notice, k) for k, notice in enumerate(notices)))
    kept = happened.kept(0)
    assert len(kept) <= most
    assert list(kept) == sorted(kept, key=lambda e: e.time_ns)
    for notice in {e.notice for e in kept}:  # all of a notice, or nothing
        assert [e.notice for e in kept].count(notice) == notices.count(notice)


def test_numbers_are_reserved_ahead_of_those_shown(tmp_path: Path) -> None:
    recorder = begin_recording(tmp_path, setup_of(night()), START_NS, replace(QUICK, numbers=4)).recorder
    for given_ in cut_every(night(), [100_000_000])[:100]:
        _, sequence = recorder.step(given_)
        assert recorder.ready(sequence, 30.0)
        assert recorder.journal.asked >= recorder.highest + 2
        assert recorder.journal.numbers_ready(recorder.highest)
    assert recorder.highest > 10
    recorder.close()
    assert open_recording(tmp_path).segments[-1].index.reserved == recorder.journal.asked


def test_places_that_change_are_those_of_their_time(tmp_path: Path) -> None:
    """Notices name the place that they were about, in pictures, tables and the timeline."""
    other = (Place("light", "Light", Shape.POINT, ((56.0, 11.0),), 900.0), *PLACES)
    change = Action(START_NS + 15 * NS_PER_S + 1, ActionKind.SET_PLACES, value=places_text(other))
    recorder = begin_recording(tmp_path, setup_of(night()), START_NS, QUICK).recorder
    for given_ in cut_every(night(), [100_000_000]):
        due = [a for a in (change,) if last_ns(given_) - 100_000_000 < a.received_ns <= last_ns(given_)]
        recorder.step(replace(given_, actions=(*given_.actions, *due)))
    recorder.close()
    scrubber = Scrubber(tmp_path)
    assert scrubber.picture_at(START_NS + 10 * NS_PER_S).places == PLACES
    assert scrubber.picture_at(START_NS + 20 * NS_PER_S).places == other
    assert scrubber.picture_at(START_NS + 10 * NS_PER_S).places == PLACES
    replayer = replay_from(open_recording(tmp_path), verify=True)
    said: list[dict[str, object]] = []
    for piece in replayer.pieces():
        said += [row for name, table in tables_of(piece, replayer) if name == "events" for row in table.to_pylist()]
    assert replayer.verified is not None
    assert replayer.verified.good
    early = {row["place"] for row in said if row["time_s"] < START_NS / NS_PER_S + 15.0}  # type: ignore[operator]
    assert early == {"pier"}
    assert {row["place"] for row in said} == {"pier", "light"}
    raised = scrubber.density(10).notices
    assert {place for time_ns, _, place in raised if time_ns < change.received_ns} == {"pier"}
    assert {place for _, _, place in raised} == {"pier", "light"}


# damage of every kind to a whole recording


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, bytes], list[Changes]]:
    """Nine seconds in three segments, and what was seen."""
    limits = Limits(sync_s=0.05, checkpoint_s=1.5, segment_s=3.0, numbers=50)
    made = record(tmp_path_factory.mktemp("short"), limits=limits, until_s=9.0)
    return {p.name: p.read_bytes() for p in made.folder.iterdir() if p.is_file()}, made.seen


@pytest.mark.parametrize("seed", range(24))
def test_whatever_becomes_of_the_files_what_is_replayed_was_seen(
    short: tuple[dict[str, bytes], list[Changes]], tmp_path: Path, seed: int
) -> None:
    """Flips, cuts, holes, rubbish and files that are gone, drawn at random: no picture that was not seen."""
    files, seen = short
    rng = np.random.default_rng(seed)
    for name, data in files.items():
        (tmp_path / name).write_bytes(_damaged(data, rng) if name.endswith("log") else data)
    if seed % 5 == 0:
        (tmp_path / "00000009.lowskylog").write_bytes(rng.bytes(int(rng.integers(0, 3000))))
    if seed % 3 == 0:
        for path in tmp_path.glob("*.lowskyindex"):
            path.unlink()
    replayer = replay_from(open_recording(tmp_path), verify=True)  # never is there nothing left of three segments
    pieces = list(replayer.pieces())
    assert pieces
    was = {int(t): c.picture for c in seen for t in set(c.picture.time_ns.tolist())}
    for piece in pieces:
        picture = piece.changes.picture
        for tick_ns in set(picture.time_ns.tolist()):
            rows, then = picture.time_ns == tick_ns, was[tick_ns].time_ns == tick_ns
            assert np.array_equal(picture.state[rows], was[tick_ns].state[then])
            assert np.array_equal(picture.track[rows], was[tick_ns].track[then])
    assert replayer.verified is not None
    assert replayer.verified.good


def _damaged(data: bytes, rng: np.random.Generator) -> bytes:
    at = int(rng.integers(0, max(1, len(data))))
    length = int(rng.integers(1, 5000))
    return [
        data,
        data[:at],
        data[:at] + bytes([data[at] ^ (1 << int(rng.integers(0, 8)))]) + data[at + 1 :],
        data[:at] + data[at + length :],
        data[:at] + rng.bytes(length) + data[at:],
        data[:at] + bytes(length) + data[at + length :],
    ][int(rng.integers(0, 6))]


# a scenario as live input


def _scenario() -> Scenario:
    scene = night()
    return Scenario(scene.site, scene.reports, scene.looks, START_NS, START_NS + 40 * NS_PER_S)


def test_a_scenario_comes_in_as_live_input_does() -> None:
    inputs = list(live_inputs(_scenario(), 200_000_000))
    whole = joined(inputs)
    assert np.array_equal(whole.reports.received_ns, night().reports.received_ns[: len(whole.reports)])
    assert np.array_equal(whole.reports.raw, np.arange(len(whole.reports)))
    assert np.array_equal(whole.ticks_ns, night().ticks_ns)
    times = [last_ns(given_) for given_ in inputs]
    assert times == sorted(times)
    for given_ in inputs:
        span = given_.reports.received_ns
        assert not len(span) or span[-1] - span[0] < INPUT_NS


def test_a_month_is_the_most() -> None:
    with pytest.raises(InputError, match="span 365 days, more than 31"):
        list(live_inputs(replace(_scenario(), end_ns=START_NS + 365 * 86_400 * NS_PER_S), NS_PER_S))


def test_a_folder_is_recorded_once(tmp_path: Path) -> None:
    done = record_scenario(_scenario(), tmp_path, places=PLACES, limits=QUICK)
    assert done.reports == len(joined(list(live_inputs(_scenario(), 200_000_000))).reports)
    replayer = replay_from(open_recording(tmp_path), verify=True)
    replayer.advance()
    assert replayer.verified is not None
    assert replayer.verified.good
    with pytest.raises(InputError, match="holds a recording already"):
        record_scenario(_scenario(), tmp_path)


def test_what_could_not_be_recorded_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", refuse)
    with pytest.raises(InputError, match=r"not all could be recorded.*No space left"):
        record_scenario(_scenario(), tmp_path, limits=QUICK)


def test_tables_of_identities_hold_what_is_used_and_no_more() -> None:
    reports = replace(night().reports, identities=(*night().reports.identities, "never heard"))
    mine: ReportBatch = own_table(reports)
    assert "never heard" not in mine.identities
    names = [reports.identities[i] if i >= 0 else None for i in reports.identity]
    assert [mine.identities[i] if i >= 0 else None for i in mine.identity] == names
    wild = replace(reports, identity=np.full(len(reports), 99, dtype=np.int32))
    assert own_table(wild).identity.tolist() == [-1] * len(reports)
    both = joined([replace(nothing(), reports=mine), replace(nothing(), reports=reports)]).reports
    assert [both.identities[i] if i >= 0 else None for i in both.identity] == names * 2


def test_the_setup_that_is_recorded_is_that_of_the_core(tmp_path: Path) -> None:
    record(tmp_path, until_s=0.5)
    header = open_recording(tmp_path).header()
    assert header.setup == Setup(night().site, None, PLACES)
    assert header.name == "test"
    assert len(header.recording) == 32
    assert json.loads(json.dumps(header.machine.packages)).keys() >= {"numpy", "numba"}
