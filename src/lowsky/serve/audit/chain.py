"""The lines of an audit: JSON objects, each bound to the one before by a SHA-256 over that one's hash and itself."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from lowsky.model.errors import InputError

LONGEST_TEXT = 512  # characters of any one field: what strangers send ends up here
MOST_DETAILS = 16
LONGEST_LINE_BYTES = 1 << 16
START = "0" * 64  # the hash before the first line of all
LINE_BEGINS = b'{"number":'
HASH_BYTES = len(',"hash":""}') + 64


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done or tried."""

    who: str  # user, "token:name", "local", "system"; "" for nobody
    role: str
    address: str
    action: str  # method and route, or a word such as "login"
    outcome: str  # "done", "refused" (the guard or the rules said no), "failed" (could not be done)
    target: str = ""  # the path asked for, or the name acted on
    detail: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Chain:
    """Where a chain of lines stands."""

    number: int = 0  # of the last line
    hash: str = START  # of the last line

    def next_line(self, entry: Entry, time_s: float) -> bytes:
        """The entry as the next line of the chain, newline included."""
        self.number += 1
        when = datetime.fromtimestamp(time_s, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = msgspec.json.encode({"number": self.number, "time": when} | _shortened(asdict(entry)))
        self.hash = link(self.hash, body)
        return body[:-1] + b',"hash":"' + self.hash.encode() + b'"}\n'


def link(before: str, body: bytes) -> str:
    """The hash of a line: of the hash before it and of its bytes without its own hash."""
    return hashlib.sha256(before.encode() + b"\n" + body).hexdigest()


def split_line(line: bytes) -> tuple[bytes, str]:
    """A line without its newline as (bytes that were hashed, hash); the hash is "" if the line has none."""
    body, tail = line[:-HASH_BYTES], line[-HASH_BYTES:]
    if len(tail) != HASH_BYTES or not tail.startswith(b',"hash":"') or not tail.endswith(b'"}'):
        return line, ""
    return body + b"}", tail[9:-2].decode("latin-1")


def end_of_chain(lines: bytes, path: Path) -> Chain:
    """Where a chain stands after whole lines, as the last of them says.

    Raises:
        InputError: naming the file, if that is no line of an audit.
    """
    last = lines[:-1].rpartition(b"\n")[2]
    _, hashed = split_line(last)
    try:
        number = msgspec.json.decode(last)["number"]
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError):
        number = None
    if not isinstance(number, int) or not hashed:
        raise InputError(f"{path}: does not end with a line of an audit: {last[:80]!r}")
    return Chain(number, hashed)


def _shortened(fields: dict[str, Any]) -> dict[str, Any]:
    """Texts cut to `LONGEST_TEXT` and free of what JSON cannot hold."""
    short = {name: _text(value) for name, value in fields.items() if name != "detail"}
    detail = dict(list(fields["detail"].items())[:MOST_DETAILS])
    return short | {"detail": {_text(name): _text(value) for name, value in detail.items()}}


def _text(value: object) -> str:
    text = str(value)
    cut = text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"
    return cut.encode("utf-8", "replace").decode("utf-8")
