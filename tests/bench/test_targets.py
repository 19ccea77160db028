"""Reference figures read out of a README, and the verdicts and means made from figures."""

import math
import re
from pathlib import Path

import pytest

from bench import report
from bench.targets import Reference, parse_references

README = """
# Something

| scenario | what |
|---|---|
| crossing | 10 objects |

## Reference with perfect association (seeds 1 / 2)
Words.

| scenario | GOSPA 3-D m | GOSPA horizontal m | localisation m | missed | NEES 2-D |
|---|---|---|---|---|---|
| crossing | 33.2 / 40.4 | 25.2 / 30.1 | 10.5 / 12.6 | 0.00 / 0.02 | 2.07 / 2.10 |
| late (only what was received) | 102.3 / 111.2 | 53.4 / 50.9 | 15.1 / 16.2 | 0.32 / 0.31 | 1.97 / 1.76 |
| scale10000 (seed 1) | 1018.6 | 589.7 | 10.6 | 9.12 | 1.92 |

## Others
| scenario | x |
|---|---|
| crossing | 1 / 2 |
"""


def test_figures_are_found_by_scenario_and_seed() -> None:
    found = parse_references(README)
    assert found["crossing", 2] == Reference(40.4, 30.1, 12.6, 0.02, 2.10)
    assert found["late", 1].gospa_m == 102.3
    assert found["scale10000", 1].nees_2d == 1.92
    assert len(found) == 5


def test_the_shared_readme_holds_every_scenario_that_has_a_target(shared: Path) -> None:
    found = parse_references((shared / "bench" / "README.md").read_text())
    assert {("busy", 3), ("raid", 1), ("faint", 2), ("scale1000", 3), ("scale10000", 1)} <= set(found)
    assert all(r.gospa_m > r.gospa_2d_m > 0 for r in found.values())


@pytest.mark.parametrize("text", ["", "## Reference\nno table\n", README.replace("## Reference", "## Figures")])
def test_a_text_without_the_table_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no table"):
        parse_references(text)


def test_a_row_with_a_figure_too_few_is_named() -> None:
    with pytest.raises(ValueError, match="'crossing'"):
        parse_references(README.replace("25.2 / 30.1", "25.2"))


ROWS = [
    {"scenario": "busy", "seed": 1, "ratio": 1.0, "reports_per_s": 4e5, "peak_mib": 100.0, "nees_2d": 2.0},
    {"scenario": "busy", "seed": 2, "ratio": 1.1, "reports_per_s": 2e5, "peak_mib": 300.0, "nees_2d": 3.0},
    {"scenario": "big", "seed": 1, "ratio": 1.2, "reports_per_s": 1e5, "peak_mib": 200.0, "nees_2d": 2.0},
]


def test_means_are_over_seeds_and_memory_is_the_largest() -> None:
    busy, big = report.means(ROWS)
    assert busy["ratio"] == pytest.approx(1.05)
    assert busy["peak_mib"] == 300.0
    assert (big["scenario"], big["ratio"]) == ("big", 1.2)
    assert "seed" not in busy


def test_time_a_report_is_compared_with_the_scenario_named() -> None:
    rows = report.with_per_report(report.means(ROWS), {"big": {"per_report_of": "busy"}})
    assert rows[1]["per_report"] == pytest.approx(3.0)
    assert "per_report" not in rows[0]


@pytest.mark.parametrize(
    ("target", "met"),
    [
        ({"gospa": 1.05}, True),
        ({"gospa": 1.04}, False),
        ({"rate": 300_000}, True),
        ({"rate": 300_001}, False),
        ({"nees_2d": [1.6, 2.6]}, True),
        ({"nees_2d": [1.6, 2.4]}, False),
    ],
)
def test_verdicts_know_which_way_is_better(target: dict[str, object], met: bool) -> None:
    mean = {"scenario": "busy", "ratio": 1.05, "reports_per_s": 3e5, "nees_2d": 2.5}
    (verdict,) = report.verdicts([mean], {"busy": target})
    assert verdict.met is met


def test_a_target_without_a_figure_gives_no_verdict() -> None:
    assert report.verdicts([{"scenario": "empty"}], {"empty": {"gospa": 1.0}}) == []


def test_tables_hold_each_figure_and_dashes_for_what_is_unknown() -> None:
    means = report.means(ROWS)
    found = report.verdicts(means, {"busy": {"gospa": 1.02}})
    text = report.table(ROWS, means, found)
    assert "MISSED" in text
    assert len(re.findall(r"^busy ", text, re.MULTILINE)) == 4  # two runs, a mean, a target
    assert report.cell(None, ".1f") == report.cell(math.nan, ".1f") == "-"
    rows = [row for row in report.markdown(means, found).splitlines() if row.startswith("| busy")]
    assert rows[0].count("|") == len(report.COLUMNS) + 2
    assert rows[1].endswith("| missed |")
