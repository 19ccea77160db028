"""The picture: what is cut out for a moment, labels that never touch, groups, ellipses, and the file itself."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from lowsky.cli.drawing import View, draw, load_view, palette
from lowsky.cli.drawing.captions import importance, text_sizes
from lowsky.cli.drawing.labels import groups, place_labels
from lowsky.cli.drawing.layers import ellipses, leader_seconds
from lowsky.cli.drawing.panel import round_length
from lowsky.cli.drawing.render import extent
from lowsky.cli.drawing.view import PLOT_TRAIL_S, Present
from lowsky.model.errors import InputError
from lowsky.simulate import make_scene, write_folder

Floats = NDArray[np.float64]
PAGE = (0.0, 0.0, 1000.0, 700.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scene") / "small-1"
    write_folder(path, make_scene("small", 1))
    return path


@pytest.fixture(scope="module")
def tracks(folder: Path) -> Path:
    """Tracks that are the truth of all objects but the last, with covariances; every fifth coasts in its last 10 s."""
    truth = pq.read_table(folder / "truth.parquet").to_pydict()
    columns = {name: np.array(values) for name, values in truth.items()}
    keep = columns["object"] != columns["object"].max()
    age = columns["time_s"] - columns["time_s"].min()
    coasting = (columns["object"] % 5 == 0) & (age > 30)
    columns |= {"track": columns["object"] + 100, "status": np.where(coasting, "coasting", "confirmed")}
    columns |= {"cov_ee": np.full(len(age), 400.0), "cov_nn": np.full(len(age), 100.0), "cov_en": np.zeros(len(age))}
    del columns["object"], columns["kind"]
    path = folder / "tracks.parquet"
    pq.write_table(pa.table({name: values[keep] for name, values in columns.items()}), path)
    return path


@pytest.fixture(scope="module")
def view(folder: Path, tracks: Path) -> View:
    return load_view(folder, tracks, at_s=35.0, trail_s=20.0)


def present(place: Floats, velocity: Floats | None = None) -> Present:
    n = len(place)
    return Present(
        track=np.arange(n),
        place=place,
        height_m=np.full(n, 100.0),
        velocity=np.full((n, 2), np.nan) if velocity is None else velocity,
        covariance=np.full((n, 2, 2), np.nan),
        coasting=np.zeros(n, dtype=np.bool_),
    )


def test_a_view_is_of_its_moment(view: View) -> None:
    assert view.elapsed_s == 35.0
    assert view.truth is not None
    assert len(view.present) == len(view.truth_now) - 1
    assert view.trails.age_s.min() == 0.0
    assert view.trails.age_s.max() == pytest.approx(20.0)
    assert set(view.trails.line) == set(view.present.track)
    assert view.present.coasting.tolist() == [t % 5 == 0 for t in view.present.track]
    newest = view.trails.place[view.trails.age_s == 0.0]
    np.testing.assert_allclose(newest, view.present.place)


def test_plots_lie_near_the_truth_and_are_recent(view: View, folder: Path) -> None:
    gap = np.linalg.norm(view.plots[:, None] - view.truth_now, axis=-1)
    assert (gap.min(axis=0) < 300.0).mean() > 0.5  # most objects have a plot at most 4 s of flight away
    later = load_view(folder, folder / "tracks.parquet", at_s=39.0)
    assert len(later.plots)
    assert len(view.plots) < 60 * PLOT_TRAIL_S  # about 35 plots a second, and nothing older than the trail


def test_the_default_moment_is_the_last_row(folder: Path, tracks: Path) -> None:
    assert load_view(folder, tracks).elapsed_s == 40.0


@pytest.mark.parametrize(("at", "trail", "said"), [(-1.0, 10.0, "--at"), (99.0, 10.0, "--at"), (5.0, -2.0, "--trail")])
def test_moments_that_are_not_there_are_refused(at: float, trail: float, said: str, folder: Path, tracks: Path) -> None:
    with pytest.raises(InputError, match=said):
        load_view(folder, tracks, at, trail)


boxes = st.lists(
    st.tuples(st.floats(0, 1000), st.floats(0, 700), st.floats(10, 120), st.floats(8, 40), st.floats(0, 30)),
    min_size=1, max_size=40,
)  # fmt: skip


@given(boxes)
def test_labels_touch_neither_each_other_nor_marks_nor_edges(rows: list[tuple[float, ...]]) -> None:
    table = np.array(rows)
    points, sizes, reach = table[:, :2], table[:, 2:4], np.repeat(table[:, 4:], 2, axis=1)
    chosen, middles = place_labels(points, sizes, reach, points, np.empty((0, 2)), PAGE)
    low, high = middles - sizes[chosen] / 2, middles + sizes[chosen] / 2
    assert (low >= -1e-9).all()
    assert (high <= np.array([1000.0, 700.0]) + 1e-9).all()
    for i in range(len(chosen)):
        common = np.minimum(high[i], high) - np.maximum(low[i], low)
        touching = (common > 1e-9).all(axis=1)
        assert touching.sum() == 1
        off = points - np.clip(points, low[i], high[i])
        assert (np.hypot(*off.T) >= 5.0 - 1e-9).all()


def test_the_first_label_wins_and_a_lonely_one_stands_at_the_right() -> None:
    points, sizes = np.array([[500.0, 350.0], [503.0, 350.0]]), np.full((2, 2), 600.0)
    sizes[:, 1] = 20.0
    chosen, _ = place_labels(points, sizes, np.zeros((2, 2)), points, np.empty((0, 2)), (400.0, 300.0, 1200.0, 360.1))
    assert chosen.tolist()[:1] == [0]
    alone, middle = place_labels(points[:1], sizes[:1] / 10, np.zeros((1, 2)), points[:1], np.empty((0, 2)), PAGE)
    assert alone.tolist() == [0]
    np.testing.assert_allclose(middle, [[500.0 + 30.0 + 6.0, 350.0]])


def test_labels_give_way_to_lines() -> None:
    point, size = np.array([[500.0, 350.0]]), np.array([[60.0, 20.0]])
    line = np.column_stack([np.linspace(500, 600, 40), np.full(40, 350.0)])
    _, middle = place_labels(point, size, np.zeros((1, 2)), point, line, PAGE)
    np.testing.assert_allclose(middle, [[464.0, 350.0]])  # left of the point, the line runs right


def test_groups_are_what_stands_together() -> None:
    grid = np.stack(np.meshgrid(np.arange(5) * 8.0, np.arange(5) * 8.0), axis=-1).reshape(-1, 2)
    points = np.concatenate([grid + 100.0, grid + 400.0, [[700.0, 100.0], [300.0, 300.0]]])
    found = groups(points, cell=9.0, least=2, widest=150.0)
    assert len(set(found[:25])) == 1
    assert len(set(found[25:50])) == 1
    assert found[0] != found[25]
    assert found[50:].tolist() == [-1, -1]
    assert (groups(points, cell=9.0, least=26, widest=150.0) == -1).all()
    assert (groups(points, cell=9.0, least=2, widest=20.0) == -1).all()


@given(st.integers(0, 2**31), st.integers(2, 60))
def test_groups_agree_with_single_linkage(seed: int, n: int) -> None:
    """Points nearer than a cell are always joined, points farther than 2 sqrt 2 cells from all others never."""
    points = np.random.default_rng(seed).uniform(0, 300, (n, 2))
    found = groups(points, cell=10.0, least=1, widest=1e9)
    gap = np.linalg.norm(points[:, None] - points, axis=-1)
    same = found[:, None] == found
    assert same[gap < 10.0].all()
    lonely = np.sort(gap, axis=1)[:, 1] > 20.0 * np.sqrt(2)
    assert (same[lonely].sum(axis=1) == 1).all()


@given(st.floats(1, 500), st.floats(1, 500), st.floats(-3.1, 3.1))
def test_ellipses_hold_95_percent(long: float, short: float, angle: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    covariance = turn @ np.diag([long**2, short**2]) @ turn.T
    outline = ellipses(np.array([[10.0, -20.0]]), covariance[None])[0] - [10.0, -20.0]
    distance = np.einsum("pi,ij,pj->p", outline, np.linalg.inv(covariance), outline)
    np.testing.assert_allclose(distance, 5.991464547, rtol=1e-5)  # chi-square of 2 degrees of freedom at 0.95


def test_the_soonest_to_arrive_is_the_most_important() -> None:
    place = np.array([[1000.0, 0.0], [5000.0, 0.0], [300.0, 0.0], [200.0, 0.0]])
    velocity = np.array([[-10.0, 0.0], [-100.0, 0.0], [20.0, 0.0], [np.nan, np.nan]])
    assert importance(present(place, velocity)).tolist() == [1, 0, 3, 2]


def test_leaders_and_scale_are_round_and_fit() -> None:
    many = present(np.zeros((3, 2)), np.array([[0.0, 40.0], [0.0, 45.0], [0.0, 50.0]]))
    assert leader_seconds(many, 20_000.0) == 10.0
    assert leader_seconds(present(np.zeros((1, 2))), 1000.0) == 60.0
    assert [round_length(x) for x in (999.0, 1000.0, 4999.0, 0.3)] == pytest.approx([500.0, 1000.0, 2000.0, 0.2])


def test_the_map_keeps_its_shape_and_leaves_far_ones_out(view: View) -> None:
    low, high = extent(view, 1.4)
    assert (high - low)[0] == pytest.approx(1.4 * (high - low)[1])
    inside = ((view.present.place >= low) & (view.present.place <= high)).all(axis=1)
    assert inside.mean() >= 0.9
    assert ((view.sensor_place > low) & (view.sensor_place < high)).all()


def test_text_is_legible_at_night() -> None:
    for ground in (palette.PAGE, palette.GROUND):
        for text in (palette.TEXT, palette.FAINT_TEXT, palette.TRACK, palette.SENSOR, palette.COASTING):
            assert palette.contrast(text, ground) >= 4.5
    assert palette.luminance(palette.TEXT) < 0.7  # no pure white
    assert palette.contrast("#ffffff", "#000000") == pytest.approx(21.0)


def test_room_for_labels_is_what_matplotlib_needs() -> None:
    texts = ["radar-ne", "1234\n45 m/s", "25 objects\n44 m/s"]
    figure = Figure(dpi=palette.PIXELS_PER_INCH)
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]
    for text, (width, height) in zip(texts, text_sizes(texts), strict=True):
        drawn = figure.text(0.5, 0.5, text, fontsize=palette.SMALL_PT, family="monospace", linespacing=1.05)
        box = drawn.get_window_extent(renderer)
        assert box.width <= width + 1
        assert box.height <= height + 3


def test_the_picture_has_its_size_and_is_the_same_again(view: View, tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    labelled = draw(view, one, [("GOSPA", "12 m")], "GOSPA 12 m")
    draw(view, two, [("GOSPA", "12 m")], "GOSPA 12 m")
    assert one.read_bytes() == two.read_bytes()
    assert struct.unpack(">II", one.read_bytes()[16:24]) == (1280, 800)
    assert labelled >= len(view.present) // 2
    pixels = imread(one)[..., :3]
    assert pixels.mean() < 0.2  # dark
    assert pixels.max() < 0.95
    blue = np.abs(pixels - np.array([int(palette.TRACK[i : i + 2], 16) / 255 for i in (1, 3, 5)])).max(axis=-1) < 0.05
    assert blue.sum() > 200  # tracks are there
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.png", "two.png"]


def test_a_picture_of_nothing_says_so(folder: Path, tracks: Path, tmp_path: Path) -> None:
    table = pq.read_table(tracks)
    pq.write_table(table.slice(0, 0), tmp_path / "none.parquet")
    nothing = load_view(folder, tmp_path / "none.parquet")
    assert len(nothing.present) == 0
    assert nothing.elapsed_s == 40.0
    assert draw(nothing, tmp_path / "none.png", []) == 0
    assert (tmp_path / "none.png").stat().st_size > 1000


def test_a_folder_without_truth_and_tracks_without_covariance_are_drawn(
    folder: Path, tracks: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    for name in ("sensors.json", "plots.parquet"):
        (bare / name).write_bytes((folder / name).read_bytes())
    pq.write_table(pq.read_table(tracks).select(["time_s", "track", "lat", "lon", "height_m"]), bare / "t.parquet")
    plain = load_view(bare, bare / "t.parquet", at_s=20.0)
    assert plain.truth is None
    assert not plain.present.coasting.any()
    draw(plain, tmp_path / "plain.png", [])
    assert (tmp_path / "plain.png").exists()


def test_names_are_not_taken_for_formulas_and_need_no_special_font(view: View, tmp_path: Path) -> None:
    odd = replace(view.sensors[0], id="$\\x{ 레이더 $")
    named = replace(view, name="n_1 $$ \\" + "y" * 80, sensors=(odd, *view.sensors[1:]))
    draw(named, tmp_path / "odd.png", [])
    assert (tmp_path / "odd.png").stat().st_size > 1000
