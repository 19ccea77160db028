"""Files that are not what they say: one sentence that names the file, never anything else."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.wire.table import read_scenario, read_tracks
from tests.wire.tables import folder, plots, save

NAMES = ["sensors.json", "plots.parquet", "plots.csv", "looks.parquet", "looks.csv"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two good folders, as Parquet and CSV, to be spoilt one file at a time."""
    root = tmp_path_factory.mktemp("garbage")
    for suffix in (".parquet", ".csv"):
        folder(root / suffix[1:], suffix)
    return root


def read_with(home: Path, name: str, data: bytes) -> str:
    """Read the folder with one file replaced; the sentence of the InputError, or "" if it could be read."""
    there = home / ("csv" if name.endswith(".csv") else "parquet")
    good = (there / name).read_bytes()
    said = ""
    try:
        (there / name).write_bytes(data)
        read_scenario(there)
    except InputError as error:
        said = str(error)
    finally:
        (there / name).write_bytes(good)
    assert not said or str(there / name) in said
    assert "\n" not in said
    return said


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_is_read_or_refused(home: Path, name: str) -> None:
    good = (home / ("csv" if name.endswith(".csv") else "parquet") / name).read_bytes()
    said = [read_with(home, name, good[:k]) for k in range(0, len(good), max(1, len(good) // 120))]
    assert said[0]
    if not name.endswith(".csv"):
        assert all(said)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.binary(max_size=400))
@example(data=b"")
@example(data=b"\xff\xfe\x00time_s")
@example(data=b"[" * 5000)
@example(data=b"PAR1" + bytes(40) + b"PAR1")
def test_noise_is_refused(home: Path, name: str, data: bytes) -> None:
    assert read_with(home, name, data)


@pytest.mark.parametrize("name", NAMES)
@given(places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_few_wrong_bytes_are_read_or_refused(home: Path, name: str, places: list[tuple[float, int]]) -> None:
    data = bytearray((home / ("csv" if name.endswith(".csv") else "parquet") / name).read_bytes())
    for at, value in places:
        data[min(int(at * len(data)), len(data) - 1)] = value
    read_with(home, name, bytes(data))


def test_a_binary_file_named_csv(home: Path) -> None:
    buffer = io.BytesIO()
    pq.write_table(pa.table(plots()), buffer)
    assert "is not a CSV table" in read_with(home, "plots.csv", buffer.getvalue())


def test_a_text_named_parquet(home: Path) -> None:
    assert "plots.parquet cannot be read: " in read_with(home, "plots.parquet", (home / "csv/plots.csv").read_bytes())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"time_s": [[1.0]] * 6}, "column 'time_s' holds list<element: double>, not numbers"),
        ({"range_m": [True] * 6}, "column 'range_m' holds bool, not numbers"),
        ({"sensor": [[1]] * 6}, "plots.parquet cannot be read: "),
    ],
)
def test_columns_of_a_wrong_type(tmp_path: Path, columns: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_scenario(folder(tmp_path, **columns))
    assert message in str(caught.value)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("name", ["time_s", "sensor"])
def test_columns_that_are_needed(tmp_path: Path, suffix: str, name: str) -> None:
    there = folder(tmp_path, suffix)
    save(there / f"plots{suffix}", {k: v for k, v in plots().items() if k != name})
    with pytest.raises(InputError, match=f"plots{suffix} has no column '{name}'"):
        read_scenario(there)


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    there = folder(tmp_path, ".csv")
    text = (there / "plots.csv").read_text().replace('"range_m"', '"time_s"', 1)
    (there / "plots.csv").write_text(text)
    with pytest.raises(InputError, match=r"plots\.csv has two columns of one name"):
        read_scenario(there)
    names = list(plots())
    table = pa.table(list(plots().values()), names=["range_m" if n == "azimuth_deg" else n for n in names])
    there = folder(tmp_path / "p")
    pq.write_table(table, there / "plots.parquet")
    with pytest.raises(InputError, match=r"plots\.parquet has two columns of one name"):
        read_scenario(there)


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere does not exist"):
        read_scenario(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="file is not a folder"):
        read_scenario(tmp_path / "file")
    with pytest.raises(InputError, match=r"sensors\.json does not exist"):
        read_scenario(tmp_path)
    there = folder(tmp_path / "x")
    (there / "plots.parquet").unlink()
    with pytest.raises(InputError, match=r"has neither plots\.parquet nor plots\.csv"):
        read_scenario(there)
    (there / "plots.parquet").mkdir()
    with pytest.raises(InputError, match=r"plots\.parquet cannot be read: "):
        read_scenario(there)
    with pytest.raises(InputError, match=r"t\.parquet does not exist"):
        read_tracks(tmp_path / "t.parquet")


def test_windows_line_ends_byte_order_mark_and_spaces_in_names_are_no_garbage(tmp_path: Path) -> None:
    there = folder(tmp_path, ".csv")
    lines = (there / "plots.csv").read_text().replace('"', "").splitlines()
    lines[0] = lines[0].replace(",", " , ")
    (there / "plots.csv").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    found = read_scenario(there)
    assert len(found.reports) == 6
    assert np.isfinite(found.reports.range_m[:4]).all()
