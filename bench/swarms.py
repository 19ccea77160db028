"""Plot of swarms: how many objects a picture says there are, over time, beside how many there are.

    python -m bench.swarms OBJECTS FOLDER=TRACKS ...

OBJECTS is how many there are; each FOLDER holds a shared scenario of swarms and TRACKS is the picture of it that
`lowsky track` wrote. Draws docs/plots/swarms-count.svg.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from bench.plots import LINES, Limit, Plot, Series, keep

RIGHT = 0.1  # a count is right if it is not further off than this share


def count_series(folder: Path, tracks: Path) -> Series:
    """Sum of `group_n` over the rows of each second."""
    start_s = json.loads((folder / "sensors.json").read_text())["start_s"]
    table = pq.read_table(tracks, columns=["time_s", "group_n"])
    second = np.round(table["time_s"].to_numpy() - start_s).astype(int)
    said = np.bincount(second, weights=table["group_n"].to_numpy())
    return Series(folder.name.replace("-", ", seed "), list(map(float, range(len(said)))), said.tolist(), LINES)


def main() -> int:
    """The command."""
    objects = float(sys.argv[1])
    pairs = [argument.split("=", 1) for argument in sys.argv[2:]]
    series = [count_series(Path(folder), Path(tracks)) for folder, tracks in pairs]
    limits = [Limit("", objects), Limit("", (1.0 - RIGHT) * objects), Limit("", (1.0 + RIGHT) * objects)]
    keep("swarms-count", Plot("Objects said to be there", "s", "objects", series, limits))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
