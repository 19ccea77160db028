"""What is told when: objects each period, what stands still now and then, warnings as they come and go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from lowsky import __version__
from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.notice import Level
from lowsky.model.place import Place, Shape
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cot.bearings import bearing_events
from lowsky.wire.cot.event import Event
from lowsky.wire.cot.furniture import place_event, sensor_event
from lowsky.wire.cot.objects import object_events
from lowsky.wire.cot.voice import Point, Voice
from lowsky.wire.cot.warnings import alert_event, chat_event

from ..contract import House
from .calls import Coming, calls_of
from .options import CotOutput, least_level

ALERT_NS = 10 * NS_PER_S  # between two tellings of a standing warning
ALERT_STALE_NS = 60 * NS_PER_S
CHAT_STALE_NS = 3600 * NS_PER_S
STALE_RESTS = 3.0  # tellings of what stands still, until it is stale
STALE_PERIODS = 3.0  # of a direction


class Teller:
    """One output's memory of what it has told."""

    def __init__(self, options: CotOutput, types: Mapping[Kind, str]) -> None:
        self._options, self._types, self._least = options, types, least_level(options)
        self._rest_ns = round(options.rest_s * NS_PER_S)
        self._rested_ns = -(1 << 62)  # when what stands still was told
        self._heard_ns = 0  # up to which receipt directions were told
        self._places: dict[str, tuple[str, Place]] = {}  # uid to type and place, as told
        self._alerts: dict[int, tuple[Coming, int]] = {}  # calls that were told, and when

    def of_tick(self, house: House, air: Air) -> list[Event]:
        """The events of a new picture."""
        voice, now_ns = self._voice(house), air.time_ns
        told: list[Event] = []
        if self._options.objects:
            told += object_events(air, voice, self._options.stale_s, self._options.period_s, self._types)
        if self._options.bearings:
            told += self._bearings(house, voice, now_ns)
        told += self._warnings(house, voice, now_ns)
        if now_ns - self._rested_ns >= self._rest_ns:
            self._rested_ns = now_ns
            told += [*self._gone(house, voice, now_ns), *self._resting(house, voice, now_ns)]
        else:
            told += self._changed_places(house, voice, now_ns)
        return told

    def for_newcomer(self, house: House, now_ns: int) -> list[Event]:
        """What somebody who has just come would else wait for; objects come with the next picture."""
        voice = self._voice(house)
        alerts = (self._alert(coming, voice, now_ns) for coming, _ in self._alerts.values())
        return [*self._resting(house, voice, now_ns), *(alert for alert in alerts if alert is not None)]

    def itself(self, house: House, now_ns: int) -> Event:
        """Who we are."""
        origin = house.site.origin
        here = Point(origin.latitude_deg, origin.longitude_deg)
        return self._voice(house).itself(now_ns, now_ns + self._rest_stale_ns, here, __version__)

    def _voice(self, house: House) -> Voice:
        return Voice(house.site_id, house.site_name, house.drill)

    @property
    def _rest_stale_ns(self) -> int:
        return round(STALE_RESTS * self._rest_ns)

    def _bearings(self, house: House, voice: Voice, now_ns: int) -> list[Event]:
        heard = house.bearings(self._heard_ns)
        if heard:
            self._heard_ns = max(bearing.received_ns for bearing in heard)
        return bearing_events(heard, house.site, voice, now_ns, STALE_PERIODS * self._options.period_s)

    # --- what stands still ---

    def _resting(self, house: House, voice: Voice, now_ns: int) -> Iterator[Event]:
        yield self.itself(house, now_ns)
        if self._options.sensors:
            for sensor, info in zip(house.site.sensors, house.sensors, strict=False):
                yield sensor_event(sensor, info.state, info.message, voice, now_ns, now_ns + self._rest_stale_ns)
        if self._options.places:
            for place in house.place_rows:
                yield from self._place(place, house, voice, now_ns)

    def _place(self, place: Place, house: House, voice: Voice, now_ns: int) -> Iterator[Event]:
        centre = _centre(house, place)
        if place.shape is Shape.VESSEL and centre is None:
            return
        event = place_event(place, voice, now_ns, now_ns + self._rest_stale_ns, centre)
        self._places[event.uid] = (event.type, place)
        yield event

    def _changed_places(self, house: House, voice: Voice, now_ns: int) -> Iterator[Event]:
        """Places that are new, others than before, or no more."""
        if not self._options.places:
            return
        yield from self._gone(house, voice, now_ns)
        for place in house.place_rows:
            _, before = self._places.get(voice.uid_of("place", place.id), ("", None))
            if before != place and place.shape is not Shape.VESSEL:
                yield from self._place(place, house, voice, now_ns)

    def _gone(self, house: House, voice: Voice, now_ns: int) -> Iterator[Event]:
        there = {voice.uid_of("place", place.id) for place in house.place_rows}
        for uid in [uid for uid in self._places if uid not in there]:
            yield voice.deletion(uid, self._places.pop(uid)[0], now_ns)

    # --- warnings ---

    def _warnings(self, house: House, voice: Voice, now_ns: int) -> Iterator[Event]:
        if self._least is None:
            return
        standing = calls_of(house.notices, house.place_rows, house.places)
        for number in [number for number in self._alerts if number not in standing]:
            coming, _ = self._alerts.pop(number)
            yield from self._told(replace(coming, call=replace(coming.call, level=Level.CLEAR)), voice, now_ns, True)
        for number, coming in standing.items():
            before, told_ns = self._alerts.get(number, (None, 0))
            if before is None and coming.call.level < self._least:
                continue
            news = before is None or before.call.level != coming.call.level
            if news or now_ns - told_ns >= ALERT_NS:
                self._alerts[number] = (coming, now_ns)
                yield from self._told(coming, voice, now_ns, news)

    def _told(self, coming: Coming, voice: Voice, now_ns: int, news: bool) -> Iterator[Event]:
        alert = self._alert(coming, voice, now_ns)
        if alert is not None:
            yield alert
        if self._options.chat and news:
            said = chat_event(coming.call, voice, now_ns, now_ns + CHAT_STALE_NS, self._options.language)
            if said is not None:
                yield said

    def _alert(self, coming: Coming, voice: Voice, now_ns: int) -> Event | None:
        options = self._options
        stale_ns = now_ns + ALERT_STALE_NS
        return alert_event(coming.call, coming.objects, voice, now_ns, stale_ns, options.alert_type, options.language)


def _centre(house: House, place: Place) -> tuple[float, float] | None:
    """Where a vessel is now."""
    if place.shape is not Shape.VESSEL:
        return None
    info = next((info for info in house.places if info.id == place.id), None)
    return None if info is None or info.lat is None or info.lon is None else (info.lat, info.lon)
