"""Heartbeats: a receiver that hears none must take us for dead, so none is sent that would hide that we see nothing."""

from __future__ import annotations

import asyncio

from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cap import Envelope, heartbeat_alert

from .desk import Desk, count, inspect
from .receiver import Receiver, ReceiverStatus
from .transport import Fate, Transport

HEARTBEATS_LIVE = 3  # a heartbeat expires when so many should have come after it


class Heart:
    """Tells one receiver that we live."""

    def __init__(
        self, receiver: Receiver, transport: Transport, desk: Desk, status: ReceiverStatus, there: asyncio.Event
    ) -> None:
        """`there` is set when the receiver confirms one: what waits for it need wait no longer."""
        self._receiver, self._transport, self._desk = receiver, transport, desk
        self._status, self._there = status, there

    async def beat(self) -> None:
        """Say that we live, from the first picture on and for as long as pictures come, until cancelled."""
        await self._desk.runs.wait()
        while True:
            if self._desk.stands_still():
                self._status.heartbeats_withheld += 1
            else:
                await self._beat_once()
            await asyncio.sleep(self._receiver.heartbeat_s)

    async def _beat_once(self) -> None:
        now_ns = self._desk.now_ns()
        live_ns = round(HEARTBEATS_LIVE * self._receiver.heartbeat_s * NS_PER_S)
        name = f"{self._desk.site}-{self._receiver.id}-heartbeat-{now_ns // NS_PER_S}"
        envelope = Envelope(name, now_ns, now_ns + live_ns, exercise=False)
        health = [(key, f"{value}") for key, value in self._desk.health().items()]
        alert = heartbeat_alert(envelope, health, self._desk.issuer, self._receiver.audience)
        inspect(alert)
        outcome = await self._transport.send(alert, heartbeat=True)
        count(self._status, outcome, self._desk.now_ns() / 1e6)
        if outcome.fate is Fate.CONFIRMED:
            self._status.heartbeats += 1
            self._there.set()
        else:
            self._status.heartbeats_failed += 1
