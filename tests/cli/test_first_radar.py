"""The example of the README: somebody's first table of one radar becomes one track."""

from pathlib import Path

import numpy as np

from lowsky.cli.main import main
from lowsky.model.geodesy import Frame
from lowsky.model.sensor import Origin
from lowsky.wire.table import read_tracks

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "first-radar.toml"


def test_a_table_of_one_radar_becomes_one_track(tmp_path: Path) -> None:
    """The made-up drone of the example flies east at 22 m/s, 0.9 km north of the radar, from 1.4 km west of it."""
    out = tmp_path / "tracks.csv"
    assert main(["track", str(EXAMPLE), "--out", str(out)]) == 0
    found = read_tracks(out)
    assert len(set(found["track"])) == 1
    assert len(found["track"]) > 45
    east, north, up = Frame(Origin(50.0379, 8.5622, 158.0)).to_enu(found["lat"], found["lon"], found["height_m"]).T
    second = found["time_s"] - 1_777_924_800.25
    assert np.sqrt(np.mean((east - (22 * second - 1400)) ** 2)) < 15
    assert np.sqrt(np.mean((north - 900 - 60 * np.sin(second / 6)) ** 2)) < 15
    assert np.sqrt(np.mean((up - 110 - 0.6 * second) ** 2)) < 20
    assert abs(np.median(found["east_mps"]) - 22) < 2
