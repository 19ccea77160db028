"""Notices to calls, with the objects of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lowsky.model.kinds import Kind, kind_from_word
from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.model.place import Place
from lowsky.wire.cap import Call

from ...answers.notices import Notice
from ...answers.site import PlaceInfo


@dataclass(frozen=True, slots=True)
class Coming:
    """A call, and what comes."""

    call: Call
    objects: tuple[int, ...]  # public numbers, those of the most urgent notice first


def calls_of(notices: Sequence[Notice], places: Sequence[Place], infos: Sequence[PlaceInfo]) -> dict[int, Coming]:
    """The standing calls by number; `notices` with the most urgent first."""
    standing: dict[int, list[Notice]] = {}
    for notice in notices:
        if notice.ended_ms is None and notice.level != Level.CLEAR.word:
            standing.setdefault(notice.call, []).append(notice)
    by_id, now_at = {place.id: place for place in places}, {info.id: info for info in infos}
    return {
        number: Coming(_call(number, mine, by_id[mine[0].place], now_at.get(mine[0].place)), _objects(mine))
        for number, mine in sorted(standing.items())
        if mine[0].place in by_id
    }


def _objects(mine: list[Notice]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(notice.track for notice in mine))


def _call(number: int, mine: list[Notice], place: Place, info: PlaceInfo | None) -> Call:
    kinds: Counter[Kind] = Counter(kind_from_word(notice.why.kind) for notice in mine)
    coming = [notice for notice in mine if notice.arrival_ms is not None]
    first = min(coming, key=lambda notice: notice.arrival_ms or 0.0) if coming else None
    at = None if info is None or info.lat is None or info.lon is None else (info.lat, info.lon)
    return Call(
        number=number,
        level=max(Level[notice.level.upper()] for notice in mine),
        place=place,
        count=len(mine),
        kinds=tuple(sorted(kinds.items(), key=lambda item: (-item[1], item[0]))),
        probability=max(notice.probability for notice in mine),
        arrival_ns=_ns(first.arrival_ms if first else None),
        early_ns=_ns(first.early_ms if first else None),
        late_ns=_ns(first.late_ms if first else None),
        vessel=at,
    )


def _ns(milliseconds: float | None) -> int:
    return NO_TIME_NS if milliseconds is None else round(milliseconds) * 1_000_000
