"""What a receiver was told of a call, and what it must be told next: the rules of telling, as pure functions.

A call is told first when it reaches the receiver's level, then at every change of its level, up or down, and last when
it is over. Nothing else is a reason, but two: a message that would expire while the danger stands is renewed, and a
call first told as exercise is told anew in earnest when it stands after the drill. What was told of a call in earnest
stays in earnest, whatever drill begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from lowsky.model.notice import Level
from lowsky.model.place import Place
from lowsky.model.timebase import NS_PER_S
from lowsky.wire.cap import Alert, Call, Reference

from .receiver import Receiver

LIFE_NS = 900 * NS_PER_S  # a warning expires so long after the last time of arrival it names, or after it was sent
RENEW_NS = 180 * NS_PER_S  # before it expires it is renewed, so that no receiver drops a danger that stands
CLEAR_LIFE_NS = 3600 * NS_PER_S  # how long we try to say that something is over
MAX_REFERENCES = 50  # of the earlier messages that an update names: the latest


class State(Enum):
    """What became of a message."""

    WAITING = auto()  # for its first or next attempt; nobody can have it
    UNSURE = auto()  # the receiver may have it, and did not confirm
    DELIVERED = auto()
    GIVEN_UP = auto()  # expired or superseded; nobody can have it
    LOST = auto()  # given up, and the receiver may have it


REACHED = frozenset({State.UNSURE, State.DELIVERED, State.LOST})
OPEN = frozenset({State.WAITING, State.UNSURE})


@dataclass(slots=True)
class Message:
    """One message of a chain."""

    alert: Alert
    level: Level
    sent_ns: int
    expires_ns: int
    state: State = State.WAITING


@dataclass(slots=True)
class Chain:
    """All that one receiver was told of one call, oldest first."""

    call: int
    place: Place
    exercise: bool
    began_ns: int
    count: int = 0  # messages composed, those forgotten included
    messages: list[Message] = field(default_factory=list)

    @property
    def last(self) -> Message | None:
        """The latest message, if any."""
        return self.messages[-1] if self.messages else None

    @property
    def outstanding(self) -> Message | None:
        """The latest message, if it is still to be delivered."""
        return self.last if self.last is not None and self.last.state in OPEN else None

    @property
    def references(self) -> tuple[Reference, ...]:
        """The earlier messages that the receiver may have."""
        reached = [m for m in self.messages if m.state in REACHED]
        return tuple(Reference(m.alert.identifier, m.sent_ns) for m in reached[-MAX_REFERENCES:])

    @property
    def over(self) -> bool:
        """Whether all is said: the end was told, or nobody can have anything that needs an end."""
        last = self.last
        return last is not None and last.level is Level.CLEAR and last.state not in OPEN

    def add(self, message: Message) -> None:
        """The next message; what it replaces is given up, and what nobody needs any more forgotten."""
        if self.outstanding is not None:
            give_up(self.outstanding)
        self.count += 1
        self.messages = [*[m for m in self.messages if m.state in REACHED][-MAX_REFERENCES:], message]


def give_up(message: Message) -> None:
    """No more attempts."""
    message.state = State.LOST if message.state is State.UNSURE else State.GIVEN_UP


class Step(Enum):
    """What is to be done about a call for a receiver."""

    NOTHING = auto()
    SEND = auto()  # go on with the outstanding message
    TELL = auto()  # a new message says what stands
    CLEAR = auto()  # a new message says that it is over
    FORGET = auto()  # it is over, and nobody can have heard of it


@dataclass(frozen=True, slots=True)
class Reason:
    """A step and its reason in words, which go into the note."""

    step: Step
    note: str = ""


def next_step(
    receiver: Receiver, chain: Chain | None, call: Call | None, drill: bool, now_ns: int, by_hand: bool = False
) -> Reason:
    """What a receiver must be told of a call.

    Args:
        receiver: who.
        chain: what it was told, None: nothing.
        call: as it stands, None: no longer.
        drill: whether now is exercise.
        now_ns: by which messages expire.
        by_hand: whether somebody ended the call, if it no longer stands.
    """
    if chain is None or chain.last is None:
        first = call is not None and call.level >= receiver.level and receiver.wants(call.place.id)
        return Reason(Step.TELL) if first else Reason(Step.NOTHING)
    if chain.over:
        return Reason(Step.FORGET)
    last, going = chain.last, chain.outstanding is not None
    ending = last.level is Level.CLEAR
    if ending and (call is None or (chain.exercise and not drill)):
        return Reason(Step.SEND)
    if call is None or (chain.exercise and not drill):
        reached = chain.references
        note = "the exercise is over" if call is not None else "ended by hand" if by_hand else "ended by rule"
        return Reason(Step.CLEAR, note) if reached else Reason(Step.FORGET)
    if call.level is not last.level:
        change = "" if ending else f"level {last.level.word} before"
        return Reason(Step.TELL, change)
    if last.expires_ns - now_ns < RENEW_NS:
        return Reason(Step.TELL, "renewed, nothing has changed")
    return Reason(Step.SEND) if going else Reason(Step.NOTHING)


def expiry_ns(call: Call | None, sent_ns: int) -> int:
    """Until when a message about a call (None: that it is over) is worth sending and having."""
    if call is None:
        return sent_ns + CLEAR_LIFE_NS
    return max(sent_ns, call.late_ns, call.arrival_ns) + LIFE_NS
