"""Tracks: a picture to Parquet, CSV or GeoJSON, and such tables back to columns.

Positions leave the region's frame exactly through ECEF; velocities and covariances are turned into each object's own
east, north, up. The same picture gives the same bytes. A file appears under its name only when it is complete.
Columns and units: `docs/tables.md`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame, rotate_covariances, rotate_vectors
from lowsky.model.kinds import Kind
from lowsky.model.picture import Picture, Status
from lowsky.model.sensor import Site
from lowsky.model.timebase import s_from_ns

from .columns import TableFile, is_text
from .files import read_table

CHUNK_ROWS = 1 << 16  # rows turned at once: bounds the memory of the rotations
_TEXT = ("status", "kind", "identity")
_NEEDED = ("time_s", "track", "lat", "lon", "height_m")


def track_table(picture: Picture, site: Site, identities: Sequence[str] = ()) -> Any:
    """The picture's rows as an Arrow table with the columns of `docs/tables.md`, in the picture's order.

    Args:
        picture: n rows in the region's frame.
        site: gives the frame's origin.
        identities: the run's identity table, which `picture.identity` points into.
    """
    frame = Frame(site.origin)
    starts = range(0, max(len(picture), 1), CHUNK_ROWS)
    parts = [_local(frame, picture.state[i : i + CHUNK_ROWS], picture.covariance[i : i + CHUNK_ROWS]) for i in starts]
    local = {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
    columns: dict[str, Any] = {
        "time_s": s_from_ns(picture.time_ns),
        "track": picture.track,
        "status": _words([s.name.lower() for s in Status], picture.status),
        "lat": local["lat"],
        "lon": local["lon"],
        "height_m": local["height_m"],
        "kind": _words([k.word for k in Kind], picture.kind),
        **{name: values for name, values in local.items() if name not in _NEEDED},
        "existence": picture.existence,
        "group_n": picture.group_n.astype(np.int32),
        "identity": _words([*identities, ""], np.where(picture.identity < 0, len(identities), picture.identity)),
        "first_report_s": s_from_ns(picture.first_report_ns),
        "last_report_s": s_from_ns(picture.last_report_ns),
        "reports": picture.reports,
    }
    return pa.table(columns)


def _local(frame: Frame, state: NDArray[np.float64], covariance: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Geodetic places, and velocities and covariances in each object's own east, north, up."""
    latitude, longitude, height = frame.to_geodetic(state[:, :3])
    rotation = frame.rotation_at(latitude, longitude)
    velocity = rotate_vectors(rotation, state[:, 3:])
    cov = rotate_covariances(rotation, covariance[:, :3, :3])
    return {
        "lat": latitude,
        "lon": longitude,
        "height_m": height,
        "east_mps": velocity[:, 0],
        "north_mps": velocity[:, 1],
        "up_mps": velocity[:, 2],
        "cov_ee": cov[:, 0, 0],
        "cov_nn": cov[:, 1, 1],
        "cov_en": cov[:, 0, 1],
        "cov_uu": cov[:, 2, 2],
        "cov_eu": cov[:, 0, 2],
        "cov_nu": cov[:, 1, 2],
    }


def _words(words: list[str], index: NDArray[Any]) -> Any:
    return pa.array(words, type=pa.string()).take(pa.array(index.astype(np.int64)))


def write_tracks(path: str | Path, picture: Picture, site: Site, identities: Sequence[str] = ()) -> None:
    """Write the picture as the suffix says: .parquet, .csv, .geojson (or .json).

    Args:
        path: replaced when the new file is complete.
        picture, site, identities: as for `track_table`.

    Raises:
        InputError: if the suffix is none of these or the file cannot be written.
    """
    check_tracks_path(path)
    write_track_table(path, track_table(picture, site, identities))


def check_tracks_path(path: str | Path) -> None:
    """Say before the work is done, and not after it, that tracks cannot be written there.

    Raises:
        InputError: if the suffix is no format of tracks, the folder does not exist, or the path is a folder.
    """
    path = Path(path)
    if path.suffix.lower() not in _WRITERS:
        raise InputError(
            f"{path}: tracks are written as {', '.join(_WRITERS)}, not {path.suffix or 'without a suffix'}"
        )
    if path.is_dir():
        raise InputError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {path.parent}")


