"""`lowsky plot`: a scenario folder and its tracks to one picture of one moment."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

FIGURES = (
    ("gospa_m", "GOSPA"),
    ("gospa_2d_m", "GOSPA, horizontal"),
    ("completeness", "completeness"),
    ("switches", "switches an object"),
    ("false_tracks_per_hour", "false tracks"),
    ("speed_rmse_mps", "velocity error"),
    ("nees_2d", "NEES, horizontal"),
)

SUMMARY = "draw a map of tracks, their uncertainty and, where it is known, the truth"

EPILOG = """\
example:
  lowsky simulate small --seed 1 --out small-1
  lowsky track small-1 --out tracks.parquet
  lowsky plot small-1 tracks.parquet --out picture.png --at 30

Confirmed objects are solid, coasting ones hollow; ellipses hold 95 % of the position's uncertainty. Objects too close
together for numbers of their own are told by their count. North is up. Where FOLDER holds the truth, it is drawn as
dotted lines and the score of the whole run stands at the right.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Folder, tracks, picture, moment and length of trails."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="folder with sensors.json and plots")
    parser.add_argument("tracks", type=Path, metavar="TRACKS", help="tracks of it: .parquet or .csv")
    parser.add_argument("--out", type=Path, required=True, metavar="PICTURE", help="picture to write: .png")
    parser.add_argument("--at", type=float, metavar="SECONDS", help="moment after the start (default: the last one)")
    parser.add_argument(
        "--trail", type=float, default=60.0, metavar="SECONDS", help="length of trails (default: %(default)s)"
    )
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Draw, and say where the picture is."""
    told = draw_picture(args.folder, args.tracks, args.out, args.at, args.trail)
    print(f"{args.out}: {told}")
    return 0


def draw_picture(folder: Path, tracks: Path, out: Path, at_s: float | None = None, trail_s: float = 60.0) -> str:
    """Draw the picture and return one line that says what is on it.

    Raises:
        InputError: if a file cannot be read or written as asked, or the moment is not within the scenario.
    """
    from lowsky.model.errors import InputError

    if out.suffix.lower() != ".png":
        raise InputError(f"{out}: pictures are written as .png")
    if not out.parent.is_dir():
        raise InputError(f"{out}: the folder {out.parent} does not exist")
    from .drawing import draw, load_view

    view = load_view(folder, tracks, at_s, trail_s)
    figures = score_figures(folder, tracks) if view.truth is not None else []
    draw(view, out, figures, _headline(figures))
    return f"{len(view.present)} objects at {view.elapsed_s:g} s"


def score_figures(folder: Path, tracks: Path) -> list[tuple[str, str]]:
    """The main figures of the whole run, name and value; none where it cannot be scored, which is said as a notice."""
    from lowsky.evaluate.report import number
    from lowsky.evaluate.score import score_of
    from lowsky.model.errors import InputError

    from .scoring import compare_folder

    try:
        score = score_of(compare_folder(folder, tracks)[0])
    except InputError as error:
        warnings.warn(f"the picture shows no score: {error}", stacklevel=2)
        return []
    return [(label, number(getattr(score, name), name)) for name, label in FIGURES]


def _headline(figures: list[tuple[str, str]]) -> str:
    return "     ".join(f"{name.removeprefix('GOSPA, ')} {value}" for name, value in figures[:2])
