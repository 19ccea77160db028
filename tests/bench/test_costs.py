"""Scenes with other numbers in them, and how a scene's minutes are looked at."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from bench import costs, folders, hour


@pytest.fixture
def made(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scene of 70 s with two radars instead of three, and no false plots."""
    monkeypatch.setenv("LOWSKY_SHARED", str(shared))
    monkeypatch.setattr(folders, "CACHE", tmp_path)

    def change(described: Any, rng: np.random.Generator) -> None:
        described.sensors = described.sensors[:2]
        for sensor in described.sensors:
            sensor.false_plots_per_scan = 0.0

    return costs.scene("few", "busy", 70.0, change)


def test_a_scene_is_made_as_asked(made: Path) -> None:
    about = json.loads((made / "sensors.json").read_text())
    assert about["duration_s"] == 70.0
    assert len(about["sensors"]) == 2
    plots, sources = (pq.read_table(made / f"{name}.parquet") for name in ("plots", "sources"))
    assert plots["time_s"].to_numpy().max() < about["start_s"] + 70.0
    assert sources["source"].to_numpy().min() >= 0


def test_a_scene_is_made_once(made: Path) -> None:
    before = (made / "plots.parquet").stat().st_mtime_ns
    assert costs.scene("few", "busy", 70.0) == made
    assert (made / "plots.parquet").stat().st_mtime_ns == before


def test_minutes_are_looked_at(made: Path) -> None:
    (minute,) = hour.minutes(made)
    assert minute["minute"] == 1
    assert minute["us_a_report"] > 0.0
    assert minute["resident_mib"] > 10.0
