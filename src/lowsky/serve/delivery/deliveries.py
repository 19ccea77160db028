"""All receivers of a server: what the core's notices say reaches them, and what they confirm goes back to the core."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import structlog

from lowsky.model.action import Action
from lowsky.model.notice import Event, NoticeBatch
from lowsky.wire.cap import Issuer

from .calls import CallBook, Situation
from .courier import Courier
from .desk import Desk
from .feed import FeedStore
from .files import CapFiles
from .outbox import Chains, Outbox
from .receiver import Receiver, ReceiverStatus
from .settings import token_of
from .transport import Transport
from .webhook import Webhook

SWEEP_S = 1.0  # how often all calls are looked at, also those of which nothing changed
STILL_S = 10.0  # without a tick for so long no heartbeat says that all is well

log = structlog.get_logger("lowsky.delivery")


class Deliveries:
    """Made before the event loop runs; everything else is called in it."""

    def __init__(
        self,
        receivers: Sequence[Receiver],
        issuer: Issuer,
        site_id: str,
        now_ns: Callable[[], int],
        before_send: Callable[[], Awaitable[None]],
        deliver: Callable[[Action], None],
        health: Callable[[], Mapping[str, object]],
        folder: Path | None = None,
    ) -> None:
        """
        Args:
            receivers, issuer: as `settings` made them.
            site_id: goes into identifiers.
            now_ns: the server's clock, UTC.
            before_send: awaited before the first attempt of each message; the journal is on disk when it returns.
            deliver: takes the action that says that a receiver has a call.
            health: what a heartbeat tells, by name.
            folder: of the outbox, which belongs to one recording; None: nothing outlives the process.
        """
        self.feed = FeedStore()
        self._book = CallBook()
        self._outbox = Outbox(folder)
        self._site = token_of(site_id)
        self._couriers: list[Courier] = []
        self._receivers = tuple(receivers)
        self._last_tick_s = self._last_sweep_s = float("-inf")
        self._desk = Desk(
            self._site, issuer, self._book, self._outbox, now_ns, before_send, deliver, health,
            asyncio.Event(), self._stands_still, self._all_chains,
        )  # fmt: skip

    async def start(self, resumed: bool = False) -> None:
        """Read the outbox and begin to tell. `resumed`: the core goes on with the calls of the process before.

        If it does not, what that process told expires by itself: nobody knows any more whether it is over.
        """
        chains: Chains = {}
        try:
            chains = await asyncio.to_thread(self._outbox.open, resumed)
        except OSError as error:
            log.error("the outbox cannot be used: a restart may repeat messages", error=str(error))
        for receiver in self._receivers:
            mine = {call: chain for (name, call), chain in chains.items() if name == receiver.id}
            if receiver.kind == "feed":
                self.feed.keep(m.alert for c in mine.values() for m in c.messages)
            self._couriers.append(Courier(receiver, self._transport(receiver), self._desk, mine))
        for courier in self._couriers:
            courier.start()

    async def stop(self) -> None:
        """Stop telling; what is not confirmed goes on at the next start."""
        await asyncio.gather(*(courier.stop() for courier in self._couriers))
        self._outbox.close()

    def offer(self, events: Sequence[Event], notices: NoticeBatch, situation: Situation) -> None:
        """Take what a step that held a tick brought: what stands at its last tick, and what happened by hand."""
        now_s = asyncio.get_running_loop().time()
        self._last_tick_s = now_s
        self._desk.runs.set()
        changed = self._book.update(notices, situation, events)
        for courier in self._couriers:
            for call in changed:
                courier.consider(call, urgent=True)
        if now_s - self._last_sweep_s >= SWEEP_S:
            self._last_sweep_s = now_s
            for courier in self._couriers:
                for call in sorted(self._book.levels.keys() | courier.chains.keys()):
                    courier.consider(call)

    def status(self) -> list[ReceiverStatus]:
        """How every receiver does."""
        return [courier.status for courier in self._couriers]

    def _transport(self, receiver: Receiver) -> Transport:
        if receiver.kind == "webhook":
            return Webhook(receiver)
        if receiver.folder is not None:
            return CapFiles(receiver.folder, f"{self._site}-{receiver.id}-", receiver.json)
        return self.feed

    def _stands_still(self) -> bool:
        return asyncio.get_running_loop().time() - self._last_tick_s > STILL_S

    def _all_chains(self) -> Chains:
        return {(c.receiver.id, call): chain for c in self._couriers for call, chain in c.chains.items()}
