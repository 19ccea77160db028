"""The newest place of every operator and friend, for as long as it may be kept.

These are places of people: they are never written to the disk, never reach the core, the picture or its recording, and
are gone when the server stops. Of an operator the newest place by aircraft is kept for a time that the site chooses;
of a friend the newest place until it is stale. Both tables are bounded; of too many the oldest goes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from lowsky.model.people import FriendPlace, OperatorPlace

MAX_OPERATORS = 5_000
MAX_FRIENDS = 5_000
ROUNDED_DEG = 4  # digits: places of operators without identity that are closer than ten metres are one
NS_PER_MINUTE = 60_000_000_000


class Operators:
    """The newest place of the operator of each aircraft."""

    def __init__(self, keep_minutes: float) -> None:
        self._keep_ns = 0
        self._places: OrderedDict[tuple[object, ...], OperatorPlace] = OrderedDict()
        self.changed = False
        self.keep(keep_minutes)

    def __len__(self) -> int:
        return len(self._places)

    def keep(self, minutes: float) -> None:
        """From now on keep places for so long, also those that are here."""
        self._keep_ns = round(minutes * NS_PER_MINUTE)

    def hear(self, places: Iterable[OperatorPlace]) -> None:
        """Take in places; one that is older than what is known of the same aircraft changes nothing."""
        for place in places:
            key = _key(place)
            known = self._places.get(key)
            if self._keep_ns == 0 or (known is not None and known.time_ns > place.time_ns):
                continue
            self._places[key] = _kept_registration(place, known)
            self._places.move_to_end(key)
            self.changed = True
            if len(self._places) > MAX_OPERATORS:
                self._places.popitem(last=False)

    def forget(self, now_ns: int) -> None:
        """Drop what was received longer ago than may be kept."""
        old = [key for key, place in self._places.items() if now_ns - place.received_ns >= self._keep_ns]
        for key in old:
            del self._places[key]
        self.changed |= bool(old)

    def newest_first(self) -> tuple[OperatorPlace, ...]:
        """All places."""
        return tuple(reversed(self._places.values()))


class Friends:
    """The newest place of each of one's own."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, FriendPlace] = OrderedDict()
        self.changed = False

    def __len__(self) -> int:
        return len(self._places)

    def hear(self, places: Iterable[FriendPlace]) -> None:
        """Take in places; one older than what is known of the same sender changes nothing."""
        for place in places:
            known = self._places.get(place.uid)
            if known is not None and known.time_ns > place.time_ns:
                continue
            self._places[place.uid] = place
            self._places.move_to_end(place.uid)
            self.changed = True
            if len(self._places) > MAX_FRIENDS:
                self._places.popitem(last=False)

    def forget(self, now_ns: int) -> None:
        """Drop what is stale."""
        stale = [uid for uid, place in self._places.items() if place.stale_ns <= now_ns]
        for uid in stale:
            del self._places[uid]
        self.changed |= bool(stale)

    def newest_first(self) -> tuple[FriendPlace, ...]:
        """All places."""
        return tuple(reversed(self._places.values()))


class People:
    """Both tables."""

    def __init__(self, keep_minutes: float) -> None:
        self.operators = Operators(keep_minutes)
        self.friends = Friends()

    def hear(self, operators: Iterable[OperatorPlace], friends: Iterable[FriendPlace]) -> None:
        """Take in what a source brought."""
        self.operators.hear(operators)
        self.friends.hear(friends)

    def forget(self, now_ns: int) -> None:
        """Drop what may no longer be kept."""
        self.operators.forget(now_ns)
        self.friends.forget(now_ns)


def _key(place: OperatorPlace) -> tuple[object, ...]:
    """What one place replaces another by: the aircraft; without its identity, the receiver and about where."""
    if place.identity:
        return (place.identity,)
    return (place.sensor, round(place.latitude_deg, ROUNDED_DEG), round(place.longitude_deg, ROUNDED_DEG))


def _kept_registration(place: OperatorPlace, known: OperatorPlace | None) -> OperatorPlace:
    """The place with the registration that was told before, if it comes without: the two come in different messages."""
    if place.operator_id or known is None or not known.operator_id:
        return place
    return OperatorPlace(
        place.sensor, place.identity, known.operator_id, place.latitude_deg, place.longitude_deg, place.height_m,
        place.source, place.time_ns, place.received_ns,
    )  # fmt: skip
