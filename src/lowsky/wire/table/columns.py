"""Columns of a table: Arrow's many types to numbers and texts.

A single cell that is text where a number belongs is marked and costs only its row; a column of a type that can hold
no numbers is an `InputError`. Files are opened in `lowsky.wire.table.files`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from lowsky.model.errors import InputError

MISSING_WORDS = ("", "NA", "N/A", "NaN", "nan", "NAN", "null", "NULL", "None", "-")
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
