"""`lowsky replay`: a recording through the core again, at any speed, compared with what was seen."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lowsky.record.reading import Recording
    from lowsky.record.replay import Piece, Replayer

SUMMARY = "replay a recording, and prove that it is what was seen"

EPILOG = """\
example:
  lowsky simulate small --seed 1 --out small-1
  lowsky record small-1 --out night
  lowsky replay night --verify
  lowsky replay night --speed 10 --from +20

TIME is seconds after the start (+90), seconds since 1970, or such as 2026-05-04T20:00:01Z. With --verify the status is
1 if the replay is not what was recorded: to the bit where versions and processor are the same, elsewhere within a
stated tolerance (docs/recordings.md).
"""

MOST_SPEED = 1e6
STEP_NS = 1_000_000_000  # of the recording between two looks at the clock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Recording, what part of it, how fast, what to write."""
    parser.add_argument("journal", type=Path, metavar="JOURNAL", help="folder of the recording")
    parser.add_argument(
        "--speed", type=_speed, default=None, metavar="TIMES", help="times real time, or max (default: max)"
    )
    parser.add_argument("--from", dest="begin", metavar="TIME", help="where to begin (default: the start)")
    parser.add_argument("--until", metavar="TIME", help="where to stop (default: the end)")
    parser.add_argument("--verify", action="store_true", help="compare with the hashes and states that were recorded")
    parser.add_argument("--out", type=Path, metavar="FILE", help="tracks to write: .parquet, .csv or .geojson")
    parser.add_argument("--warnings", type=Path, metavar="FILE", help="notices to write, one JSON object a line")
    parser.epilog = EPILOG


def _speed(text: str) -> float | None:
    if text == "max":
        return None
    value = float(text)
    if not 0.01 <= value <= MOST_SPEED:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.01 and {MOST_SPEED:g}")
    return value


@dataclass(slots=True)
class Show:
    """Prints what comes, second by second if it is paced, and collects what is to be written."""

    seconds: bool
    tracks: list[Any] | None
    warnings: list[dict[str, Any]] | None  # as `lowsky track` writes them
    objects: set[int] = field(default_factory=set)
    reports: int = 0
    events: int = 0

    def piece(self, piece: Piece, replayer: Replayer) -> None:
        """Show and keep a piece of the replay."""
        from lowsky.record.tables import tables_of
        from lowsky.wire.warnings import warning_lines

        self.reports += len(piece.given.reports)
        self.objects.update(piece.changes.picture.track.tolist())
        self.events += len(piece.changes.events)
        for mark in piece.marks:
            if mark.missing_from_ns:
                missing_s = (mark.time_ns - mark.missing_from_ns) / 1e9
                print(f"{clock(mark.time_ns)}  {mark.what}: {missing_s:.1f} s of input missing  {mark.why}")
        if self.warnings is not None and replayer.state is not None:
            self.warnings += warning_lines(piece.changes.notices, tuple(replayer.state.assessment.places))
        for name, table in tables_of(piece, replayer):
            if name == "picture" and self.tracks is not None:
                self.tracks.append(table.drop_columns(["rcs_dbsm"]))
            if name == "events":
                self._print_events(table)
        if self.seconds:
            for pulse in piece.pulses:
                print(f"{clock(pulse.time_ns)}  {pulse.objects:5d} objects  {pulse.standing:4d} notices", flush=True)

    def _print_events(self, table: Any) -> None:
        for row in table.to_pylist():
            who = f"  {row['who']}" if row["who"] else ""
            print(
                f"{clock(round(row['time_s'] * 1e9))}  notice {row['notice']} (call {row['call']}) {row['event']}: "
                f"track {row['track']}, {row['place']}, {row['level']}{who}"
            )


def run(args: argparse.Namespace) -> int:
    """Replay, show, write, and say what came of it."""
    from lowsky.record.reading import open_recording
    from lowsky.record.replay import replay_from
    from lowsky.serve.cores import cores
    from lowsky.wire.table import check_tracks_path
    from lowsky.wire.warnings import check_warnings_path

    from .moments import moment_ns

    if args.out:
        check_tracks_path(args.out)
    if args.warnings:
        check_warnings_path(args.warnings)
    recording = open_recording(args.journal)
    for problem in recording.problems:
        print(f"lowsky: {problem}", file=sys.stderr)
    from_ns = moment_ns(args.begin, recording.from_ns) if args.begin else recording.from_ns
    until_ns = moment_ns(args.until, recording.from_ns) if args.until else recording.to_ns
    show = Show(args.speed is not None, [] if args.out else None, [] if args.warnings else None)
    begin = time.perf_counter()
    replayer = replay_from(recording, from_ns, args.verify)
    replayer.threads = cores()
    if args.begin:
        replayer.advance(from_ns - 1)
    _play(replayer, recording, from_ns, until_ns, args.speed, show)
    took_s = time.perf_counter() - begin
    for problem in replayer.story.problems:
        print(f"lowsky: {problem}", file=sys.stderr)
    _write(args, show)
    span_s = max(0.0, (until_ns - from_ns) / 1e9)
    print(f"replayed  {span_s:,.1f} s in {took_s:.2f} s: {show.reports:,} reports, {len(show.objects):,} objects, "
          f"{show.events:,} events of notices")  # fmt: skip
    if replayer.story.left_out:
        print(f"left out  {replayer.story.left_out:,} inputs that follow on something that cannot be read")
    return _verdict(replayer)


def _play(
    replayer: Replayer, recording: Recording, from_ns: int, until_ns: int, speed: float | None, show: Show
) -> None:
    """Go through the pieces; with a speed, wait for the clock. Where nothing was recorded nobody waits."""
    if speed is None:
        for piece in replayer.pieces(until_ns):
            show.piece(piece, replayer)
        return
    at_ns, begin_s = from_ns, time.monotonic()
    while at_ns < until_ns:
        skipped = [end for start, end in recording.gaps if start <= at_ns < end]
        if skipped:
            begin_s -= (max(skipped) - at_ns) / 1e9 / speed
            at_ns = max(skipped)
        at_ns = min(until_ns, at_ns + STEP_NS)
        time.sleep(max(0.0, begin_s + (at_ns - from_ns) / 1e9 / speed - time.monotonic()))
        for piece in replayer.pieces(at_ns):
            show.piece(piece, replayer)


def _write(args: argparse.Namespace, show: Show) -> None:
    import pyarrow as pa

    from lowsky.model.errors import InputError
    from lowsky.wire.table import write_track_table
    from lowsky.wire.warnings import write_warning_lines

    if show.tracks is not None:
        if not show.tracks:
            raise InputError(f"{args.journal}: nothing is recorded between these times")
        write_track_table(args.out, pa.concat_tables(show.tracks))
        print(f"written   {args.out}")
    if show.warnings is not None:
        write_warning_lines(args.warnings, show.warnings)
        print(f"written   {args.warnings}")


def _verdict(replayer: Replayer) -> int:
    verified = replayer.verified
    if verified is None:
        return 0
    print(f"verified  {verified.sentence()}")
    if verified.first_missed_ns is not None and not verified.here:
        print(f"the first hash that is not met is that of {clock(verified.first_missed_ns)}")
    return 0 if verified.good and not replayer.story.problems else 1


def clock(time_ns: int) -> str:
    """A time as people read it, UTC."""
    from .moments import text_of

    return text_of(time_ns)
