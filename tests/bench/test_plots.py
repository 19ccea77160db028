"""Plots: kept data give the same drawing again, ticks are round, everything lies within the sheet."""

import itertools
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import plots
from bench.plots import Axis, Limit, Plot, Series

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


def test_what_is_kept_gives_the_same_drawing(tmp_path: Path) -> None:
    plot = Plot("T <&>", "x", "y", [Series("a", [1, 2, 3], [1.0, math.nan, 3.0])], [Limit("most", 2.5)])
    drawing = plots.keep("one", plot, tmp_path)
    before = drawing.read_bytes()
    drawing.unlink()
    assert plots.draw_kept(tmp_path / "one.json").read_bytes() == before
    assert "T &lt;&amp;&gt;" in before.decode()


@given(NUMBERS, st.booleans())
def test_every_point_lies_on_the_sheet(values: list[float], log: bool) -> None:
    if log:
        values = [abs(v) + 1e-3 for v in values]
    plot = Plot("t", "x", "y", [Series("s", list(map(float, range(1, len(values) + 1))), values)], log_x=log, log_y=log)
    for circle in ElementTree.fromstring(plots.drawn(plot)).iter("{http://www.w3.org/2000/svg}circle"):
        assert plots.LEFT - 0.1 <= float(circle.attrib["cx"]) <= plots.WIDTH - plots.RIGHT + 0.1
        assert plots.TOP - 0.1 <= float(circle.attrib["cy"]) <= plots.HEIGHT - plots.BOTTOM + 0.1


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, 7_300.0), (-3.0, 12.0), (0.97, 1.04)])
def test_ticks_are_few_and_evenly_spaced(low: float, high: float) -> None:
    marks = Axis(low, high, False, 0.0, 100.0).ticks()
    gaps = {round(b - a, 9) for a, b in itertools.pairwise(marks)}
    assert 3 <= len(marks) <= 2 * plots.TICKS
    assert len(gaps) == 1


def test_ticks_of_a_logarithmic_axis_are_powers() -> None:
    assert Axis(90.0, 11_000.0, True, 0.0, 1.0).ticks() == [100.0, 1000.0, 10_000.0]


@pytest.mark.parametrize(("value", "label"), [(0.0, "0"), (1500.0, "1,500"), (0.25, "0.25"), (2e8, "2e8")])
def test_labels_are_short(value: float, label: str) -> None:
    assert plots.number(value) == label


def test_kept_plots_are_as_drawn_from_their_data(tmp_path: Path) -> None:
    """Nobody edits a drawing by hand, and no plot stands without its data."""
    names = {path.stem for path in plots.FOLDER.glob("*.svg")}
    assert names == {path.stem for path in plots.FOLDER.glob("*.json")}
    for name in names:
        (tmp_path / "x.json").write_bytes((plots.FOLDER / f"{name}.json").read_bytes())
        drawing = plots.draw_kept(tmp_path / "x.json").read_text()
        assert drawing == (plots.FOLDER / f"{name}.svg").read_text(), name
        assert not re.search(r"nan|inf", re.sub("<[tT]ext.*?</text>|<title>.*?</title>", "", drawing))
