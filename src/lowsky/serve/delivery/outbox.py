"""What was told to whom, on disk before it is sent: a restart neither repeats a message nor forgets one.

One JSON object a line, appended and synced: a message with all that is in it, what became of it, a chain that is over.
At the start, and when it has grown long, the file is written anew with the open chains only. A line that cannot be read
(the last one of a process that was killed) is left out and counted.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import msgspec

from lowsky.model.notice import Level
from lowsky.model.place import places_from_text, places_text
from lowsky.wire.cap import Alert

from .chain import Chain, Message, State

FILE = "outbox.jsonl"
MOST_LINES = 20_000  # after which the file is written anew

Chains = dict[tuple[str, int], Chain]


class Composed(msgspec.Struct, frozen=True, tag="message"):
    """A message, before its first attempt."""

    receiver: str
    call: int
    place: str
    exercise: bool
    began_ns: int
    count: int
    level: int
    sent_ns: int
    expires_ns: int
    alert: Alert


class Became(msgspec.Struct, frozen=True, tag="state"):
    """What became of the latest message of a chain."""

    receiver: str
    call: int
    state: str


class Over(msgspec.Struct, frozen=True, tag="over"):
    """Nothing more will be said of a call to a receiver."""

    receiver: str
    call: int


Record = Composed | Became | Over
_DECODER = msgspec.json.Decoder(Record)


def composed(receiver: str, chain: Chain, message: Message) -> Composed:
    """The record of a message of a chain."""
    return Composed(
        receiver, chain.call, places_text((chain.place,)), chain.exercise, chain.began_ns, chain.count,
        int(message.level), message.sent_ns, message.expires_ns, message.alert,
    )  # fmt: skip


def became(receiver: str, chain: Chain, message: Message) -> Became:
    """The record of what became of a message."""
    return Became(receiver, chain.call, message.state.name)


class Outbox:
    """The file; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._path = None if folder is None else folder / FILE
        self._file: IO[bytes] | None = None
        self._lines = 0
        self._lock = asyncio.Lock()
        self.unreadable = 0

    def open(self, keep: bool) -> Chains:
        """The open chains that an earlier process left, by receiver and call; without `keep` they are dropped.

        Raises:
            OSError: if the file can be neither read nor written.
        """
        if self._path is None:
            return {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        chains = self._replayed() if keep else {}
        self.rewrite(chains)
        return chains

    async def write(self, *records: Record, chains: Chains) -> None:
        """Append and sync, in order of calling; `chains` are what is open when the file must be written anew.

        Raises:
            OSError: if the disk does not take it.
        """
        if self._file is None:
            return
        data = b"".join(_line(r) for r in records)
        async with self._lock:
            self._lines += len(records)
            if self._lines > MOST_LINES:
                self.rewrite(chains)
            else:
                await asyncio.to_thread(self._append, data)

    def rewrite(self, chains: Chains) -> None:
        """Write the file anew with the messages of the open chains."""
        if self._path is None:
            return
        records = [r for (receiver, _), chain in chains.items() for r in _records(receiver, chain)]
        unfinished = self._path.with_suffix(".part")
        with unfinished.open("wb") as file:
            file.write(b"".join(_line(r) for r in records))
            file.flush()
            os.fsync(file.fileno())
        self.close()
        unfinished.replace(self._path)
        self._file = self._path.open("ab")
        self._lines = len(records)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _append(self, data: bytes) -> None:
        if self._file is not None:
            self._file.write(data)
            self._file.flush()
            os.fsync(self._file.fileno())

    def _replayed(self) -> Chains:
        chains: Chains = {}
        if self._path is None or not self._path.exists():
            return chains
        for line in self._path.read_bytes().splitlines():
            try:
                _apply(chains, _DECODER.decode(line))
            except (ValueError, RecursionError, KeyError):  # not JSON, not a record, or of a chain that is not there
                self.unreadable += 1
        return chains


def _line(record: Record) -> bytes:
    return msgspec.json.encode(record) + b"\n"


def _records(receiver: str, chain: Chain) -> Iterator[Record]:
    for message in chain.messages:
        yield composed(receiver, chain, message)
        if message.state is not State.WAITING:
            yield became(receiver, chain, message)


def _apply(chains: Chains, record: Record) -> None:
    key = record.receiver, record.call
    if isinstance(record, Over):
        del chains[key]
        return
    if isinstance(record, Became):
        last = chains[key].messages[-1]
        last.state = State[record.state]
        return
    (place,) = places_from_text(record.place)
    places_text((place,)).encode()  # what cannot be written again (half a surrogate pair) cannot be kept
    message = Message(record.alert, Level(record.level), record.sent_ns, record.expires_ns)
    chain = chains.get(key)
    if chain is None or chain.began_ns != record.began_ns:
        chain = chains[key] = Chain(record.call, place, record.exercise, record.began_ns)
    chain.add(message)
    chain.place, chain.count = place, record.count
