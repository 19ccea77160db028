"""The journal, measured: what recording costs, how long the core is held, how quickly any second is there again.

    python -m bench.journal --folder build/bench/scale1000-1 --minutes 5

A scenario is played several times one after the other, with times moved on, into a recording as live input is: small
inputs, a tick each 0.2 s, results that wait for the file. Then the recording is opened, looked into at random seconds,
and recovered from after its end is torn off. Targets stand in `bench/targets.toml` under [journal].
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

if __package__ in (None, ""):  # run as a file: the project's root is where `bench` is found
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import folders
from lowsky.core import CoreInput, save_state, warm
from lowsky.record import Recorder, Scrubber, Setup, begin_recording, open_recording, recover
from lowsky.record.files import segments_of
from lowsky.record.folder import live_inputs
from lowsky.record.frames import FrameKind, frame_bytes, frame_of
from lowsky.record.header import this_machine
from lowsky.record.payloads import Checkpoint, Layout, put_checkpoint, put_input, take_input
from lowsky.wire.table import Scenario, read_input

TICK_NS = 200_000_000
SEEKS = 40
REPEATS = 9
HEAD_BYTES = 32
Figures = dict[str, float]

# key of the target, what it is, whether less is better
TARGETS = (
    ("hold_p99_ms", "append, p99", True),
    ("bytes_a_report", "bytes a report", True),
    ("encode_ns_a_report", "encoding, ns a report", True),
    ("checkpoint_copy_ms", "copy of the state", True),
    ("seek_max_s", "any second, longest", True),
    ("recover_s", "going on after a crash", True),
)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, help="scenario to play (default: scale1000, seed 1)")
    parser.add_argument("--minutes", type=float, default=3.0, help="length of the recording (default: %(default)s)")
    parser.add_argument("--json", type=Path, help="write all figures here")
    args = parser.parse_args(arguments)
    folder = args.folder or folders.made(folders.shared_folder(), "scale1000", 1)
    scenario = read_input(folder)
    warm()
    figures = coding(scenario)
    with tempfile.TemporaryDirectory(prefix="lowsky-bench-") as out:
        figures |= measured(scenario, Path(out) / "journal", args.minutes)
    targets = tomllib.loads((Path(__file__).parent / "targets.toml").read_text()).get("journal", {})
    print(text(folder.name, figures, targets))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))
    return 0


def rounds(scenario: Scenario, minutes: float) -> Iterator[CoreInput]:
    """The scenario again and again, each time later, as live inputs."""
    span_ns = (scenario.end_ns or int(scenario.reports.received_ns[-1])) - scenario.start_ns
    span_ns = span_ns // 10**9 * 10**9
    for k in range(max(1, round(minutes * 60e9 / span_ns))):
        by_ns = k * span_ns
        looks = replace(
            scenario.looks, time_ns=scenario.looks.time_ns + by_ns, received_ns=scenario.looks.received_ns + by_ns
        )
        reports = replace(
            scenario.reports, time_ns=scenario.reports.time_ns + by_ns, received_ns=scenario.reports.received_ns + by_ns
        )
        start_ns = scenario.start_ns + by_ns
        moved = replace(scenario, reports=reports, looks=looks, start_ns=start_ns, end_ns=start_ns + span_ns)
        yield from live_inputs(moved, TICK_NS)


def coding(scenario: Scenario) -> Figures:
    """Encoding alone: nanoseconds and bytes a report, in inputs of a tenth of a second and all at once."""
    inputs = list(live_inputs(scenario, TICK_NS))
    reports = len(scenario.reports)
    begin = time.perf_counter()
    frames = [frame_bytes(FrameKind.INPUT, k, 0, put_input(given)) for k, given in enumerate(inputs)]
    encode_s = time.perf_counter() - begin
    begin = time.perf_counter()
    for data in frames:
        take_input(frame_of(data[:HEAD_BYTES], 0, data[HEAD_BYTES:]).payload(), Layout())
    decode_s = time.perf_counter() - begin
    whole = CoreInput(scenario.reports, scenario.looks, np.empty(0, dtype=np.int64))
    begin = time.perf_counter()
    frame_bytes(FrameKind.INPUT, 0, 0, put_input(whole))
    at_once_s = time.perf_counter() - begin
    return {
        "bytes_a_report": sum(map(len, frames)) / reports,
        "encode_ns_a_report": encode_s * 1e9 / reports,
        "decode_ns_a_report": decode_s * 1e9 / reports,
        "reports_per_s_at_once": reports / at_once_s,
        "reports_an_input": reports / len(inputs),
    }


def measured(scenario: Scenario, out: Path, minutes: float) -> Figures:
    """Record, look, tear, recover."""
    setup = Setup(scenario.site)
    begun = begin_recording(out, setup, scenario.start_ns)
    figures, state_ms = _recorded(begun.recorder, rounds(scenario, minutes)), _checkpoint(begun.recorder)
    begun.recorder.close()
    begin = time.perf_counter()
    recording = open_recording(out)
    figures |= {"open_s": time.perf_counter() - begin, "recorded_s": (recording.to_ns - recording.from_ns) / 1e9}
    figures["journal_mb_an_hour"] = recording.size / 1e6 / figures["recorded_s"] * 3600.0
    checkpoints = sum(len(s.index.checkpoint_ns) for s in recording.segments)
    figures["checkpoints_a_minute"] = checkpoints / figures["recorded_s"] * 60.0
    seeks_s, busy_s = _seeks(out, recording.from_ns, recording.to_ns)
    figures |= {"seek_median_s": float(np.median(seeks_s)), "seek_max_s": float(np.max(seeks_s))}
    figures["seek_busy_max_s"] = float(np.max(busy_s))  # of the processor, others left out
    figures["recover_s"] = _recovery(out, setup)
    return figures | state_ms


def _recorded(recorder: Recorder, inputs: Iterator[CoreInput]) -> Figures:
    """Play the inputs as fast as they go; the time inside `append_input` is what the core is held."""
    journal = recorder.journal
    plain = journal.append_input
    holds_s: list[float] = []
    busy_s: list[float] = []
    waits_s: list[float] = []

    def timed(given: CoreInput) -> int:
        begin, busy = time.perf_counter(), time.thread_time()
        sequence = plain(given)
        busy_s.append(time.thread_time() - busy)
        holds_s.append(time.perf_counter() - begin)
        return sequence

    journal.append_input = timed  # type: ignore[method-assign]
    begin = time.perf_counter()
    for given in inputs:
        _, sequence = recorder.step(given)
        ended = time.perf_counter()
        recorder.ready(sequence, 60.0)
        waits_s.append(time.perf_counter() - ended)
    took_s = time.perf_counter() - begin
    status = journal.status
    return {
        "hold_p99_ms": float(np.percentile(holds_s, 99)) * 1e3,
        "hold_max_ms": max(holds_s) * 1e3,
        "hold_busy_p99_ms": float(np.percentile(busy_s, 99)) * 1e3,  # of the core's thread itself, others left out
        "wait_median_ms": float(np.median(waits_s)) * 1e3,
        "wait_p99_ms": float(np.percentile(waits_s, 99)) * 1e3,
        "reports_per_s": recorder.reports / took_s,
        "longest_sync_ms": status.longest_sync_s * 1e3,
        "lost_inputs": float(status.lost_inputs),
    }


def _checkpoint(recorder: Recorder) -> Figures:
    """Copying the state holds the core; encoding it does not."""
    copies_s, encodes_s = [], []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        tables = save_state(recorder.state)
        copied = time.perf_counter()
        data = frame_bytes(FrameKind.CHECKPOINT, 1, 0, put_checkpoint(Checkpoint(0, tables)))
        copies_s.append(copied - begin)
        encodes_s.append(time.perf_counter() - copied)
    return {
        "checkpoint_copy_ms": float(np.median(copies_s)) * 1e3,
        "checkpoint_encode_ms": float(np.median(encodes_s)) * 1e3,
        "checkpoint_kb": len(data) / 1e3,
        "state_kb": sum(table.nbytes for table in tables.values()) / 1e3,
    }


def _seeks(out: Path, from_ns: int, to_ns: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds until the picture of a random second is there, each after one far away; and of work for it."""
    scrubber, rng = Scrubber(out), np.random.default_rng(1)
    scrubber.picture_at(from_ns)
    seeks, busy = [], []
    for moment_ns in rng.integers(from_ns, to_ns, SEEKS).tolist():
        begin, begin_busy = time.perf_counter(), time.process_time()
        scrubber.picture_at(moment_ns)
        seeks.append(time.perf_counter() - begin)
        busy.append(time.process_time() - begin_busy)
    return np.array(seeks), np.array(busy)


