"""The benchmark: lowsky on the shared scenarios, judged, beside the figures of perfect association and the targets.

    python bench/run.py --only busy raid --seeds 1 2 3 --json figures.json

Each scenario is tracked in a process of its own with warm caches, several times where speed is wanted; the best time
counts, because the others hold what else the machine did. Targets stand in `bench/targets.toml`. Seeds that the
shared README has no figures of are compared with perfect association made here (`bench.reference`).
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from pathlib import Path
from typing import Any

if __package__ in (None, ""):  # run as a file: the project's root is where `bench` is found
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import folders, journal, reference, report, seconds
from bench.targets import Reference, parse_references

SCENARIOS = (
    "crossing", "busy", "raid", "faint", "empty", "biased", "misdescribed", "late", "bearings", "site", "swarm",
    "scale100", "scale1000", "scale10000",
)  # fmt: skip
BESIDE = ("crossing", "busy", "scale100")  # where Stone Soup stands beside, with the first seed
BIASES = ("range_m", "azimuth_deg", "clock_s")
ONCE = {"scale10000"}  # its reference is known for one seed, and judging it takes minutes
Figures = dict[str, Any]


def main() -> int:
    """The command; its status is 1 if a target is missed and --strict is given."""
    args = arguments().parse_args()
    shared = folders.shared_folder()
    known = parse_references((shared / "bench" / "README.md").read_text())
    targets = tomllib.loads((Path(__file__).parent / "targets.toml").read_text())
    rows: list[Figures] = []
    for name in args.only:
        for seed in [1] if name in ONCE else args.seeds:
            rows.append(measured(shared, name, seed, known.get((name, seed)), targets.get(name, {}), args))
            print(report.line(rows[-1]), flush=True)
    means = report.with_per_report(report.means(rows), targets)
    verdicts = report.verdicts(means, targets)
    print(report.table(rows, means, verdicts))
    if args.markdown:
        args.markdown.write_text(report.markdown(means, verdicts))
    if args.json:
        args.json.write_text(json.dumps({"runs": rows, "means": means}, indent=1))
    if args.stonesoup:
        from bench import stonesoup_side

        beside = [str(folders.made(shared, name, args.seeds[0], args.cache)) for name in BESIDE]
        stonesoup_side.main([*beside, "--limit", "60"])
    if args.journal:
        journal.main(["--folder", str(folders.made(shared, "scale1000", args.seeds[0], args.cache))])
    return int(args.strict and any(not v.met for v in verdicts))


def arguments() -> argparse.ArgumentParser:
    """Options of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(SCENARIOS), metavar="NAME")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--repeat", type=int, default=2, help="runs a scenario, the fastest counts (default: 2)")
    parser.add_argument("--cache", type=Path, default=folders.CACHE, help="where scenario folders are made and kept")
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--markdown", type=Path, help="write the table of means here")
    parser.add_argument("--strict", action="store_true", help="end with status 1 if a target is missed")
    parser.add_argument("--no-stonesoup", dest="stonesoup", action="store_false")
    parser.add_argument("--no-journal", dest="journal", action="store_false", help="leave out what recording costs")
    return parser


def measured(
    shared: Path, name: str, seed: int, known: Reference | None, target: Figures, args: argparse.Namespace
) -> Figures:
    """All figures of one scenario and seed."""
    folder = folders.made(shared, name, seed, args.cache)
    out = folders.CACHE / f"{name}-{seed}.tracks.parquet"
    out.parent.mkdir(parents=True, exist_ok=True)
    biases = ("--biases", str(out.with_suffix(".biases.json"))) if "biases" in target else ()
    runs = [folders.track(folder, out, biases) for _ in range(1 if name in ONCE else args.repeat)]
    best = min(runs, key=lambda run: float(run.said["core_s"]))
    score = folders.judged(shared, folder, out, (*target.get("judge", ()), *biases))
    figures: Figures = {"scenario": name, "seed": seed, **score, **seconds.figures(folder, out)}
    if biases:
        figures["biases"] = max(score[f"bias_{kind}_rms"] / score[f"true_{kind}_rms"] for kind in BIASES)
    perfect = (known.gospa_m, known.gospa_2d_m) if known else own_reference(shared, folder, "gospa_m", "gospa_2d_m")
    if name != "empty":
        figures["ratio"], figures["ratio_2d"] = score["gospa_m"] / perfect[0], score["gospa_2d_m"] / perfect[1]
    if "switches_above" in target:
        figures["switches_above"] = score["switches"] - own_reference(shared, folder, "switches")[0]
    core_s = max(float(best.said["core_s"]), 1e-9)
    about = json.loads((folder / "sensors.json").read_text())
    figures["reports_per_s"] = float(best.said["used"]) / core_s
    figures["realtime"] = float(about["duration_s"]) / core_s
    figures["wall_s"] = min(run.wall_s for run in runs)
    figures["peak_mib"] = max(run.peak_mib for run in runs)
    figures["objects"] = best.said["objects"]
    return figures


def own_reference(shared: Path, folder: Path, *wanted: str) -> tuple[float, ...]:
    """Figures of perfectly associated tracks made here (kept): for seeds nobody has published figures of, and for the
    switches that belong to the score's own matching."""
    kept = folders.CACHE / f"{folder.name}.reference.json"
    if not kept.exists():
        tracks = folders.CACHE / f"{folder.name}.reference.parquet"
        reference.write(tracks, reference.track(folder, reference.DEFAULTS))
        kept.write_text(json.dumps(folders.judged(shared, folder, tracks)))
    found = json.loads(kept.read_text())
    return tuple(float(found[name]) for name in wanted)


if __name__ == "__main__":
    sys.exit(main())
