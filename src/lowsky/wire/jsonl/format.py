"""JSON lines as one of the formats that come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ..decoded import Context
from ..formats import Format, Options
from .decoder import Decoder
from .faults import shown_bytes
from .lines import MAX_LINE_BYTES, LineSplitter
from .messages import LINE

MARK = b'"type"'


class LineReader:
    """Lines as the objects they are."""

    def __init__(self, datagrams: bool) -> None:
        self._datagrams, self._splitter = datagrams, LineSplitter()

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The lines that `data` completes."""
        yield from map(_read, self._splitter.push(data))
        if self._datagrams:
            yield from self.close()

    def close(self) -> Iterator[dict[str, Any]]:
        """A last line without its end."""
        yield from map(_read, self._splitter.close())


def _read(line: bytes | None) -> dict[str, Any]:
    if line is None:
        return {"error": f"a line is longer than {MAX_LINE_BYTES} bytes"}
    try:
        msgspec.json.decode(line, type=LINE)
        found: dict[str, Any] = msgspec.json.decode(line)
    except (ValueError, RecursionError) as error:
        return {"error": f"{shown_bytes(line)}: {str(error)[:120]}"}
    return found


def _decoder(context: Context, options: Options, datagrams: bool) -> Decoder:
    names = options.names(context)
    return Decoder(context.site, context.source, datagrams, names=names, weather=context.weather)


def _likeness(head: bytes) -> float:
    first = head.lstrip()[:2000].split(b"\n", 1)[0]
    return 0.9 if first.startswith(b"{") and MARK in first and b'"sensor"' in first else 0.0


FORMAT = Format(
    name="jsonl",
    title="JSON lines",
    options=Options,
    decoder=_decoder,
    reader=lambda options, datagrams: LineReader(datagrams),
    likeness=_likeness,
)