def write_track_table(path: str | Path, table: Any) -> None:
    """Write a table made by `track_table` (or several, concatenated) as the suffix says, replacing the file at the end.

    Raises:
        InputError: if the file cannot be written. The suffix has been checked by `check_tracks_path`.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        # one piece a column: the bytes must not depend on how the table was put together
        _WRITERS[path.suffix.lower()](table.combine_chunks(), part)
        os.replace(part, path)
    except (OSError, pa.ArrowException) as error:
        part.unlink(missing_ok=True)
        reason = (isinstance(error, OSError) and error.strerror) or error
        raise InputError(f"{path} cannot be written: {reason}") from None


def _write_parquet(table: Any, path: Path) -> None:
    # only words repeat: a dictionary attempt on floating columns costs time and saves nothing
    pq.write_table(table, path, compression="zstd", compression_level=3, use_dictionary=list(_TEXT))


def _write_csv(table: Any, path: Path) -> None:
    with path.open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())
        pa_csv.write_csv(table, file, pa_csv.WriteOptions(include_header=False, quoting_style="needed"))


def _write_geojson(table: Any, path: Path) -> None:
    columns = {name: table[name].to_numpy(zero_copy_only=False) for name in table.column_names}
    order = np.argsort(columns["track"], kind="stable")
    tracks = columns["track"][order]
    bounds = np.flatnonzero(np.diff(tracks)) + 1
    pieces = np.split(order, bounds) if len(order) else []
    with path.open("wb") as file:
        file.write(b'{"type":"FeatureCollection","features":[')
        for i, rows in enumerate(pieces):
            file.write((b",\n" if i else b"\n") + msgspec.json.encode(_feature(columns, rows)))
        file.write(b"\n]}\n")


def _feature(columns: dict[str, NDArray[Any]], rows: NDArray[np.int64]) -> dict[str, Any]:
    """One track as a GeoJSON feature (RFC 7946): its line and, per point, time, status and velocity."""
    last = rows[-1]
    properties: dict[str, Any] = {"track": int(columns["track"][last])}
    properties |= {name: str(columns[name][last]) for name in ("kind", "identity", "status")}
    lists = ("time_s", "east_mps", "north_mps", "up_mps", "existence", "group_n")
    properties |= {name: columns[name][rows].tolist() for name in lists}
    line = np.stack([columns[name][rows] for name in ("lon", "lat", "height_m")], axis=1)
    return {"type": "Feature", "geometry": _geometry(line), "properties": properties}


def _geometry(line: NDArray[np.float64]) -> dict[str, Any]:
    """A point, a line, or, where the track crosses the date line, several lines (RFC 7946, 3.1.9)."""
    cuts = np.flatnonzero(np.abs(np.diff(line[:, 0])) > 180.0) + 1
    pieces = [p.tolist() for p in np.split(line, cuts)]
    if len(pieces) == 1 and len(line) == 1:
        return {"type": "Point", "coordinates": pieces[0][0]}
    if len(pieces) == 1:
        return {"type": "LineString", "coordinates": pieces[0]}
    # a line has at least two points
    return {"type": "MultiLineString", "coordinates": [p if len(p) > 1 else p * 2 for p in pieces]}


_WRITERS: dict[str, Callable[[Any, Path], None]] = {
    ".parquet": _write_parquet,
    ".csv": _write_csv,
    ".geojson": _write_geojson,
    ".json": _write_geojson,
}


def read_tracks(path: str | Path) -> dict[str, NDArray[Any]]:
    """Columns of a track table (Parquet or CSV), lowsky's or any other tracker's.

    Returns:
        Arrays by column name: numbers as float64, words as text, and `track` as int64 (texts are numbered in the
        order of their names). `time_s`, `track`, `lat`, `lon` and `height_m` are there and finite.

    Raises:
        InputError: if the file cannot be read, lacks one of those columns or holds a value there that is no number.
    """
    file = read_table(Path(path))
    file.require(*_NEEDED)
    columns: dict[str, NDArray[Any]] = {}
    for name in file.table.column_names:
        if name == "track":
            columns[name] = _track_numbers(file)
        elif name in _TEXT or (is_text(file.table.column(name).type) and name not in _NEEDED):
            columns[name] = _texts(file, name)
        else:
            columns[name], texts = file.numbers(name)
            bad = ~np.isfinite(columns[name]) if texts is None else texts | ~np.isfinite(columns[name])
            if name in _NEEDED and bad.any():
                row = int(np.argmax(bad))
                raise InputError(f"{path}, row {row}, {name}: {file.cells(name)[row]!r} is no finite number")
    return columns


def _texts(file: TableFile, name: str) -> NDArray[np.str_]:
    encoded = file.texts(name)
    words = np.array(encoded.dictionary.to_pylist() or [""], dtype=np.str_)
    cells: NDArray[np.str_] = words[encoded.indices.to_numpy(zero_copy_only=False)]
    return cells


def _track_numbers(file: TableFile) -> NDArray[np.int64]:
    if not is_text(file.table.column("track").type):
        numbers, _ = file.numbers("track")
        if np.isfinite(numbers).all():
            return numbers.astype(np.int64)
    return np.unique(_texts(file, "track"), return_inverse=True)[1].astype(np.int64).reshape(len(file))
