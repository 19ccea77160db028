"""What the worker process does: looks into the recording and answers in bytes that the server passes on.

Runs with low priority and keeps one scrubber, so that going on a little costs a little.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lowsky.model.errors import InputError
from lowsky.record.scrub import Scene, Scrubber

from ..answers.past import Density, DensityNotice, PastState, RecordingInfo
from ..answers.words import LEVELS
from ..engine.board import Board
from ..engine.kinds import kind_table, put_kinds
from ..engine.rows import feed_table
from ..feed.encode import Stamp, snapshot

MS = 1e6
NICENESS = 10
KEPT = 8  # answers that are kept: pages ask for picture and state of a moment in two requests


@dataclass(frozen=True, slots=True)
class Past:
    """The picture at a moment as the feed's snapshot, and its state as JSON."""

    snapshot: bytes
    state: bytes


class Looker:
    """Lives in the worker process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._scrubber: Scrubber | None = None
        self._kept: OrderedDict[int, Past] = OrderedDict()

    def info(self) -> bytes:
        """`RecordingInfo` as JSON."""
        from_ns, to_ns, gaps = self._open().span()
        return msgspec.json.encode(RecordingInfo(from_ns / MS, to_ns / MS, tuple((a / MS, b / MS) for a, b in gaps)))

    def density(self, bins: int) -> bytes:
        """`Density` as JSON."""
        found = self._open().density(bins)
        notices = tuple(DensityNotice(ns / MS, LEVELS[level], place) for ns, level, place in found.notices)
        return msgspec.json.encode(
            Density(found.from_ns / MS, found.to_ns / MS, tuple(map(float, found.objects)), notices)
        )

    def at(self, time_ns: int) -> Past:
        """What was to be seen at a time."""
        if time_ns not in self._kept:
            self._kept[time_ns] = _past(self._open().picture_at(time_ns))
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[time_ns]

    def _open(self) -> Scrubber:
        if self._scrubber is None:
            self._scrubber = Scrubber(self._folder)
        return self._scrubber


def _past(scene: Scene) -> Past:
    board = Board(scene.setup.site, scene.places, False, scene.identities)
    board.book.ticked(scene.notices, scene.events, scene.time_ns)
    table = feed_table(scene.picture, board.frame)
    if scene.state is not None:
        put_kinds(table, kind_table(scene.state.assessment))
    board.mark(table)
    board.table, board.picture_ms = table, scene.time_ns / MS
    board.describe()
    newest_ms = float(table["last_report_ms"].max(initial=0.0))
    state = PastState(scene.time_ns / MS, scene.missing, tuple(board.notices.values()), scene.identities, board.places)
    return Past(snapshot(table, Stamp(scene.time_ns / MS, 0, newest_ms)), msgspec.json.encode(state))


_looker: Looker | None = None


def start(folder: Path) -> None:
    """Begin the worker process."""
    global _looker
    os.nice(NICENESS)
    threading.Thread(target=_end_with_the_server, daemon=True).start()
    _looker = Looker(folder)


def _end_with_the_server() -> None:
    """A server that is killed tells nobody; without this its worker would wait for questions for ever."""
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(0)


def ask(what: str, *given: int) -> bytes | Past:
    """One question.

    Raises:
        InputError: if there is no recording, or nothing can be restored.
    """
    assert _looker is not None
    answer: bytes | Past = getattr(_looker, what)(*given)
    return answer


def warm_up() -> None:
    """Load everything that the first question would have to wait for."""
    assert _looker is not None
    try:
        from_ns, _, _ = _looker._open().span()
        _looker.at(from_ns)
    except InputError:
        return
