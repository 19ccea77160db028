"""`lowsky simulate`: plays a made-up scene, into a scenario folder or live over the network."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

SUMMARY = "play a made-up scene into a folder, truth included, or live over the network"

EPILOG = """\
scenes:
  harbour    a night at a harbour: ships, aircraft, birds, drones, a raid in waves; ten sensors, endless (600 s)
  night      raid of 200 one-way drones in eight waves, birds, multirotors, balloon, airliner; seven sensors, 180 s
  small      fifteen objects, five sensors of every kind, 40 s
  busy1000   1,000 objects that stay, about 2,000 reports a second from six sensors, endless (60 s)
  steady500  500 objects, a fifth of them coming and going, four sensors, endless (3,600 s)

examples:
  lowsky simulate small --seed 1 --out small-1
  lowsky simulate harbour --to udp://127.0.0.1:5300 --site harbour.toml

The same scene and seed always give the same reports; live they begin now. With --to a scene goes on until Ctrl-C, or
for as long as --duration says. --site writes a site.toml for the receiver, with the scene's sensors and places.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene, seed, and where it goes."""
    parser.add_argument("scene", metavar="SCENE", help="name of the scene")
    parser.add_argument("--seed", type=int, default=1, help="what all chance is drawn from (default: %(default)s)")
    parser.add_argument("--duration", type=float, metavar="SECONDS", help="how long (default: the scene's own time)")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="FOLDER", help="folder to write; made if not there")
    where.add_argument("--to", metavar="URL", help="send JSON lines to tcp://HOST:PORT or udp://HOST:PORT")
    parser.add_argument("--speed", type=float, default=1.0, help="with --to: times the clock (default: %(default)s)")
    parser.add_argument("--site", type=Path, metavar="FILE", help="with --to: write a site.toml for the receiver")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Play the scene, and say what became of it."""
    from lowsky.model.errors import InputError

    try:
        return _record(args) if args.to is None else _send(args)
    except ValueError as error:
        raise InputError(str(error)) from None


def _record(args: argparse.Namespace) -> int:
    from lowsky.simulate import LiveScene, record_scene

    scene = LiveScene(args.scene, args.seed)
    written = record_scene(args.out, scene, args.duration)
    print(
        f"{args.out}: {len(written.objects)} objects, {len(scene.site.sensors)} sensors, "
        f"{written.reports} reports, {written.false} of them false"
    )
    return 0


def _send(args: argparse.Namespace) -> int:
    import time

    from lowsky.simulate import LiveScene
    from lowsky.simulate.recording import checked_duration
    from lowsky.simulate.site_toml import write_site

    from .sending import parse_target, send_scene

    target, scene = parse_target(args.to), LiveScene(args.scene, args.seed, time.time_ns())
    duration_s = None if args.duration is None else checked_duration(scene, args.duration)
    if args.site is not None:
        write_site(args.site, scene, target.listener)
        _say(f"wrote {args.site}: `lowsky run {args.site}` receives this scene")
    sent = send_scene(scene, target, args.speed, duration_s, _say)
    print(f"{sent.reports} reports sent, {sent.lost} made while nobody was connected, {sent.connections} connections")
    return 0


def _say(sentence: str) -> None:
    print(f"lowsky: {sentence}", file=sys.stderr, flush=True)
