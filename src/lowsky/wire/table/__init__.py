"""Tables: scenario folders and other people's CSV and Parquet to reports and looks, pictures to track tables."""

from __future__ import annotations

from pathlib import Path

from ..problems import MESSAGE_LIMIT, Problems
from .assumed import assumed_looks
from .mapped import read_mapped
from .scenario import Scenario, read_scenario
from .tracks import check_tracks_path, read_tracks, track_table, write_track_table, write_tracks

__all__ = [
    "Problems",
    "Scenario",
    "assumed_looks",
    "check_tracks_path",
    "read_input",
    "read_mapped",
    "read_scenario",
    "read_tracks",
    "track_table",
    "write_track_table",
    "write_tracks",
]


def read_input(path: str | Path, limit: int = MESSAGE_LIMIT) -> Scenario:
    """A scenario folder, or the table that a TOML describes.

    Raises:
        InputError: if it cannot be read; one sentence.
    """
    path = Path(path)
    return read_mapped(path, limit) if path.suffix.lower() == ".toml" else read_scenario(path, limit)
