"""A live scene gives the same bits however it is cut, everything once and in order, for as long as somebody watches."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.model.report import REPORT_COLUMNS, LookBatch, ReportBatch
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate import SCENES, LiveScene, load, make_scene, record_scene, stream
from lowsky.simulate.catalogue import SCENES as CATALOGUE
from lowsky.simulate.live import START_NS
from lowsky.simulate.world import PAST_S, World
from lowsky.wire.places import read_places

SECONDS = 12.0
END_NS = START_NS + round(SECONDS * NS_PER_S)
FILES = ("sensors.json", "truth_sensors.json", "plots.parquet", "looks.parquet", "truth.parquet", "sources.parquet")


def digest(pieces: list[tuple[ReportBatch, LookBatch]], start_ns: int = START_NS) -> str:
    """Of all columns, with identities by name and times after the start."""
    out = hashlib.sha256()
    for name in REPORT_COLUMNS:
        columns = [getattr(r, name) for r, _ in pieces]
        if name == "identity":
            columns = [np.array([*r.identities, ""], dtype="U20")[r.identity] for r, _ in pieces]
        joined = np.concatenate(columns)
        out.update((joined - start_ns if name.endswith("_ns") else joined).tobytes())
    for looks in [k for _, k in pieces]:
        out.update(b"" if not len(looks) else np.stack([looks.sensor, looks.time_ns - start_ns]).T.tobytes())
    return out.hexdigest()


@pytest.fixture(scope="module")
def whole() -> tuple[str, int]:
    """Digest and number of reports of the harbour's first seconds in one piece."""
    piece = LiveScene("harbour", 5).advance(END_NS)
    return digest([piece]), len(piece[0])


@settings(max_examples=8)
@given(st.lists(st.floats(-1.0, SECONDS), max_size=30), st.booleans())
def test_any_cut_gives_the_same_bits(whole: tuple[str, int], cuts_s: list[float], in_order: bool) -> None:
    scene, pieces = LiveScene("harbour", 5), []
    for cut_s in sorted(cuts_s) if in_order else cuts_s:  # out of order: a time that is past gives nothing
        pieces.append(scene.advance(START_NS + int(cut_s * NS_PER_S)))
    pieces.append(scene.advance(END_NS))
    assert digest(pieces) == whole[0]
    assert sum(len(r) for r, _ in pieces) == whole[1] > 400


def test_another_start_only_shifts_times(whole: tuple[str, int]) -> None:
    start_ns = 1_800_000_000_123_456_789
    scene = LiveScene("harbour", 5, start_ns)
    assert digest([scene.advance(start_ns + END_NS - START_NS)], start_ns) == whole[0]


