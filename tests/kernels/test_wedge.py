"""The plots near a track by azimuth: what a slow search finds, round the back too, and never rows of an older frame."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lowsky.kernels.candidates import first_in_wedge
from lowsky.kernels.gating import index_azimuths
from lowsky.kernels.layout import AZIMUTH_BINS, PLOT

OLD = 4  # rows left over from a larger frame

angles = st.floats(-np.pi, np.pi, exclude_max=True)


@given(
    st.lists(st.tuples(angles, st.floats(10.0, 9000.0)), max_size=12), angles, st.floats(0.001, 3.0), st.floats(1, 500)
)
def test_a_wedge_is_what_a_slow_search_finds(
    frame: list[tuple[float, float]], centre: float, half: float, reach_m: float
) -> None:
    n, range_m = len(frame), 3000.0
    plots = np.zeros(n + OLD, dtype=PLOT).view(np.recarray)
    for row, (azimuth, distance) in zip(plots, sorted(frame), strict=False):
        row.azimuth, row.distance = azimuth, distance
    plots["azimuth"][n:], plots["distance"][n:] = centre, range_m  # would be in any wedge
    bins = np.zeros(AZIMUTH_BINS + 1, dtype=np.int32)
    index_azimuths(plots, n, bins)
    z = np.array([range_m, centre, 0.0, 0.0])
    first, count = first_in_wedge(plots, n, bins, z, half, reach_m)
    found = {(first + q) % n for q in range(count)} if n else set()
    off = np.abs((plots.azimuth[:n] - centre + np.pi) % (2 * np.pi) - np.pi)
    inside = set(np.flatnonzero(off <= half - 1e-9).tolist())
    near = set(np.flatnonzero(np.abs(plots.distance[:n] - range_m) < reach_m).tolist())
    if inside & near:
        assert inside <= found
    elif count:
        assert {f for f in found if f in near}  # one at the very edge
    assert all(off[f] <= half + 1e-9 for f in found)
