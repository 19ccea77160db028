"""Output "mqtt": objects, notices, places and status as JSON at a broker (MQTT 3.1.1), below a prefix.

A broker that dies is called again, and told everything anew. What it keeps (retained) of objects that nobody knows any
more is taken back at the start; when the server stops it takes back all of them and says so. If the server vanishes the
broker says that in its place: `status` is its will.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import Any, Literal

import aiomqtt
import msgspec

from lowsky.model.air import Air
from lowsky.model.errors import InputError
from lowsky.model.picture import Status
from lowsky.wire.objects import iso, object_records

from ..net.link import Link
from .contract import GOODBYE_S, Books, House, OutputKind, OutputOptions, Setting
from .features import document, located
from .mqtt_messages import NoticesMessage, PictureMessage, PlacesMessage, StatusMessage
from .periods import checked_period
from .together import together

Topic = Literal["objects", "picture", "notices", "places", "status", "geojson"]
KEEP_ALIVE_S = 20  # the broker says that we are lost after half as much more
TIMEOUT_S = 10.0  # for the broker to take one message
LOOK_S = 0.5  # how often notices and places are compared with what was told
AT_ONCE = 50  # messages under way together, so that a distant broker's confirmations do not add up
GATHER_S = 1.0  # that retained objects of an earlier run get to come
MAX_RETAINED = 100_000  # of them looked at
RELIABLE = 1  # quality of service of what is said once: status, notices, places


class MqttOptions(OutputOptions, frozen=True):
    """[[outputs]] kind = "mqtt"."""

    topics: tuple[Topic, ...] = ("objects", "notices", "places", "status")
    period_s: float = 1.0  # between pictures
    status_s: float = 5.0  # between two status messages
    retain: bool = False  # let the broker keep the last word on every object


class MqttWay:
    """One broker."""

    kind = "mqtt"

    def __init__(self, options: MqttOptions, link: Link) -> None:
        self.name, self.to = options.name, str(link.address)
        self._options, self._link, self._prefix = options, link, link.address.path.rstrip("/")
        self._quality = int(link.address.number("qos", 0))
        self._retained: set[int] = set()  # numbers that the broker keeps something of

    async def run(self, house: House, books: Books) -> None:
        """Tell until cancelled or the broker is gone."""
        address = self._link.address
        books.say("waiting", f"calling {address.host} port {address.port}")
        try:
            async with self._client(house) as client:
                books.say("running")
                client.pending_calls_threshold = 2 * AT_ONCE  # from which on the library warns of every further one
                say = _Speaker(client, self._prefix, books)
                if self._options.retain:
                    await self._take_back_old(client, say)
                try:
                    await together(*self._jobs(house, say))
                except asyncio.CancelledError:
                    await self._say_goodbye(house, say)
                    raise
        except aiomqtt.MqttError as error:
            raise OSError(f"{address.host} port {address.port}: {_words(error)}") from None

    def _jobs(self, house: House, say: _Speaker) -> list[Any]:
        topics = self._options.topics
        jobs = [self._tell_status(house, say)]
        if {"objects", "picture", "geojson"} & set(topics):
            jobs.append(self._tell_pictures(house, say))
        if {"notices", "places"} & set(topics):
            jobs.append(self._tell_changes(house, say))
        return jobs

    async def _tell_pictures(self, house: House, say: _Speaker) -> None:
        topics = self._options.topics
        while True:
            air = await house.tick(self._options.period_s)
            if "objects" in topics:
                await self._tell_objects(air, house.drill, say)
            if "picture" in topics:
                await say.say("picture", await asyncio.to_thread(_picture, air, house.drill), self._quality)
            if "geojson" in topics:
                places = located(house.place_rows, house.places)
                heard = house.bearings(0)
                body = await asyncio.to_thread(document, air, house.drill, True, places, heard, house.site.sensors)
                await say.say("geojson", body, self._quality)

    async def _tell_objects(self, air: Air, drill: bool, say: _Speaker) -> None:
        keep, quality = self._options.retain, self._quality
        await say.say_all(await asyncio.to_thread(_object_messages, air, drill), quality, keep)
        if keep:
            ended = air.number[air.status == Status.ENDED].tolist()
            self._retained |= set(air.number.tolist())
            await self._forget(ended, say)

    async def _forget(self, numbers: list[int], say: _Speaker) -> None:
        """Let the broker keep nothing of these objects."""
        await say.say_all([(f"objects/{number}", b"") for number in numbers], self._quality, True)
        self._retained -= set(numbers)

    async def _tell_changes(self, house: House, say: _Speaker) -> None:
        """Notices and places whenever they are others than those told."""
        told: dict[str, bytes] = {}
        while True:
            now = iso([house.now_ns()])[0]
            found: dict[str, Any] = {}
            if "notices" in self._options.topics:
                found["notices"] = NoticesMessage(now, house.drill, house.notices)
            if "places" in self._options.topics:
                found["places"] = PlacesMessage(now, house.drill, house.places)
            for topic, message in found.items():
                body = msgspec.json.encode(msgspec.structs.replace(message, time=""))
                if told.get(topic) != body:
                    told[topic] = body
                    await say.say(topic, msgspec.json.encode(message), RELIABLE, True)
            await asyncio.sleep(LOOK_S)

    async def _tell_status(self, house: House, say: _Speaker) -> None:
        while True:
            await say.say("status", msgspec.json.encode(_status(house)), RELIABLE, True)
            await asyncio.sleep(self._options.status_s)

    async def _say_goodbye(self, house: House, say: _Speaker) -> None:
        """What the broker keeps is true for who comes later: no objects, and that we have stopped."""
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(GOODBYE_S / 2):
                await self._forget(sorted(self._retained), say)
        with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
            async with asyncio.timeout(GOODBYE_S / 4):
                stopped = StatusMessage("stopped", iso([house.now_ns()])[0], house.site_id, house.site_name)
                await say.say("status", msgspec.json.encode(stopped), RELIABLE, True)

    async def _take_back_old(self, client: aiomqtt.Client, say: _Speaker) -> None:
        """Objects that the broker still keeps from a run that ended without a word."""
        topic = f"{self._prefix}/objects/+"
        await client.subscribe(topic, 0)
        found: set[int] = set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(GATHER_S):
                async for message in client.messages:
                    number = str(message.topic).rpartition("/")[2]
                    if message.retain and number.isascii() and number.isdigit() and len(found) < MAX_RETAINED:
                        found.add(int(number[:19]))
        await client.unsubscribe(topic)
        await self._forget(sorted(found), say)

    def _client(self, house: House) -> aiomqtt.Client:
        address = self._link.address
        own = re.sub(r"[^A-Za-z0-9_-]+", "-", f"lowsky-{house.site_id}-{self.name}")
        lost = StatusMessage("lost", site=house.site_id, name=house.site_name)
        return aiomqtt.Client(
            address.host,
            address.port,
            username=self._link.fields.user,
            password=self._link.password(),
            # always the same, so that a broker which still holds our dead connection gives it up for the new one
            identifier=address.word("client") or own,
            will=aiomqtt.Will(f"{self._prefix}/status", msgspec.json.encode(lost), RELIABLE, True),
            keepalive=KEEP_ALIVE_S,
            timeout=TIMEOUT_S,
            max_queued_incoming_messages=MAX_RETAINED,
            tls_context=self._link.tls(),
        )


class _Speaker:
    """Says messages below a prefix and counts them."""

    def __init__(self, client: aiomqtt.Client, prefix: str, books: Books) -> None:
        self._client, self._prefix, self._books = client, prefix, books

    async def say(self, topic: str, body: bytes, quality: int, retain: bool = False) -> None:
        """Say one, and wait until the broker (quality 1, 2) or the system (0) has taken it."""
        await self._client.publish(f"{self._prefix}/{topic}", body, quality, retain)
        self._books.sent(len(body))

    async def say_all(self, said: list[tuple[str, bytes]], quality: int, retain: bool) -> None:
        """Say many, `AT_ONCE` under way at a time."""
        for first in range(0, len(said), AT_ONCE):
            part = said[first : first + AT_ONCE]
            await asyncio.gather(*(self.say(topic, body, quality, retain) for topic, body in part))


def _object_messages(air: Air, drill: bool) -> list[tuple[str, bytes]]:
    return [(f"objects/{record.number}", msgspec.json.encode(record)) for record in object_records(air, drill)]


def _picture(air: Air, drill: bool) -> bytes:
    return msgspec.json.encode(PictureMessage(iso([air.time_ns])[0], drill, object_records(air, drill)))


def _status(house: House) -> StatusMessage:
    health, sensors = house.health(), house.sensors
    return StatusMessage(
        "online",
        iso([house.now_ns()])[0],
        house.site_id,
        house.site_name,
        house.drill,
        health.status,
        health.reasons,
        house.objects,
        sum(sensor.state == "well" for sensor in sensors),
        len(sensors),
        health.version,
    )


def _words(error: aiomqtt.MqttError) -> str:
    """Without the number that the library puts first."""
    text = str(error).strip()
    return text.partition("] ")[2] or text or "the connection broke"


def make(options: MqttOptions, setting: Setting) -> MqttWay:
    """The output of a table.

    Raises:
        InputError: naming field and value.
    """
    here, prefix = setting.here, setting.link.address.path
    checked_period(options.period_s, here)
    checked_period(options.status_s, here, "status_s")
    if re.search(r"[#+\0]", prefix) or not prefix.strip("/") or prefix.startswith("$"):
        raise InputError(f"{here}.to: {prefix!r} is no topic that one can publish below (no #, + or leading $)")
    if not options.topics:
        raise InputError(f"{here}.topics: at least one is needed")
    if options.retain and "objects" not in options.topics:
        raise InputError(f"{here}.retain: without the topic objects there is nothing to keep")
    try:
        setting.link.check()
    except InputError as error:
        raise InputError(f"{here}.{error}") from None
    return MqttWay(options, setting.link)


KIND = OutputKind("mqtt", "JSON at an MQTT broker", ("mqtt", "mqtts"), MqttOptions, make)
