"""Horizons in sensor descriptions: inline, from files, and clear words for what is wrong."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.model.sensor import Sensor
from lowsky.wire.table.sensors import read_sensors

PLACE = {"id": "r", "kind": "radar_3d", "lat": 50.0, "lon": 8.0, "height_m": 20.0}


def described(folder: Path, **more: object) -> Sensor:
    """The one sensor of a description with these fields besides its place."""
    path = folder / "sensors.json"
    path.write_text(json.dumps({"sensors": [PLACE | more]}))
    return read_sensors(path).sensors[0]


def test_inline_and_file_mean_the_same(tmp_path: Path) -> None:
    inline = {"azimuth_deg": [270, 0, 90.5], "elevation_deg": [2, 1.5, -0.25]}
    (tmp_path / "mast.txt").write_text("\ufeff# azimuth elevation\n0, 1.5\n\n90.5;-0.25  # the hangar\n270\t2\n")
    expected = (
        (0.0, math.radians(1.5)),
        (math.radians(90.5), math.radians(-0.25)),
        (math.radians(270), math.radians(2)),
    )
    assert described(tmp_path, horizon=inline).horizon == expected
    assert described(tmp_path, horizon_file="mast.txt").horizon == expected
    assert described(tmp_path).horizon == ()


@pytest.mark.parametrize(("more", "words"), [
    ({"horizon": {"azimuth_deg": [1], "elevation_deg": []}}, "as many azimuths"),
    ({"horizon": {"azimuth_deg": [361], "elevation_deg": [0]}}, "361"),
    ({"horizon": {"azimuth_deg": [1], "elevation_deg": [0]}, "horizon_file": "x"}, "both"),
    ({"horizon": [1, 2]}, "horizon"),
    ({"horizon_file": "nowhere.txt"}, "nowhere.txt"),
    ({"horizon_file": "bad.txt"}, "line 2"),
    ({"horizon_file": "wild.txt"}, "99"),
])  # fmt: skip
def test_what_is_wrong_is_named(tmp_path: Path, more: dict[str, object], words: str) -> None:
    (tmp_path / "bad.txt").write_text("0 1\n1 2 3\n")
    (tmp_path / "wild.txt").write_text("0 99\n")
    with pytest.raises(InputError, match=words):
        described(tmp_path, **more)


@given(st.binary(max_size=80))
def test_garbage_is_refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("garbage")
    (folder / "mast.txt").write_bytes(data)
    with contextlib.suppress(InputError):
        horizon = described(folder, horizon_file="mast.txt").horizon
        assert all(0 <= a <= 2 * math.pi and abs(e) <= math.pi / 2 for a, e in horizon)


def test_a_file_that_is_no_profile_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "huge.txt").write_bytes(b"0 1\n" * 300_000)
    with pytest.raises(InputError, match="larger"):
        described(tmp_path, horizon_file="huge.txt")
