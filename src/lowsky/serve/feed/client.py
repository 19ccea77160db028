"""One client of the feed: how far it has been told, and the next message for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec

from ..route import Role
from .hub import Hub

MAX_NAMES = 2000  # identities a message


class Client:
    """Asked for `next()` until it has nothing more to say; `news` is set when it may have again."""

    def __init__(self, hub: Hub, user: str, now_ms: float, may: Callable[[Role], bool] = lambda role: False) -> None:
        """`may` says whether the client's role suffices now; it is asked only for texts that not everybody may see."""
        self.user = user
        self.cleared: set[str] = set()  # guarded texts that this client's looking at has been audited
        self._may = may
        self._asked: dict[str, int] = {}  # version of a guarded text at which the role was last asked for
        self.news = asyncio.Event()
        self.news.set()
        self.closed = asyncio.Event()  # set to end the connection from our side
        self.messages = self.bytes = 0
        self._hub = hub
        self._first: str | None = hub.hello(now_ms)
        self._sequence = 0
        self._identities = 0
        self._told: dict[str, int] = {}
        self._event = hub.event_count  # what happened before is in the notices

    def next(self) -> str | bytes | None:
        """The next message, None: nothing new. What is returned counts as told."""
        if self._first is not None:
            hello, self._first = self._first, None
            return hello
        return self._next_names() or self._next_event() or self._next_picture() or self._next_text()

    def awaiting(self) -> tuple[str, ...]:
        """Guarded texts there are anew for this client, whose look must be audited first."""
        found = []
        for kind, least in self._hub.guarded.items():
            version = self._hub.texts[kind][0]
            if kind not in self.cleared and self._asked.get(kind) != version:
                self._asked[kind] = version
                found += [kind] * self._may(least)
        return tuple(found)

    def _sees(self, kind: str) -> bool:
        least = self._hub.guarded.get(kind)
        return least is None or (kind in self.cleared and self._may(least))

    def _next_names(self) -> str | None:
        """Identities come before the pictures that point at them."""
        names = self._hub.identities
        if len(names) == self._identities:
            return None
        first, last = self._identities, min(len(names), self._identities + MAX_NAMES)
        self._identities = last
        return msgspec.json.encode({"type": "identities", "from": first, "names": names[first:last]}).decode()

    def _next_picture(self) -> bytes | None:
        message = self._hub.picture_since(self._sequence)
        self._sequence = self._hub.stamp.sequence
        return message

    def _next_event(self) -> str | None:
        if self._event == self._hub.event_count:
            return None
        oldest = self._hub.events[0][0]
        index = max(0, self._event + 1 - oldest)
        self._event, text = self._hub.events[index]
        return text

    def _next_text(self) -> str | None:
        for kind, (version, text) in self._hub.texts.items():
            if self._told.get(kind) != version and self._sees(kind):
                self._told[kind] = version
                return text
        return None
