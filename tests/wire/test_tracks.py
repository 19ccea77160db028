"""Track tables: exact positions, turned covariances, the same bytes, and back again."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame
from lowsky.wire.table import check_tracks_path, read_tracks, track_table, write_track_table, write_tracks
from tests.wire.tables import T0, picture, save, site

pyproj = pytest.importorskip("pyproj")
JUDGED = {"time_s", "track", "lat", "lon", "height_m", "kind", "status", "group_n"} | {
    "east_mps", "north_mps", "up_mps", "cov_ee", "cov_nn", "cov_en"
}  # fmt: skip


def test_positions_and_velocities_agree_with_proj(tmp_path: Path) -> None:
    """Velocity in the object's own frame: the move PROJ's own local frame sees in a millisecond."""
    shown = picture(40)
    write_tracks(tmp_path / "t.parquet", shown, site())
    found = read_tracks(tmp_path / "t.parquet")
    origin = site().origin
    region = f"+ellps=WGS84 +lat_0={origin.latitude_deg} +lon_0={origin.longitude_deg} +h_0={origin.height_m}"
    to_geodetic = pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=topocentric {region} +step +inv +proj=cart +ellps=WGS84"
    )
    for row in range(0, 40, 7):
        here, moved = shown.state[row, :3], shown.state[row, :3] + 0.001 * shown.state[row, 3:]
        lon, lat, height = to_geodetic.transform(*here)
        assert (found["lat"][row], found["lon"][row]) == pytest.approx((lat, lon), abs=1e-10)
        assert found["height_m"][row] == pytest.approx(height, abs=1e-5)
        to_local = pyproj.Transformer.from_pipeline(
            f"+proj=pipeline +step +proj=cart +ellps=WGS84 +step +proj=topocentric +ellps=WGS84 "
            f"+lat_0={lat} +lon_0={lon} +h_0={height}"
        )
        local = np.array(to_local.transform(*to_geodetic.transform(*moved))) / 0.001
        said = [found[k][row] for k in ("east_mps", "north_mps", "up_mps")]
        assert said == pytest.approx(local, abs=1e-3)


def test_covariances_are_those_of_turned_samples(tmp_path: Path) -> None:
    shown = picture(6)
    write_tracks(tmp_path / "t.parquet", shown, site())
    found = read_tracks(tmp_path / "t.parquet")
    rotation = Frame(site().origin).local_rotation(shown.state[:, :3])
    for row in range(6):
        root = rotation[row] @ np.linalg.cholesky(shown.covariance[row, :3, :3])
        own = root @ root.T
        said = [found[k][row] for k in ("cov_ee", "cov_nn", "cov_en", "cov_uu", "cov_eu", "cov_nu")]
        assert said == pytest.approx([own[0, 0], own[1, 1], own[0, 1], own[2, 2], own[0, 2], own[1, 2]])
    far = np.argmax(np.hypot(*shown.state[:, :2].T))
    assert found["cov_uu"][far] != pytest.approx(shown.covariance[far, 2, 2], rel=1e-9)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_columns_are_those_a_judge_reads(tmp_path: Path, suffix: str) -> None:
    write_tracks(tmp_path / f"t{suffix}", picture(), site(), ("4ca1", "beef"))
    found = read_tracks(tmp_path / f"t{suffix}")
    assert set(found) >= JUDGED
    assert found["time_s"].tolist() == [T0, T0, T0 + 1, T0 + 1]
    assert found["track"].tolist() == [7, 8, 7, 8]
    assert found["status"].tolist() == ["confirmed", "coasting"] * 2
    assert found["identity"].tolist() == ["", "4ca1"] * 2
    assert set(found["kind"]) == {"fixed_wing"}
    assert found["last_report_s"][0] == T0 + 0.5
    assert found["group_n"].tolist() == [1 + k % 3 for k in range(len(found["group_n"]))]


def test_csv_and_parquet_hold_the_same_numbers(tmp_path: Path) -> None:
    for suffix in (".parquet", ".csv"):
        write_tracks(tmp_path / f"t{suffix}", picture(50), site())
    a, b = read_tracks(tmp_path / "t.parquet"), read_tracks(tmp_path / "t.csv")
    assert list(a) == list(b)
    assert all(np.array_equal(a[k], b[k]) for k in a)


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".geojson"])
def test_the_same_picture_gives_the_same_bytes_and_leaves_no_rest(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        write_tracks(tmp_path / f"{name}{suffix}", picture(500), site())
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".geojson"])
def test_an_empty_picture_is_an_empty_table(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    write_tracks(path, picture(0), site())
    if suffix == ".geojson":
        assert json.loads(path.read_text()) == {"type": "FeatureCollection", "features": []}
    else:
        assert len(read_tracks(path)["track"]) == 0


def test_rows_are_turned_in_chunks_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tracks(tmp_path / "whole.csv", picture(100), site())
    monkeypatch.setattr("lowsky.wire.table.tracks.CHUNK_ROWS", 7)
    write_tracks(tmp_path / "parts.csv", picture(100), site())
    assert (tmp_path / "whole.csv").read_bytes() == (tmp_path / "parts.csv").read_bytes()


def test_geojson_has_one_feature_a_track(tmp_path: Path) -> None:
    write_tracks(tmp_path / "t.geojson", picture(6), site(), ("4ca1", "beef"))
    first, second = json.loads((tmp_path / "t.geojson").read_text())["features"]
    assert first["geometry"]["type"] == "LineString"
    assert [len(c) for c in first["geometry"]["coordinates"]] == [3, 3, 3]
    assert abs(first["geometry"]["coordinates"][0][0] - 8.0) < 2.0  # longitude first
    assert (first["properties"]["track"], second["properties"]["identity"]) == (7, "4ca1")
    assert first["properties"]["time_s"] == [T0, T0 + 1, T0 + 2]


def test_geojson_cuts_lines_at_the_date_line(tmp_path: Path) -> None:
    shown = picture(6)
    state = shown.state.copy()
    state[:, :3] = [[-900, 0, 9], [0, 0, 9], [-100, 0, 9], [0, 0, 9], [400, 0, 9], [0, 0, 9]]
    there = site()
    there = replace(there, origin=replace(there.origin, latitude_deg=0.0, longitude_deg=-180.0))
    write_tracks(tmp_path / "t.geojson", replace(shown, state=state), there)
    geometry = json.loads((tmp_path / "t.geojson").read_text())["features"][0]["geometry"]
    assert geometry["type"] == "MultiLineString"
    assert [len(line) for line in geometry["coordinates"]] == [2, 2]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lowsky.wire.table.tracks.pa_csv.write_csv", full)
    with pytest.raises(InputError, match=r"t\.csv cannot be written: No space left on device"):
        write_tracks(path, picture(), site())
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_where_tracks_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"written as \.parquet, \.csv, \.geojson, \.json, not \.xlsx"):
        write_tracks(tmp_path / "t.xlsx", picture(), site())
    with pytest.raises(InputError, match="there is no folder"):
        write_tracks(tmp_path / "nowhere" / "t.csv", picture(), site())
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        check_tracks_path(tmp_path / "folder.csv")
    check_tracks_path("t.CSV")  # in the current folder, suffix in any case


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".geojson"])
def test_bytes_do_not_depend_on_the_pieces(tmp_path: Path, suffix: str) -> None:
    whole = track_table(picture(), site())
    write_track_table(tmp_path / f"whole{suffix}", whole)
    write_track_table(tmp_path / f"pieces{suffix}", pa.concat_tables([whole.slice(0, 1), whole.slice(1)]))
    assert (tmp_path / f"whole{suffix}").read_bytes() == (tmp_path / f"pieces{suffix}").read_bytes()


def test_tracks_of_others_may_be_named_by_text(tmp_path: Path) -> None:
    columns = {"time_s": [1, 2, 2], "track": ["b", "b", "a"], "lat": [1.0] * 3, "lon": [2.0] * 3, "height_m": [3] * 3}
    found = read_tracks(save(tmp_path / "t.parquet", columns))
    assert found["track"].tolist() == [1, 1, 0]
    with pytest.raises(InputError, match="has no column 'lat'"):
        read_tracks(save(tmp_path / "u.csv", {k: v for k, v in columns.items() if k != "lat"}))
    with pytest.raises(InputError, match="row 1, lat: nan is no finite number"):
        read_tracks(save(tmp_path / "v.parquet", columns | {"lat": [1.0, np.nan, 1.0]}))


def test_types_on_disk(tmp_path: Path) -> None:
    write_tracks(tmp_path / "t.parquet", picture(), site())
    schema = pq.read_schema(tmp_path / "t.parquet")
    assert str(schema.field("track").type) == "int64"
    assert str(schema.field("status").type) == "string"
