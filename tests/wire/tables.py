"""Small scenario folders and pictures for the tests of tables."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lowsky.model.picture import Picture
from lowsky.model.sensor import Origin, Site

T0 = 1_750_000_000.0
RADAR = {"id": "radar", "kind": "radar_3d", "lat": 50.0, "lon": 8.0, "height_m": 120.0}
SHIP = {"id": "ais", "kind": "cooperative", "lat": 50.0, "lon": 8.0, "height_m": 0.0, "period_s": 6.0}


def plots(n: int = 6, seed: int = 1) -> dict[str, Any]:
    """Plots of RADAR, one a second, the last two of SHIP."""
    rng = np.random.default_rng(seed)
    time = T0 + np.arange(n, dtype=np.float64)
    ship = np.arange(n) >= n - 2
    return {
        "time_s": time,
        "sensor": np.where(ship, "ais", "radar").astype(object),
        "range_m": np.where(ship, np.nan, rng.uniform(100, 5000, n)),
        "azimuth_deg": np.where(ship, np.nan, rng.uniform(0, 360, n)),
        "elevation_deg": np.where(ship, np.nan, rng.uniform(0, 20, n)),
        "range_rate_mps": np.where(ship, np.nan, rng.uniform(-30, 30, n)),
        "identity": np.where(ship, "211000001", "").astype(object),
        "lat": np.where(ship, 50.01, np.nan),
        "lon": np.where(ship, 8.02, np.nan),
        "height_m": np.where(ship, 3.0, np.nan),
        "received_s": time + 0.1,
    }


def looks(n: int = 6) -> dict[str, Any]:
    """Looks of RADAR, one a second."""
    time = T0 + np.arange(n, dtype=np.float64)
    return {"sensor": np.full(n, "radar", dtype=object), "time_s": time, "received_s": time + 0.35}


def save(path: Path, columns: dict[str, Any]) -> Path:
    """Write columns as the suffix says."""
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    else:
        pa_csv.write_csv(table, path)
    return path


def folder(path: Path, suffix: str = ".parquet", sensors: Any = None, **columns: Any) -> Path:
    """A scenario folder of RADAR and SHIP; `columns` replace those of the plots."""
    path.mkdir(exist_ok=True)
    sensors = {"start_s": T0, "duration_s": 10.0, "sensors": [RADAR, SHIP]} if sensors is None else sensors
    (path / "sensors.json").write_text(json.dumps(sensors))
    save(path / f"plots{suffix}", plots() | columns)
    save(path / f"looks{suffix}", looks())
    return path


def site() -> Site:
    """A site whose frame stands at 50 N 8 E."""
    return Site((), Origin(50.0, 8.0, 0.0))


def picture(n: int = 4, spread_m: float = 80_000.0, seed: int = 3) -> Picture:
    """n rows of two objects, up to 80 km from the origin."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, 6, 6))
    return Picture(
        time_ns=(np.arange(n) // 2 + int(T0)) * 1_000_000_000,
        track=np.arange(n, dtype=np.int64) % 2 + 7,
        status=(np.arange(n) % 2 + 1).astype(np.uint8),
        state=rng.uniform(-1, 1, (n, 6)) * [spread_m, spread_m, 500, 40, 40, 3],
        covariance=root @ root.swapaxes(1, 2) + np.eye(6),
        existence=rng.uniform(0.5, 1, n),
        model_probability=np.full((n, 3), 1 / 3),
        first_report_ns=np.full(n, int(T0) * 1_000_000_000),
        last_report_ns=np.full(n, int(T0) * 1_000_000_000 + 500_000_000),
        rcs_dbsm=np.full(n, np.nan),
        reports=np.arange(n, dtype=np.int64),
        group_n=np.arange(n, dtype=np.int64) % 3 + 1,
        identity=(np.arange(n) % 2 - 1).astype(np.int32),
        kind=np.full(n, 2, dtype=np.uint8),
    )
