"""What frames hold, to bytes and back: inputs, checkpoints, pulses, marks, reservations.

An input is columns (`lowsky.record.columns`); a checkpoint is the core's saved arrays with a short description in JSON;
the others are JSON. Which columns reports have stands in the header of the segment, so a recording stays readable when
a column is added: what it does not have is missing.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec
import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreInput
from lowsky.model.action import Action
from lowsky.model.notice import Event, Level
from lowsky.model.report import REPORT_COLUMNS, LookBatch, ReportBatch, report_batch

from .columns import Cursor, put_floats, put_ints, put_text, take_floats, take_ints, take_text
from .frames import DamageError

_DTYPES = {name: getattr(report_batch(0), name).dtype.type for name in REPORT_COLUMNS}
_LOOK_DTYPES: dict[str, type[np.generic]] = {
    "sensor": np.int32, "time_ns": np.int64, "received_ns": np.int64, "assumed": np.uint8,
}  # fmt: skip
_COUNTS = struct.Struct("<III")  # reports, looks, ticks
MOST_ROWS = 1 << 28  # of one input; a count beyond it is damage
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of reports in the order in which a recording holds them."""

    ints: tuple[str, ...] = tuple(n for n, t in _DTYPES.items() if t is not np.float64)
    floats: tuple[str, ...] = tuple(n for n, t in _DTYPES.items() if t is np.float64)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What there was to see at a tick, once a second, to be met by a replay and drawn as a timeline."""

    time_ns: int  # the tick
    hash: str  # of picture and notices at it (`lowsky.record.proof`)
    objects: int
    standing: int = 0  # notices that have not ended
    raised: tuple[tuple[int, Level, str], ...] = ()  # notices since the pulse before: time, level now, id of the place
    sample: str = ""  # now and then, for other machines: the picture in short (`lowsky.record.proof`)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something happened to the recording itself."""

    what: str  # "start", "stop", "restart", "loss"
    time_ns: int  # from here on there is input again, or for "stop", until here
    missing_from_ns: int = 0  # 0: nothing is missing before
    lost_inputs: int = 0  # known to be missing
    lost_reports: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The core's state (`save_state`), and what the recording itself has to go on with."""

    time_ns: int
    tables: dict[str, NDArray[Any]]
    reports: int = 0  # recorded so far: the next report's running number
    events: tuple[Event, ...] = ()  # of notices that stand or ended a short while ago, in order


def put_input(given: CoreInput, layout: Layout | None = None) -> bytes:
    """An input, bit by bit, with the report columns of a layout, by default all."""
    reports, looks = given.reports, given.looks
    layout = layout or Layout()
    parts = [
        _COUNTS.pack(len(reports), len(looks), len(given.ticks_ns)),
        put_text(put_json(reports.identities) if reports.identities else b""),
        put_text(put_json(given.actions) if given.actions else b""),
        *(put_ints(getattr(reports, name)) for name in layout.ints),
        put_floats([getattr(reports, name) for name in layout.floats]),
        *(put_ints(getattr(looks, name)) for name in _LOOK_DTYPES),
        put_ints(given.ticks_ns),
    ]
    return b"".join(parts)


def take_input(payload: bytes, layout: Layout) -> CoreInput:
    """The input that `put_input` wrote.

    Raises:
        DamageError: if it is none.
    """
    cursor = Cursor(payload)
    n, looks, ticks = cursor.unpack(_COUNTS)
    if max(n, looks, ticks) > MOST_ROWS:
        raise DamageError(f"input of {max(n, looks, ticks)} rows")
    identities = take_json(take_text(cursor) or b"[]", tuple[str, ...])
    actions = take_json(take_text(cursor) or b"[]", tuple[Action, ...])
    columns: dict[str, NDArray[Any]] = {name: take_ints(cursor, n, _DTYPES[name]) for name in layout.ints}
    floats = take_floats(cursor, len(layout.floats), n)
    columns |= {name: floats[k] for k, name in enumerate(layout.floats)}
    seen: dict[str, NDArray[Any]] = {name: take_ints(cursor, looks, kind) for name, kind in _LOOK_DTYPES.items()}
    times_ns = cast("NDArray[np.int64]", take_ints(cursor, ticks, np.int64))
    cursor.done()
    batch = LookBatch(seen["sensor"], seen["time_ns"], seen["received_ns"], seen["assumed"].astype(np.bool_))
    return CoreInput(_reports(n, identities, columns), batch, times_ns, actions)


def _reports(n: int, identities: tuple[str, ...], columns: dict[str, NDArray[Any]]) -> ReportBatch:
    if len(columns) == len(REPORT_COLUMNS):
        return ReportBatch(**columns, identities=identities)
    return report_batch(n, identities, **columns)


def check_layout(layout: Layout, source: str) -> None:
    """See that every column of a recording is known.

    Raises:
        DamageError: naming the column that is not, or whose type is another now.
    """
    for names, floating in ((layout.ints, False), (layout.floats, True)):
        for name in names:
            if name not in _DTYPES or (_DTYPES[name] is np.float64) != floating:
                raise DamageError(f"{source} has a report column {name!r} that this lowsky does not know")


def put_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The core's saved arrays, byte by byte, behind their names, types and shapes."""
    described = [
        [name, np.lib.format.dtype_to_descr(table.dtype), list(table.shape)]
        for name, table in checkpoint.tables.items()
    ]
    about = {
        "time_ns": checkpoint.time_ns,
        "reports": checkpoint.reports,
        "events": checkpoint.events,
        "tables": described,
    }
    tables = (np.ascontiguousarray(table).view(np.ndarray).tobytes() for table in checkpoint.tables.values())
    return b"".join([put_text(put_json(about)), *tables])


def take_checkpoint(payload: bytes) -> Checkpoint:
    """The checkpoint that `put_checkpoint` wrote.

    Raises:
        DamageError: if it is none.
    """
    cursor = Cursor(payload)
    about = take_json(take_text(cursor), dict[str, Any])
    try:
        events = msgspec.convert(about["events"], tuple[Event, ...])
        tables = {str(name): _table(cursor, descr, shape) for name, descr, shape in about["tables"]}
        checkpoint = Checkpoint(int(about["time_ns"]), tables, int(about["reports"]), events)
    except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
        raise DamageError(f"checkpoint cannot be read: {error}") from None
    cursor.done()
    return checkpoint


def _table(cursor: Cursor, descr: Any, shape: list[int]) -> NDArray[Any]:
    dtype = np.lib.format.descr_to_dtype(_tuples(descr))
    if dtype.hasobject:
        raise ValueError("a table of objects")
    size = int(np.prod(shape, dtype=object)) if shape else 1
    return np.frombuffer(cursor.take(size * dtype.itemsize), dtype=dtype).reshape(shape).copy()


def _tuples(descr: Any) -> Any:
    """A dtype's description with the tuples that JSON made lists."""
    if isinstance(descr, str):
        return descr
    return [
        tuple(tuple(part) if isinstance(part, list) and k == 2 else part for k, part in enumerate(f)) for f in descr
    ]


def put_json(value: Any) -> bytes:
    """Dataclasses, texts and numbers as JSON; whatever text a radio sent survives, halves of surrogates too."""
    return json.dumps(msgspec.to_builtins(value), separators=(",", ":")).encode()


def take_json(text: bytes, kind: type[_T]) -> _T:
    """What `put_json` wrote.

    Raises:
        DamageError: if it is not of that type.
    """
    try:
        return msgspec.convert(json.loads(text), kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise DamageError(f"text cannot be read: {error}") from None
