"""The board: everything the server shows now, kept in the event loop's thread and read by REST and feed.

It takes each turn's output, puts levels and flags on the picture's rows, keeps the notices that stand and those that
ended in the last ten minutes, and says what changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lowsky.core import CoreState, Registration, Scores
from lowsky.model.action import Action, ActionKind
from lowsky.model.geodesy import Frame
from lowsky.model.notice import Event
from lowsky.model.place import Place, places_from_text
from lowsky.model.sensor import Site

from ..answers.notices import Notice
from ..answers.sensors import SensorInfo
from ..answers.site import PlaceInfo
from ..feed.columns import FLAG_ACKNOWLEDGED, FLAG_BY_HAND, Table, empty_table
from .kinds import KindTable
from .notices import NoticeBook
from .output import Output

MAX_HAND_KINDS = 4096  # as many as the core remembers


class Board:
    """What is shown. Times in milliseconds since 1970 UTC."""

    def __init__(self, site: Site, places: tuple[Place, ...], drill: bool, identities: Sequence[str] = ()) -> None:
        self.frame, self.identities, self.drill = Frame(site.origin), identities, drill
        self.table: Table = empty_table()
        self.picture_ms = 0.0
        self.newest_report_ms = 0.0
        self.ticked_ns = 0
        self.counts: dict[str, int] = {}
        self.scores: Scores | None = None
        self.registration: Registration | None = None
        self.kinds: KindTable | None = None
        self.sensors: tuple[SensorInfo, ...] = ()
        self.book = NoticeBook(places)
        self.hand_kinds: dict[int, str] = {}

    @property
    def notices(self) -> dict[int, Notice]:
        """Standing notices and those that ended lately, the most urgent first."""
        return self.book.shown

    @property
    def places(self) -> tuple[PlaceInfo, ...]:
        """Every place, with where a vessel is now."""
        return tuple(self._place_info(place) for place in self.book.places)

    def restore(self, state: CoreState, events: tuple[Event, ...]) -> None:
        """Take over what a core knows that did not begin here, and what happened to its notices."""
        self.book.places = tuple(state.assessment.places)
        self.book.earlier = events
        self.drill = bool(state.assessment.tally["drill"])
        self.hand_kinds = dict.fromkeys(state.by_hand.kinds, "")

    def apply(self, output: Output) -> None:
        """Take over what one turn brought."""
        for action in output.given.actions:
            self._note(action)
        self.counts = output.changes.counts
        self.newest_report_ms = output.newest_report_ns / 1e6
        if output.ticked:
            self.ticked_ns = int(output.given.ticks_ns[-1])
        self.scores = output.changes.scores
        self.registration = output.changes.registration
        self.kinds = output.kinds
        if output.table is not None:
            self.table, self.picture_ms = output.table, output.time_ns / 1e6
            self.mark(self.table)

    def row_of(self, number: int) -> int | None:
        """Row of an object in the table; None: it is not there now."""
        numbers = self.table["number"]
        at = int(np.searchsorted(numbers, number))
        return at if at < len(numbers) and numbers[at] == number else None

    def vessel_at(self, place: Place) -> tuple[float, float] | None:
        """Latitude and longitude of the vessel of a place; None: it has none, or it is not seen."""
        if not place.identity or place.identity not in self.identities:
            return None
        rows = np.flatnonzero(self.table["identity"] == self.identities.index(place.identity))
        return (float(self.table["lat"][rows[0]]), float(self.table["lon"][rows[0]])) if len(rows) else None

    def describe(self) -> None:
        """Make the shown notices anew from what stands: distances, paths and times have moved on."""
        self.book.describe(self.table, self.picture_ms)

    def _note(self, action: Action) -> None:
        if action.kind is ActionKind.SET_KIND:
            self.hand_kinds.pop(action.number, None)
            if action.value:
                self.hand_kinds[action.number] = action.who
            if len(self.hand_kinds) > MAX_HAND_KINDS:
                del self.hand_kinds[next(iter(self.hand_kinds))]
        elif action.kind is ActionKind.DRILL:
            self.drill = action.value == "on"
        elif action.kind is ActionKind.SET_PLACES:
            self.book.places = places_from_text(action.value)

    def mark(self, table: Table) -> None:
        """Put levels and flags on the picture's rows."""
        numbers = table["number"]
        for track, (level, acknowledged) in self.book.levels().items():
            at = self._row_in(numbers, track)
            if at is not None:
                table["level"][at] = level
                table["flags"][at] |= FLAG_ACKNOWLEDGED if acknowledged else 0
        for track in self.hand_kinds:
            at = self._row_in(numbers, track)
            if at is not None:
                table["flags"][at] |= FLAG_BY_HAND

    @staticmethod
    def _row_in(numbers: NDArray[np.float64], number: int) -> int | None:
        at = int(np.searchsorted(numbers, number))
        return at if at < len(numbers) and numbers[at] == number else None

    def _place_info(self, place: Place) -> PlaceInfo:
        lat = lon = None
        if place.points_deg:
            lat, lon = (sum(column) / len(place.points_deg) for column in zip(*place.points_deg, strict=True))
        elif (at := self.vessel_at(place)) is not None:
            lat, lon = at
        return PlaceInfo(
            id=place.id,
            name=place.name,
            shape=place.shape.word,
            points=place.points_deg,
            radius_m=place.radius_m,
            bottom_m=place.bottom_m,
            top_m=place.top_m,
            identity=place.identity,
            lat=lat,
            lon=lon,
        )