def _recovery(out: Path, setup: Setup) -> float:
    """Seconds to a core that goes on, from a recording whose end and index are gone."""
    _, last = segments_of(out)[-1]
    for index in out.glob("*.lowskyindex"):
        index.unlink()
    at = open_recording(out).segments[-1].index.checkpoint_at
    with last.open("rb+") as file:  # the last checkpoint, of the clean stop, is lost with the end
        file.truncate(at[-1] + 100 if len(at) > 1 else last.stat().st_size - 10)
    begin = time.perf_counter()
    found = recover(out, setup)
    assert found is not None
    assert not found.anew
    return time.perf_counter() - begin


def text(name: str, figures: Figures, targets: dict[str, float]) -> str:
    """All figures, and beside those that have one the target."""
    lines = ["", f"journal of {name}, {figures['recorded_s']:,.0f} s, on {this_machine().processor}"]
    lines += [f"  {key:<24}{value:>14,.3f}" for key, value in figures.items()]
    lines += ["targets"]
    for key, what, less in TARGETS:
        if key in targets:
            met = figures[key] <= targets[key] if less else figures[key] >= targets[key]
            wanted = f"{'<=' if less else '>='} {targets[key]:g}"
            lines.append(f"  {what:<24}{wanted:>14} {figures[key]:>14,.3f}  {'ok' if met else 'MISSED'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
