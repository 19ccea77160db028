"""Files of tables: Parquet and CSV, read through Apache Arrow.

A file that cannot be read at all is an `InputError` of one sentence; a CSV line with too few or too many fields costs
only its row. CSV is UTF-8 with a header line; the quick way (typed, threaded) is tried first, and only a file with
something wrong in it is read again cell by cell.
"""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from lowsky.model.errors import InputError

from .columns import MISSING_WORDS, READ_ERRORS, TableFile, unreadable

HEADER_LIMIT_BYTES = 1 << 16


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
