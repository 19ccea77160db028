"""Items and who reads them: a reader of a format for each sender, the format said or guessed from its first bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lowsky.model.errors import InputError
from lowsky.serve.config.sources import options_of
from lowsky.wire.decoded import FrameReader, Reader
from lowsky.wire.formats import Format, find_format, format_names, guess_format

HEAD_BYTES = 1 << 16  # of a file, to guess its format from


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item comes from; what is not known is left out."""

    byte: int | None = None  # of a file: where the piece that it was in begins
    packet: int | None = None  # of a capture, counted from 1
    time_ns: int | None = None  # of receipt
    source: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One message, or why it cannot be read (`error` in its fields)."""

    number: int  # counted from 1
    format: str
    place: Place
    fields: dict[str, Any]

    @property
    def error(self) -> str:
        """Why it cannot be read; empty: it can. A format may have a field of that name that is no sentence."""
        said = self.fields.get("error")
        return said if isinstance(said, str) else ""

    @property
    def readable(self) -> dict[str, Any]:
        """The fields beside the error."""
        return {name: value for name, value in self.fields.items() if not (self.error and name == "error")}


class Readers:
    """Makes readers and counts what they read."""

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        """`name` of the format (empty: to be guessed), and its options as `[[sources]]` takes them.

        Raises:
            InputError: if there is no such format, or it takes no such option.
        """
        self.items = self.errors = 0
        if name and name not in format_names():
            raise InputError(f"--format: {name!r} is none of {', '.join(format_names())}")
        if options and not name:
            raise InputError("--option: options belong to a format; say which with --format")
        self._format = find_format(name) if name else None
        self._options = options_of(self._format, options) if self._format is not None else None

    def of(self, head: bytes, datagrams: bool) -> tuple[str, Reader]:
        """Name of the format and a reader for a sender that begins like this.

        Raises:
            InputError: if the format was not said and cannot be guessed.
        """
        form = self._format or guess_format(head)
        if form is None:
            raise InputError(f"it looks like none of {', '.join(format_names())}; if it is one, say so with --format")
        return form.name, form.reader(self._options_of(form), datagrams)

    def of_frames(self) -> tuple[str, FrameReader] | None:
        """Name of the format and a reader for frames of radios; None: no format (or not the one said) is sent so."""
        for form in [self._format] if self._format is not None else map(find_format, format_names()):
            reader = form.reader(self._options_of(form), True)
            if isinstance(reader, FrameReader):
                return form.name, reader
        return None

    def items_of(self, name: str, place: Place, found: Iterable[dict[str, Any]]) -> Iterator[Item]:
        """What a reader gave out, numbered."""
        for fields in found:
            self.items += 1
            item = Item(self.items, name, place, fields)
            self.errors += bool(item.error)
            yield item

    def _options_of(self, form: Format) -> Any:
        return self._options if self._options is not None else form.options()
