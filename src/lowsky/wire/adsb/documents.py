"""A stream of JSON objects to one after another, however they are laid out, without reading what is in them."""

from __future__ import annotations

import re

MAX_BYTES = 16 << 20  # of one object; aircraft.json of a whole continent has five million
_TOKEN = re.compile(rb'["\\{}]')


class ObjectSplitter:
    """Keeps the object that has begun."""

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self._limit = limit
        self._begun = bytearray()
        self._depth = 0
        self._quoted = self._escaped = False
        self._told = False  # what stands between two objects counts once

    def push(self, data: bytes) -> tuple[list[bytes], int, bool]:
        """The objects that `data` completes, in how many places there was anything but blanks and commas between
        them, and whether one was too long: then everything is forgotten."""
        found, between, too_long = list[bytes](), 0, False
        begin = at = 0
        if self._escaped and data:
            at, self._escaped = 1, False
        while match := _TOKEN.search(data, at):
            at, token = match.end(), match[0]
            if self._depth == 0:
                if token == b"{":
                    between += self._between(data[begin : at - 1])
                    begin, self._depth, self._told = at - 1, 1, False
                continue
            if token == b"\\":
                if self._quoted:
                    self._escaped = at == len(data)
                    at += 1
            elif token == b'"':
                self._quoted = not self._quoted
            elif not self._quoted:
                self._depth += 1 if token == b"{" else -1
                if self._depth == 0:
                    found.append(bytes(self._begun) + data[begin:at])
                    self._begun.clear()
                    begin = at
        if self._depth:
            self._begun += data[begin:]
            if len(self._begun) > self._limit:
                too_long = True
                self.close()
        else:
            between += self._between(data[begin:])
        return found, between, too_long

    def close(self) -> bytes:
        """What has begun and will not end."""
        rest = bytes(self._begun)
        self._begun.clear()
        self._depth, self._quoted, self._escaped, self._told = 0, False, False, False
        return rest

    def _between(self, data: bytes) -> int:
        if self._told or not data.strip(b" \t\r\n,[]"):
            return 0
        self._told = True
        return 1
