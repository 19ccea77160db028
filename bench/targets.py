"""Reference figures, read out of the benchmark's own README, and the targets of this project's stage.

The README holds a Markdown table under a heading that begins with "Reference": scenario, then figures of seeds 1, 2, 3
divided by slashes. It is parsed at run time, so that a corrected figure there is a corrected figure here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_COLUMNS = ("gospa_m", "gospa_2d_m", "localisation_m", "missed", "nees_2d")


@dataclass(frozen=True, slots=True)
class Reference:
    """What perfect association reaches in one scenario and seed."""

    gospa_m: float
    gospa_2d_m: float
    localisation_m: float
    missed: float
    nees_2d: float


def parse_references(readme: str) -> dict[tuple[str, int], Reference]:
    """Figures by (scenario, seed).

    Raises:
        ValueError: if the text has no such table or a row of it holds unequal numbers of figures.
    """
    section = re.search(r"^## Reference.*?(?=^## |\Z)", readme, re.MULTILINE | re.DOTALL)
    rows = [line for line in (section.group() if section else "").splitlines() if line.startswith("|")]
    found: dict[tuple[str, int], Reference] = {}
    for row in rows[2:]:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        name = cells[0].split()[0].rstrip(",")
        columns = [[float(v) for v in cell.split("/")] for cell in cells[1 : 1 + len(_COLUMNS)]]
        if len(columns) != len(_COLUMNS) or len({len(c) for c in columns}) != 1:
            raise ValueError(f"reference row {name!r} has not the same number of figures in each column")
        for seed, values in enumerate(zip(*columns, strict=True), start=1):
            found[name, seed] = Reference(*values)
    if not found:
        raise ValueError('no table of figures under a heading that begins with "## Reference"')
    return found
