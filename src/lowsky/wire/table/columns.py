"""Tables on disk: Parquet and CSV to columns of numbers and texts, through Apache Arrow.

A file that cannot be read at all is an `InputError` of one sentence. A single cell that is text where a number
belongs, or a CSV line with too few or too many fields, costs only its row. CSV is UTF-8 with a header line; the
quick way (typed, threaded) is tried first, and only a file with something wrong in it is read again cell by cell.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from lowsky.model.errors import InputError

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "NAN", "null", "NULL", "None", "-")
HEADER_LIMIT_BYTES = 1 << 16
_NUMBER = r"^-?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,5})?$|^-?(?i:inf|infinity)$"
READ_ERRORS = (pa.ArrowException, OSError, ValueError, KeyError, TypeError, OverflowError, MemoryError)


class Columns(Protocol):
    """What validation needs of a source of columns: a `TableFile`, or a table seen through a mapping."""

    @property
    def path(self) -> Path: ...
    @property
    def row(self) -> NDArray[np.int64]: ...
    @property
    def lost(self) -> tuple[tuple[int, int, int], ...]: ...
    def __len__(self) -> int: ...
    def has(self, name: str) -> bool: ...
    def require(self, *names: str) -> None: ...
    def label(self, name: str) -> str: ...
    def cells(self, name: str) -> Any: ...
    def texts(self, name: str) -> Any: ...
    def numbers(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]: ...


@dataclass(frozen=True, slots=True)
class TableFile:
    """Columns of one file. `row` is each row's number in the file (from 0); `lost` are CSV lines that are no rows."""

    path: Path
    table: Any  # pyarrow.Table with the wanted columns that the file has
    row: NDArray[np.int64]
    lost: tuple[tuple[int, int, int], ...] = ()  # row number, fields expected, fields found

    def __len__(self) -> int:
        return len(self.row)

    def has(self, name: str) -> bool:
        """Whether the file has the column."""
        return name in self.table.column_names

    def require(self, *names: str) -> None:
        """Raises InputError naming the first column that is not there."""
        for name in names:
            if not self.has(name):
                raise InputError(f"{self.path} has no column {name!r}")

    def numbers(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
        """A column as float64 (missing is NaN) and the mask of cells that are no numbers (None: there are none).

        Raises:
            InputError: if the column is of a type that can hold no numbers, such as a list.
        """
        column = self.table.column(name)
        kind = column.type
        try:
            if is_text(kind):
                return _numbers_of_texts(column)
            if pa.types.is_null(kind):
                return np.full(len(self), np.nan), None
            if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
                return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64), None
        except READ_ERRORS as error:
            raise unreadable(self.path, error) from None
        raise InputError(f"{self.path}, column {name!r} holds {kind}, not numbers")

    def texts(self, name: str) -> Any:
        """A column as an Arrow array of strings, dictionary-encoded; numbers become their shortest text.

        Raises:
            InputError: if the column can not be shown as text.
        """
        column = self.table.column(name)
        try:
            if pa.types.is_dictionary(column.type):
                column = column.cast(column.type.value_type)
            if pa.types.is_floating(column.type):
                column = pc.if_else(pc.equal(column, pc.floor(column)), column, None).cast(pa.int64())
            column = pc.utf8_trim_whitespace(column.cast(pa.string()))
            return pc.fill_null(column, "").combine_chunks().dictionary_encode()
        except READ_ERRORS as error:
            raise unreadable(self.path, error) from None

    def label(self, name: str) -> str:
        """How messages call a column."""
        return name

    def cells(self, name: str) -> _Cells:
        """The column's cells as they stand in the file, for messages: `cells[row]`."""
        return _Cells(self.table.column(name))


class _Cells:
    """Cells by row, converted one at a time."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __getitem__(self, row: int) -> Any:
        return self._column[row].as_py()


def is_text(kind: Any) -> bool:
    """Whether an Arrow type is a string or a dictionary of strings."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def unreadable(path: Path, error: BaseException) -> InputError:
    """The sentence for a file that cannot be read, with the first line of the reason."""
    if isinstance(error, FileNotFoundError):
        return InputError(f"{path} does not exist")
    if isinstance(error, OSError) and error.strerror:
        return InputError(f"{path} cannot be read: {error.strerror}")
    reason = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return InputError(f"{path} cannot be read: {reason[:200].rstrip('.')}")


def read_table(
    path: Path, numeric: Collection[str] | None = None, text: Collection[str] = (), delimiter: str = ","
) -> TableFile:
    """The columns of a Parquet (.parquet) or CSV file that are wanted and present.

    Args:
        path: the file; anything that does not end in .parquet is taken as CSV.
        numeric: columns wanted as numbers; None: all columns, each as whatever it is.
        text: columns wanted as text (identities that look like numbers stay text).
        delimiter: of CSV.

    Raises:
        InputError: if the file is missing, truncated or not what its name says.
    """
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, None if numeric is None else {*numeric, *text})
    return _read_csv(path, numeric, text, delimiter)


