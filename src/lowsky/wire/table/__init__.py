"""Tables: scenario folders and other people's CSV and Parquet to reports and looks, pictures to track tables."""

from .assumed import assumed_looks
from .problems import Problems
from .scenario import Scenario, read_scenario
from .tracks import check_tracks_path, read_tracks, track_table, write_track_table, write_tracks

__all__ = [
    "Problems",
    "Scenario",
    "assumed_looks",
    "check_tracks_path",
    "read_scenario",
    "read_tracks",
    "track_table",
    "write_track_table",
    "write_tracks",
]
