"""Warnings as JSON lines: every standing notice at every tick, one a line, and once, as "clear", one that ended.

Times are seconds since 1970 UTC; null is a time that is not known. Columns: docs/warnings.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.notice import NO_TIME_NS, NOTICE_COLUMNS, Level, NoticeBatch
from lowsky.model.place import Place
from lowsky.model.timebase import s_from_ns


def warning_lines(batch: NoticeBatch, places: tuple[Place, ...]) -> Iterator[dict[str, Any]]:
    """A dictionary for each row of the batch, in its order. `places` are those that its rows point into."""
    rows = {name: getattr(batch, name).tolist() for name in NOTICE_COLUMNS}
    for i in range(len(batch)):
        yield {
            "time_s": float(s_from_ns(rows["time_ns"][i])),
            "notice": rows["notice"][i],
            "call": rows["call"][i],
            "track": rows["track"][i],
            "place": places[rows["place"][i]].id,
            "level": Level(rows["level"][i]).word,
            "probability": round(rows["probability"][i], 4),
            "arrival_s": _seconds(rows["arrival_ns"][i]),
            "arrival_early_s": _seconds(rows["early_ns"][i]),
            "arrival_late_s": _seconds(rows["late_ns"][i]),
            "raised_s": _seconds(rows["raised_ns"][i]),
            "acknowledged_s": _seconds(rows["acknowledged_ns"][i]),
        }


def _seconds(time_ns: int) -> float | None:
    return None if time_ns == NO_TIME_NS else float(s_from_ns(time_ns))


def write_warnings(path: Path, batches: Iterable[NoticeBatch], places: tuple[Place, ...]) -> None:
    """Write all rows of the batches; the file appears under its name when it is complete.

    Raises:
        InputError: if it cannot be written.
    """
    write_warning_lines(path, (line for batch in batches for line in warning_lines(batch, places)))


def write_warning_lines(path: Path, lines: Iterable[dict[str, Any]]) -> None:
    """Write lines of `warning_lines`, as `write_warnings` does: places may change while a recording goes on.

    Raises:
        InputError: if they cannot be written.
    """
    encode, part = msgspec.json.Encoder().encode, path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            for line in lines:
                file.write(encode(line) + b"\n")
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError(f"{path} cannot be written: {error.strerror}") from None


def check_warnings_path(path: Path) -> None:
    """Say before the work is done that warnings cannot be written there.

    Raises:
        InputError: if the path is a folder or its folder does not exist.
    """
    if path.is_dir():
        raise InputError(f"{path} is a folder")
    if not path.parent.is_dir():
        raise InputError(f"{path} cannot be written: there is no folder {path.parent}")