def _read_parquet(path: Path, wanted: set[str] | None) -> TableFile:
    try:
        with pq.ParquetFile(path) as file:
            names = [n for n in file.schema_arrow.names if wanted is None or n in wanted]
            if len(set(names)) < len(names):
                raise InputError(f"{path} has two columns of one name")
            table = file.read(columns=names)
            rows = file.metadata.num_rows
        table.validate(full=True)
    except READ_ERRORS as error:
        raise unreadable(path, error) from None
    return TableFile(path, table, np.arange(rows, dtype=np.int64))


def _header(path: Path, delimiter: str) -> list[str]:
    """Names of the columns of a CSV file, trimmed."""
    try:
        with path.open("rb") as file:
            line = file.readline(HEADER_LIMIT_BYTES)
    except OSError as error:
        raise unreadable(path, error) from None
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a CSV table: its first line is not UTF-8 text") from None
    if not text.strip() or "\0" in text:
        raise InputError(f"{path} is not a CSV table: it does not begin with a line of column names")
    try:
        names = [n.strip() for n in next(csv.reader([text], delimiter=delimiter))]
    except (csv.Error, StopIteration):
        raise InputError(f"{path} is not a CSV table: its first line cannot be split into column names") from None
    if len(set(names)) < len(names):
        raise InputError(f"{path} has two columns of one name")
    return names


def _read_csv(path: Path, numeric: Collection[str] | None, text: Collection[str], delimiter: str) -> TableFile:
    names = _header(path, delimiter)
    wanted = [n for n in names if numeric is None or n in numeric or n in text]
    if not wanted:
        return TableFile(path, pa.table({}), np.empty(0, dtype=np.int64))
    types = {n: pa.string() if n in text else pa.float64() for n in wanted if n in text or numeric is not None}
    lost: list[tuple[int, int, int]] = []
    try:
        try:
            table = _arrow_csv(path, names, wanted, types, delimiter, None)
        except (pa.ArrowInvalid, pa.ArrowKeyError):
            # bytes that are no UTF-8 become a mark that no number or sensor contains, so they cost their row
            text_only = path.read_bytes().decode("utf-8", "replace").encode()
            source = pa.BufferReader(text_only)
            table = _arrow_csv(source, names, wanted, dict.fromkeys(wanted, pa.string()), delimiter, lost)
    except READ_ERRORS as error:
        raise unreadable(path, error) from None
    row = np.setdiff1d(np.arange(table.num_rows + len(lost), dtype=np.int64), [r for r, _, _ in lost])
    return TableFile(path, table, row, tuple(lost))


def _arrow_csv(
    source: Any,
    names: list[str],
    wanted: list[str],
    types: dict[str, Any],
    delimiter: str,
    lost: list[tuple[int, int, int]] | None,
) -> Any:
    """One reading by Arrow; with `lost`, lines with a wrong number of fields are noted there instead of an error."""

    def skip(line: Any) -> str:
        if lost is not None:
            # Arrow counts physical lines from 1, the header among them
            lost.append((int(line.number or 2) - 2, int(line.expected_columns), int(line.actual_columns)))
        return "skip"

    return pa_csv.read_csv(
        source,
        read_options=pa_csv.ReadOptions(column_names=names, skip_rows=1, use_threads=lost is None),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, invalid_row_handler=None if lost is None else skip, newlines_in_values=False
        ),
        convert_options=pa_csv.ConvertOptions(
            include_columns=wanted,
            column_types=types,
            null_values=list(MISSING_WORDS),
            strings_can_be_null=False,
        ),
    )


def _numbers_of_texts(column: Any) -> tuple[NDArray[np.float64], NDArray[np.bool_] | None]:
    """Numbers of a column of texts, and which texts are neither a number nor a word for missing."""
    plain = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
    trimmed = pc.replace_substring_regex(pc.utf8_trim_whitespace(plain), r"^\+", "")
    missing = pc.fill_null(pc.is_in(trimmed, value_set=pa.array(MISSING_WORDS, type=trimmed.type)), True)
    numeric = pc.fill_null(pc.match_substring_regex(trimmed, _NUMBER), False)
    values = pc.if_else(numeric, trimmed, None).cast(pa.float64())
    wrong = pc.invert(pc.or_(missing, numeric)).to_numpy()
    mask = np.asarray(wrong, dtype=np.bool_)
    return np.asarray(values.to_numpy(), dtype=np.float64), mask if mask.any() else None
