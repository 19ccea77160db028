"""Real recordings tracked and scored: a filmed drone, aircraft and vessels that declare themselves.

    python bench/real.py --only cameras

The recordings are read where they lie (LOWSKY_SHARED, or beside the checkout) and turned into folders under build/,
which are tracked by `lowsky track` as any user's would be.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if __package__ in (None, ""):  # run as a file: the project's root is where `bench` is found
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import camera_score, cameras, declared, folders
from bench.reference import read

BUILD = folders.ROOT / "build" / "real"
DATASETS = (1, 2, 3)
WANTED_M = {1: 0.126, 2: 0.117, 3: 0.216}  # published figures of crossing lines, instant by instant
TICK_S = "0.2"  # the truth's


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=["cameras", "adsb", "ais"], default=["cameras", "adsb", "ais"])
    args = parser.parse_args()
    data = folders.shared_folder() / "data"
    BUILD.mkdir(parents=True, exist_ok=True)
    if "cameras" in args.only:
        filmed(data / "cameras")
    traffic = []
    if "adsb" in args.only:
        reports = declared.read_adsb(data / "adsb" / "opensky" / "OpenSky_Plane_States.csv")
        traffic.append((reports, declared.ADSB))
    if "ais" in args.only:
        reports = declared.read_ais(data / "ais" / "solent" / "SolentAIS_20160112_130211.csv")
        traffic.append((reports, declared.AIS))
    if traffic:
        declaring(traffic)
    return 0


def filmed(data: Path) -> None:
    """The filmed drone, second halves of the flights."""
    print("a filmed drone: position error (m) in the second half where two cameras or more see it")
    head = ("instants", "missed", "RMSE", "median", "95 %", "max", "NEES 3-D", "objects", "longest gap s")
    print(f"{'':26s}" + "".join(f"{h:>14s}" for h in head))
    for number in DATASETS:
        recording = cameras.read_recording(data / f"dataset{number}")
        folder = cameras.write_folder(recording, BUILD / recording.name)
        folders.track(folder, BUILD / f"{recording.name}.tracks.parquet", ("--every", TICK_S))
        ours = camera_score.tracked(recording, read(BUILD / f"{recording.name}.tracks.parquet"))
        line(f"{recording.name} lowsky", ours)
        line("  crossing lines", camera_score.crossing_lines(recording))
        line("  plain filter", camera_score.plain_filter(recording))
        wanted = WANTED_M[number]
        print(f"  wanted: RMSE {wanted}, one object -> {verdict(ours, wanted)}")


def line(name: str, s: camera_score.Score) -> None:
    """One score on one line."""
    lengths = "".join(f"{v:14.3f}" for v in (s.rmse_m, s.median_m, s.p95_m, s.max_m))
    print(f"{name:26s}{s.instants:14d}{s.missed:14d}{lengths}{s.nees:14.2f}{s.tracks:14d}{s.longest_gap_s:14.1f}")


def verdict(score: camera_score.Score, wanted_m: float) -> str:
    """Whether a score reaches what is wanted."""
    reached = score.rmse_m <= wanted_m and score.tracks == 1 and score.missed == 0
    return "reached" if reached else "missed"


def declaring(traffic: list[tuple[declared.Traffic, declared.Source]]) -> None:
    """Aircraft and vessels, with and without their identities."""
    print(f"\ntraffic that declares itself; every {declared.HELD_OUT}th report of each identity held out")
    head = ("reports", "objects", "tracks", "held", "switches", "broken", "doubled", "median m", "95 % m", "lost")
    print(f"{'':26s}" + "".join(f"{h:>10s}" for h in head))
    for reports, source in traffic:
        shown = ~declared.held_out(reports, source)
        for named in (True, False):
            table = declared.write_table(reports.take(shown), source, BUILD, named)
            out = table.with_suffix(".tracks.parquet")
            folders.track(table, out)
            f = declared.scored(reports, source, shown, read(out))
            counts = f"{f.reports:10,d}{f.identities:10d}{f.tracks:10d}"
            shares = "".join(f"{v:10.3f}" for v in (f.held, f.switches, f.broken, f.doubled))
            lengths = f"{f.error_m[0]:10.1f}{f.error_m[1]:10.1f}{f.lost:10.3f}"
            print(f"{f.name + (' with' if named else ' without') + ' identity':26s}{counts}{shares}{lengths}")


if __name__ == "__main__":
    sys.exit(main())
