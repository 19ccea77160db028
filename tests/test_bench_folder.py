"""The fixtures of the benchmark folder: its scenarios can be made and its judge finds the truth faultless."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest


def test_judge_finds_the_truth_faultless(
    scenario: Callable[[str, int], Path], judge: Callable[..., dict[str, float]], tmp_path: Path
) -> None:
    folder = scenario("crossing", 1)
    assert scenario("crossing", 1) == folder
    truth = pq.read_table(folder / "truth.parquet")
    names = ["track" if name == "object" else name for name in truth.column_names]
    pq.write_table(truth.rename_columns(names), tmp_path / "tracks.parquet")
    figures = judge(folder, tmp_path / "tracks.parquet")
    assert figures["localisation_m"] == pytest.approx(0.0, abs=1e-3)
    assert figures["missed"] == 0.0
    assert figures["completeness"] == 1.0
    assert figures["kind_accuracy"] == 1.0
