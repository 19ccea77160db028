"""`lowsky simulate`: plays a made-up scene and writes it as a scenario folder."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "make a scenario folder out of a made-up scene, truth included"

EPILOG = """\
scenes:
  harbour    a night at a harbour: ships, aircraft, birds, drones, a raid in waves; ten sensors, endless (600 s)
  night      raid of 200 one-way drones in eight waves, birds, multirotors, balloon, airliner; seven sensors, 180 s
  small      fifteen objects, five sensors of every kind, 40 s
  busy1000   1,000 objects that stay, about 2,000 reports a second from six sensors, endless (60 s)
  steady500  500 objects, a fifth of them coming and going, four sensors, endless (3,600 s)

example:
  lowsky simulate small --seed 1 --out small-1

The same scene and seed always give the same files.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene, seed and folder."""
    parser.add_argument("scene", metavar="SCENE", help="name of the scene")
    parser.add_argument("--seed", type=int, default=1, help="what all chance is drawn from (default: %(default)s)")
    parser.add_argument("--duration", type=float, metavar="SECONDS", help="how long (default: the scene's own time)")
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="folder to write; made if not there")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Play the scene, write the folder, and say what is in it."""
    from lowsky.model.errors import InputError
    from lowsky.simulate import LiveScene, record_scene

    try:
        scene = LiveScene(args.scene, args.seed)
        written = record_scene(args.out, scene, args.duration)
    except ValueError as error:
        raise InputError(str(error)) from None
    print(
        f"{args.out}: {len(written.objects)} objects, {len(scene.site.sensors)} sensors, "
        f"{written.reports} reports, {written.false} of them false"
    )
    return 0
