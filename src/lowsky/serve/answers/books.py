"""The books: from what came over the wire to what the tracker did with it, so that nothing is lost unseen."""

from __future__ import annotations

import msgspec


class WireBooks(msgspec.Struct, frozen=True):
    """Of one source that is open: `received` is `used` and all `ignored` and `rejected` together."""

    source: str
    bytes: int
    received: int
    used: int
    ignored: int
    rejected: int
    reports: int  # among what was used


class CoreBooks(msgspec.Struct, frozen=True):
    """Of reports since the server began: `handed_on` is `dropped`, `waiting`, `turning` and `taken` together, and
    `taken` is all `fates` together and `unaccounted`."""

    handed_on: int  # by all sources, also those that have been closed
    dropped: int  # because more came than the core takes
    waiting: int  # for the core
    turning: int  # being taken just now
    taken: int
    fates: dict[str, int]  # what the tracker did with them; "waiting" there: for others of their time
    unaccounted: int  # 0


class Books(msgspec.Struct, frozen=True):
    """All books, and whether they balance."""

    sources: tuple[WireBooks, ...]
    core: CoreBooks
    balanced: bool
