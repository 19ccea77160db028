"""Messages of topics at an MQTT broker, each whole.

With `?client=` the broker keeps those of quality 1 and 2 for us while we are away; without, what comes meanwhile is
nobody's.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiomqtt

from ...net.link import Link
from ..intake import Intake

MAX_WAITING = 10_000  # messages that came and were not read yet; those beyond are counted
KEEP_ALIVE_S = 20
TIMEOUT_S = 10.0
REFUSED = 128  # from this code on the broker does not grant a topic


class MqttTransport:
    """One subscription."""

    datagrams = True

    def __init__(self, link: Link) -> None:
        self._link = link

    async def run(self, intake: Intake) -> None:
        """Receive until cancelled."""
        address = self._link.address
        intake.say("starting", f"calling {address.host} port {address.port}")
        try:
            async with self._client(intake) as client:
                await self._subscribe(client)
                intake.say("running", f"subscribed to {address.path} at {address.host} port {address.port}")
                await self._listen(client, intake)
        except aiomqtt.MqttError as error:
            raise OSError(f"{address.host} port {address.port}: {_words(error)}") from None
        raise EOFError("the broker ended the connection")

    async def _subscribe(self, client: aiomqtt.Client) -> None:
        topic = self._link.address.path
        granted = await client.subscribe(topic, int(self._link.address.number("qos", 0)))
        codes = [getattr(code, "value", code) for code in granted]
        if any(isinstance(code, int) and code >= REFUSED for code in codes):
            raise OSError(f"the broker does not let us hear {topic!r}")

    async def _listen(self, client: aiomqtt.Client, intake: Intake) -> None:
        sender = intake.begin()
        try:
            async for message in client.messages:
                payload = message.payload
                sender.push(payload if isinstance(payload, bytes) else str(payload or "").encode())
        finally:
            sender.close()

    def _client(self, intake: Intake) -> aiomqtt.Client:
        address, name = self._link.address, self._link.address.word("client")

        class Waiting(asyncio.Queue[Any]):
            """Counts what finds no room."""

            def put_nowait(self, item: Any) -> None:
                if self.full():
                    intake.fault("messages lost", "messages came faster than they were read")
                    return
                super().put_nowait(item)

        return aiomqtt.Client(
            address.host,
            address.port,
            username=self._link.fields.user,
            password=self._link.password(),
            identifier=name or None,
            clean_session=not name,
            queue_type=Waiting,
            max_queued_incoming_messages=MAX_WAITING,
            keepalive=KEEP_ALIVE_S,
            timeout=TIMEOUT_S,
            tls_context=self._link.tls(),
        )


def _words(error: aiomqtt.MqttError) -> str:
    """Without the number that the library puts first."""
    text = str(error).strip()
    return text.partition("] ")[2] or text or "the connection broke"