def test_stream_gives_the_same_in_pieces_of_a_tenth(whole: tuple[str, int]) -> None:
    pieces = list(stream("harbour", 5, duration_s=SECONDS))
    assert len(pieces) == round(SECONDS * 10)
    assert digest(pieces) == whole[0]
    for i, (reports, looks) in enumerate(pieces):
        received = np.concatenate([reports.received_ns, looks.received_ns]) - START_NS
        assert ((received > i * NS_PER_S // 10) & (received <= (i + 1) * NS_PER_S // 10)).all()


def test_a_stream_without_end_goes_on() -> None:
    endless = stream("small", 1, piece_ns=20 * NS_PER_S)
    counts = [len(next(endless)[0]) for _ in range(4)]  # the scene's own time is 40 s
    assert min(counts) > 100


@pytest.mark.parametrize("name", list(SCENES))
def test_reports_come_in_order_and_name_only_what_they_declare(name: str) -> None:
    scene = LiveScene(name, 2)
    for second in range(1, 4):
        reports, looks = scene.advance(START_NS + second * NS_PER_S)
        assert (np.diff(reports.received_ns) >= 0).all()
        assert (np.diff(looks.received_ns) >= 0).all()
        assert set(reports.identity.tolist()) - {-1} == set(range(len(reports.identities)))
        assert reports.sensor.max() < len(scene.site.sensors)


def test_another_seed_is_another_night() -> None:
    assert digest([LiveScene("small", 1).advance(END_NS)]) != digest([LiveScene("small", 2).advance(END_NS)])


def test_the_folder_is_the_stream(tmp_path: Path) -> None:
    record_scene(tmp_path, LiveScene("harbour", 5), SECONDS)
    plots, sources = pq.read_table(tmp_path / "plots.parquet"), pq.read_table(tmp_path / "sources.parquet")
    scene = LiveScene("harbour", 5)
    parts = [scene.observe(START_NS + round(s * 0.7 * NS_PER_S)) for s in range(1, 17)] + [scene.observe(END_NS)]
    for name in ("range_m", "range_rate_mps", "lat", "height_m", "east_mps", "rcs_dbsm"):
        target = {"lat": "latitude_deg"}.get(name, name)
        live = np.concatenate([getattr(p.reports, target) for p in parts])
        np.testing.assert_array_equal(plots[name].to_numpy(), live)
    assert sources["source"].to_numpy().tolist() == [s for p in parts for s in p.source.tolist()]
    names = [np.array([*p.reports.identities, ""], dtype=object)[p.reports.identity] for p in parts]
    assert plots["identity"].to_pylist() == np.concatenate(names).tolist()
    received = np.concatenate([p.reports.received_ns for p in parts])
    np.testing.assert_allclose(
        plots["received_s"].to_numpy() - START_NS / NS_PER_S, (received - START_NS) / NS_PER_S, atol=1e-6
    )


def test_a_recording_in_memory_makes_the_same_folder(tmp_path: Path) -> None:
    from lowsky.simulate import write_folder

    write_folder(tmp_path / "kept", make_scene("harbour", 5, SECONDS))
    record_scene(tmp_path / "streamed", LiveScene("harbour", 5), SECONDS)
    assert read_places(tmp_path / "kept" / "places.json") == LiveScene("harbour", 5).places
    for name in (*FILES, "places.json"):
        assert (tmp_path / "kept" / name).read_bytes() == (tmp_path / "streamed" / name).read_bytes(), name


def test_truth_is_where_things_are_and_for_a_while_where_they_were() -> None:
    scene = LiveScene("harbour", 1)
    scene.advance(START_NS + 30 * NS_PER_S)
    now, before = scene.truth(START_NS + 30 * NS_PER_S), scene.truth(START_NS + 29 * NS_PER_S)
    assert len(now) > 30
    both = np.intersect1d(now.number, before.number)
    moved_m = (
        now.latitude_deg[np.isin(now.number, both)] - before.latitude_deg[np.isin(before.number, both)]
    ) * 111_000
    north = now.velocity_mps[np.isin(now.number, both), 1]
    np.testing.assert_allclose(moved_m, north, atol=4.0)
    for second in (31, 30 - PAST_S - 1):
        with pytest.raises(ValueError, match="not within"):
            scene.truth(START_NS + round(second * NS_PER_S))


def test_worlds_go_from_act_to_act_with_new_numbers_and_bounded_memory() -> None:
    short = replace(CATALOGUE["steady500"], act_s=2.0)
    world = World(short.script(short.air), short.act_s, 1)
    sizes, numbers = [], set[int]()
    for second in range(30):
        world.advance(second * 10)
        sizes.append(len(world.number))
        numbers.update(world.number.tolist())
        assert len(world.traits) == len(world.number) == len(world.at(float(second)).alive)
        assert (np.diff(world.number) > 0).all()
    assert len(numbers) == 500 + 14 * 20  # the acts after the first bring 20 each
    assert len(world._past) == round(PAST_S / 0.1)
    then = world.at(29.0 - 10.0)  # from before some acts: who came later was not there
    assert not then.alive[world.number >= 500 + 10 * 20].any()


def test_steady_is_steady(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundredth of its times, and who leaves leaves at once."""
    monkeypatch.setattr(load, "COME_EVERY_S", 1.2)
    monkeypatch.setattr(load, "STAY_S", 6.0)
    world = World(CATALOGUE["steady500"].script(CATALOGUE["steady500"].air), 1.2, 3)
    alive, held = [], []
    for step in range(0, 300, 7):
        world.advance(step)
        alive.append(int(world.at(step * 0.1).alive.sum()))
        held.append(len(world.number))
    assert min(alive) >= 480
    assert max(alive) <= 520
    assert max(held[12:]) <= 540  # who is over is forgotten when others come
    assert world.number.max() >= 900


def test_busy_is_busy() -> None:
    scene = LiveScene("busy1000", 1)
    reports, _ = scene.advance(START_NS + 5 * NS_PER_S)
    later, _ = scene.advance(START_NS + 10 * NS_PER_S)
    assert len(scene.truth(START_NS + 10 * NS_PER_S)) == 1000
    assert len(later) / 5 == pytest.approx(2000, rel=0.1)
    assert len(reports) > 5000


@pytest.mark.parametrize(("name", "seed", "said"), [("habour", 1, "'habour'"), ("harbour", -1, "-1")])
def test_what_is_no_scene_is_refused(name: str, seed: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        LiveScene(name, seed)


@pytest.mark.parametrize("duration_s", [0.0, -3.0, float("nan"), 1e9])
def test_what_is_no_duration_is_refused(duration_s: float, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="duration"):
        record_scene(tmp_path / "x", LiveScene("small", 1), duration_s)
    assert not (tmp_path / "x").exists()
