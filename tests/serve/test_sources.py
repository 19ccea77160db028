"""Sources that play: tables and scenes as if they happened now."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lowsky.model.errors import InputError
from lowsky.serve.clock import Clock
from lowsky.serve.config.entries import SimulationSource
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.roster import Roster
from lowsky.serve.sources.assembly import load, make_sources, site_for
from lowsky.serve.sources.played import PlayedSource
from lowsky.serve.sources.simulated import SimulatedSource
from lowsky.simulate import LiveScene, make_scene, write_folder
from lowsky.wire.decoded import Weather
from lowsky.wire.table import read_scenario
from tests.serve.basin import Basin, run

S = 1_000_000_000
SENSOR = '[[sensors]]\nid = "{}"\nkind = "radar_2d"\nlat = 50.0\nlon = 8.0\nheight_m = 10\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tables") / "small"
    write_folder(made, make_scene("small", 1, 6.0))
    return made


def test_a_table_is_played_in_its_own_rhythm_with_times_of_now(folder: Path) -> None:
    scenario = read_scenario(folder)
    clock = Clock(30.0)
    sink, begin_ns = Basin(clock), clock.now_ns()
    lookup = np.arange(len(scenario.site.sensors), dtype=np.int32)[::-1].copy()
    run(PlayedSource("t", scenario, lookup, clock, repeat=False), sink, lambda: False)
    assert sink.count() == len(scenario.reports)
    assert sum(map(len, sink.looks)) == len(scenario.looks)
    received = np.concatenate([b.received_ns for b in sink.reports])
    times = np.concatenate([b.time_ns for b in sink.reports])
    shift = received[0] - scenario.reports.received_ns[0]
    assert (received - scenario.reports.received_ns == shift).all()
    assert (times - scenario.reports.time_ns == shift).all()
    assert begin_ns < received[0] < begin_ns + 3 * S
    assert all(b.received_ns[-1] <= at for b, at in zip(sink.reports, sink.put_ns, strict=True)), "nothing comes early"
    sensors = np.concatenate([b.sensor for b in sink.reports])
    assert sensors.tolist() == lookup[scenario.reports.sensor].tolist()


def test_a_table_may_be_played_again_and_again(folder: Path) -> None:
    scenario = read_scenario(folder)
    clock = Clock(60.0)
    sink = Basin(clock)
    lookup = np.arange(len(scenario.site.sensors), dtype=np.int32)
    run(PlayedSource("t", scenario, lookup, clock, repeat=True), sink, lambda: sink.count() > 2 * len(scenario.reports))
    received = np.concatenate([b.received_ns for b in sink.reports])
    assert (np.diff(received) >= 0).all()


def test_a_scene_is_live_and_begins_anew_when_the_clock_leaps() -> None:
    clock = Clock(5.0)
    sink = Basin(clock)
    lookup = np.arange(len(LiveScene("small", 1).site.sensors), dtype=np.int32)
    source = SimulatedSource(SimulationSource(name="s", scene="small", speed=5.0), lookup, clock)
    run(source, sink, lambda: sink.count() > 50)
    times = np.concatenate([b.time_ns for b in sink.reports])
    assert abs(int(times[-1]) - clock.now_ns()) < 5 * S
    assert (np.diff(np.concatenate([b.received_ns for b in sink.reports])) >= 0).all()

    leapt = False

    def leap() -> bool:
        nonlocal leapt
        if sink.states.count("running") == 2 and not leapt:
            clock.not_before(clock.now_ns() + 3600 * S)
            leapt = True
        return sink.states.count("running") >= 3

    run(source, sink, leap)
    assert sink.states.count("running") >= 3


def test_sensors_of_tables_join_those_configured(folder: Path) -> None:
    text = f'[site]\nid = "s"\n{SENSOR.format("own")}[[sources]]\nkind = "table"\nname = "t"\npath = "small"\n'
    config = parse_site(text, folder.parent / "site.toml")
    loaded = load(config)
    site = site_for(config, loaded, Roster(None))
    assert [s.id for s in site.sensors] == ["own", *(s.id for s in loaded.tables[0].site.sensors)]
    [source] = make_sources(config, loaded, site, Clock(), Weather())
    assert isinstance(source, PlayedSource)
    origin = "origin = { lat = 55.0, lon = 10.0 }"
    moved = parse_site(text.replace('id = "s"\n', f'id = "s"\n{origin}\n', 1), folder.parent / "site.toml")
    assert site_for(moved, load(moved), Roster(None)).origin.latitude_deg == 55.0


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('kind = "table"\nname = "t"\npath = "none"', "sources[0]"),
        ('kind = "simulation"\nname = "t"\nscene = "none"', "sources[0]"),
    ],
)
def test_sources_that_cannot_be_loaded_are_named(tmp_path: Path, source: str, words: str) -> None:
    config = parse_site(f'[site]\nid = "s"\n[[sources]]\n{source}\n', tmp_path / "site.toml")
    with pytest.raises(InputError) as caught:
        load(config)
    assert words in str(caught.value)
    assert "none" in str(caught.value)


def test_a_site_needs_a_sensor(tmp_path: Path) -> None:
    config = parse_site('[site]\nid = "s"\n', tmp_path / "site.toml")
    with pytest.raises(InputError, match="at least one sensor"):
        site_for(config, load(config), Roster(None))
