"""AIS as one of the formats that come in, and its messages in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..formats import Format
from ..jsonl.lines import LineSplitter
from ..tally import Tally
from .decoder import AisDecoder, AisOptions
from .messages import Assembler
from .sentences import MAX_LINE, Sentence, read_sentences

UNITS = {
    "speed": "speed_kn",
    "course": "course_deg",
    "heading": "heading_deg",
    "lon": "longitude_deg",
    "lat": "latitude_deg",
    "alt": "altitude_m",
    "draught": "draught_m",
    "to_bow": "to_bow_m",
    "to_stern": "to_stern_m",
    "to_port": "to_port_m",
    "to_starboard": "to_starboard_m",
}


class AisReader:
    """Messages as dicts, with every field that pyais knows of all 27 types."""

    def __init__(self, datagrams: bool) -> None:
        self._datagrams, self._tally = datagrams, Tally("")
        self._splitter, self._assembler = LineSplitter(MAX_LINE), Assembler()

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The messages that `data` completes."""
        yield from self._read(self._splitter.push(data))
        if self._datagrams:
            yield from self._read(self._splitter.close())

    def close(self) -> Iterator[dict[str, Any]]:
        """A last line without its end, and messages of which a part is missing."""
        yield from self._read(self._splitter.close())
        self._assembler.close(self._tally)
        yield from self._faults()

    def _read(self, lines: list[bytes | None]) -> Iterator[dict[str, Any]]:
        for line in lines:
            messages = self._assembler.put(read_sentences([(line, 0)], self._tally), self._tally)
            yield from self._faults()
            yield from map(read_message, messages)

    def _faults(self) -> Iterator[dict[str, Any]]:
        ignored, problems = self._tally.take()
        yield from ({"error": text.removeprefix(", ")} for text in problems.lines())
        if "other sentence" in ignored:
            yield {"sentence": "not AIS"}


def read_message(message: Sentence) -> dict[str, Any]:
    """The fields of one message, or `error`."""
    from pyais.bit_vector import bit_vector
    from pyais.exceptions import AISBaseException
    from pyais.messages import MSG_CLASS

    try:
        kind, vector = 0, bit_vector(message.payload, message.fill)
        kind = vector.get(0, 6)
        found = MSG_CLASS[kind].from_vector(vector).asdict(enum_as_int=True)
    except (AISBaseException, ArithmeticError, LookupError, TypeError, ValueError) as error:
        return {"error": f"message {kind} {message.payload[:70]!r}: {type(error).__name__} {str(error)[:80]}"}
    return {UNITS.get(name, name): _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _likeness(head: bytes) -> float:
    """How many of the first lines are AIS sentences."""
    lines = [line for line in head[:8000].split(b"\n")[:-1] or [head] if line.strip()]
    good = sum(len(read_sentences([(line, 0)], Tally(""))) > 0 for line in lines[:50])
    return 0.98 * good / len(lines[:50]) if lines else 0.0


FORMAT = Format(
    name="ais",
    title="AIS, NMEA sentences",
    options=AisOptions,
    decoder=AisDecoder,
    reader=lambda options, datagrams: AisReader(datagrams),
    likeness=_likeness,
)
