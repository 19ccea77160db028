"""A courier tells one receiver: what is due, the most urgent first, one attempt at a time, until it is confirmed.

What to say is decided at the moment of each attempt, so a receiver that was away hears what stands, not what stood.
Waits grow with failures and are drawn at random, so that receivers that come back are not met by all at once; a change
of level ends a wait. A message is in the journal and in the outbox before its first attempt, and keeps its identifier
in all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import random

import structlog

from lowsky.model.action import Action, ActionKind
from lowsky.model.notice import Level
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cap import Call, Envelope, warning_alert

from .chain import Chain, Message, Reason, State, Step, expiry_ns, give_up, next_step
from .desk import Desk, count, inspect
from .heartbeat import Heart
from .outbox import Over, Record, became, composed
from .receiver import Receiver, ReceiverStatus
from .transport import Fate, Transport

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 15.0  # a receiver that comes back hears of it within this
MOST_PENDING = 1000  # calls that wait; what has no room is looked at again each second
GRACE_S = 2.0  # that a stop waits for the answer to an attempt
CANCEL_AGAIN_S = 0.2

log = structlog.get_logger("lowsky.delivery")


class Courier:
    """Tells one receiver."""

    def __init__(self, receiver: Receiver, transport: Transport, desk: Desk, chains: dict[int, Chain]) -> None:
        self.receiver, self.transport, self.chains = receiver, transport, chains
        self.status = ReceiverStatus(receiver.id, receiver.kind, transport.to)
        self._desk = desk
        self._pending: dict[int, None] = {}  # in order of coming
        self._tries: dict[int, int] = {}  # attempts since one succeeded, by call
        self._asked_wait_s = 0.0  # by the receiver, with its last answer
        self._wake = asyncio.Event()
        self._stopping = False
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to tell."""
        heart = Heart(self.receiver, self.transport, self._desk, self.status, self._wake)
        jobs = (self._run, heart.beat)
        self._tasks = [asyncio.create_task(self._desk.supervise(job, self.status)) for job in jobs]

    async def stop(self) -> None:
        """Let an attempt that is under way end, then stop: what is not confirmed goes on at the next start."""
        self._stopping = True
        self._wake.set()
        if self._tasks:
            await asyncio.wait(self._tasks[:1], timeout=GRACE_S)
        pending = set(self._tasks)
        while pending:  # a connection just being made can swallow a cancellation, so it is repeated
            for task in pending:
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=CANCEL_AGAIN_S)
        await self.transport.close()

    def consider(self, call: int, urgent: bool = False) -> None:
        """Look whether a call must be told; `urgent` ends a wait between attempts."""
        step = self._next_step(call).step
        new = call not in self._pending
        if step is Step.NOTHING:
            self._pending.pop(call, None)
        elif new and len(self._pending) >= MOST_PENDING:
            self.status.crowded += 1
        else:
            self._pending[call] = None
            if new or urgent:
                self._wake.set()
        self.status.pending = len(self._pending)

    def _next_step(self, call: int) -> Reason:
        book = self._desk.book
        standing, by_hand = book.call(call), call in book.ended_by_hand
        return next_step(self.receiver, self.chains.get(call), standing, book.drill, self._desk.now_ns(), by_hand)

    async def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            call = self._most_urgent()
            if call is None:
                await self._wake.wait()
            elif not await self._tell(call):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), self._wait_s())

    def _most_urgent(self) -> int | None:
        """The pending call with the fewest failed attempts, so that none keeps the others from being told; of those
        the one of the highest level, of those the one that came first."""
        levels, tries = self._desk.book.levels, self._tries
        return min(self._pending, key=lambda call: (tries.get(call, 0), -levels.get(call, Level.CLEAR)), default=None)

    def _wait_s(self) -> float:
        exponent = min(self.status.failing_since, 20) - 1
        longest = min(FIRST_WAIT_S * 2.0**exponent, LONGEST_WAIT_S)
        return max(self._asked_wait_s, longest * random.uniform(0.5, 1.0))

    async def _tell(self, call: int) -> bool:
        """Do the next step for a call; False: an attempt failed, and the next must wait."""
        chain, standing = self.chains.get(call), self._desk.book.call(call)
        reason = self._next_step(call)
        self._tries[call] = self._tries.get(call, 0) + 1
        succeeded = True
        if reason.step is Step.FORGET:
            del self.chains[call]
            await self._keep(Over(self.receiver.id, call))
        elif reason.step is not Step.NOTHING:
            if reason.step is not Step.SEND:
                told = None if reason.step is Step.CLEAR else standing
                chain = await self._compose(call, chain, told, reason.note)
            assert chain is not None
            succeeded = await self._attempt(chain)
        self.consider(call)
        if succeeded or call not in self._pending:
            del self._tries[call]
        return succeeded

    async def _compose(self, number: int, chain: Chain | None, standing: Call | None, note: str) -> Chain:
        """Make the next message of a chain, which begins with it if there is none, and put it on disk."""
        now_ns = self._desk.now_ns()
        if chain is None:
            assert standing is not None
            chain = self.chains[number] = Chain(number, standing.place, self._desk.book.drill, now_ns)
        if chain.outstanding is not None:
            self.status.superseded += 1
            give_up(chain.outstanding)
        chain.place = chain.place if standing is None else standing.place
        told = standing or Call(number, Level.CLEAR, chain.place, 0)
        name = f"{self._desk.site}-{self.receiver.id}-{chain.began_ns // NS_PER_S}-{number}-{chain.count + 1}"
        earlier = chain.references
        note = note if earlier else ""
        envelope = Envelope(name, now_ns, expiry_ns(standing, now_ns), chain.exercise, earlier, note)
        alert = warning_alert(envelope, told, self._desk.issuer, self.receiver.audience)
        inspect(alert)
        message = Message(alert, told.level, now_ns, envelope.expires_ns)
        chain.add(message)
        try:
            await self._desk.before_send()
        except OSError as error:  # people must be warned all the same
            self.status.unflushed += 1
            log.error("the journal could not be flushed before a warning", error=str(error))
        await self._keep(composed(self.receiver.id, chain, message))
        return chain

    async def _attempt(self, chain: Chain) -> bool:
        """Try the outstanding message once; True if nothing is to be waited for."""
        message = chain.outstanding
        if message is None:
            return True
        if message.expires_ns <= self._desk.now_ns():
            self.status.expired += 1
            give_up(message)
            await self._keep(became(self.receiver.id, chain, message))
            return True
        if self._stopping:
            return False
        outcome = await self.transport.send(message.alert, heartbeat=False)
        self._asked_wait_s = outcome.wait_s
        count(self.status, outcome, self._desk.now_ns() / 1e6)
        before = message.state
        message.state = {Fate.CONFIRMED: State.DELIVERED, Fate.UNSURE: State.UNSURE}.get(outcome.fate, before)
        if message.state is not before:
            await self._keep(became(self.receiver.id, chain, message))
        if outcome.fate is Fate.CONFIRMED:
            self.status.delivered += 1
            self._hand_back(chain, message)
        return outcome.fate is Fate.CONFIRMED

    def _hand_back(self, chain: Chain, message: Message) -> None:
        """Say that a call reached its receiver; a feed has not told anybody yet."""
        if message.level is not Level.CLEAR and self.receiver.kind != "feed":
            now_ns = self._desk.now_ns()
            action = Action(now_ns, ActionKind.DELIVERED, chain.call, message.level.word, self.receiver.id)
            self._desk.deliver(action)

    async def _keep(self, record: Record) -> None:
        try:
            await self._desk.outbox.write(record, chains=self._desk.all_chains())
        except OSError as error:  # people must be warned all the same
            self.status.unflushed += 1
            log.error("the outbox cannot be written", error=str(error))
