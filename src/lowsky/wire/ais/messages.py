"""Sentences to messages: payloads of several sentences are put together again.

A message has at most nine sentences; they come one after another, but those of several messages may be mixed. Source:
IEC 61162-1: the sequence number and the channel tell which belong together.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lowsky.model.timebase import NS_PER_S

from ..tally import Tally
from .sentences import Sentence

MAX_WAITING = 64  # messages of which sentences are missing; there are ten sequence numbers on two channels
WAIT_S = 30.0  # for the rest of a message
PART = "sentence of a longer message"
Key = tuple[int, bytes, bytes]


@dataclass(slots=True)
class _Waiting:
    parts: dict[int, Sentence] = field(default_factory=dict)
    since_ns: int = 0


class Assembler:
    """Keeps what is waiting for the rest of its message."""

    def __init__(self) -> None:
        self._waiting: dict[Key, _Waiting] = {}

    def put(self, sentences: list[Sentence], tally: Tally) -> list[Sentence]:
        """The messages that sentences complete, in order, each as one sentence; what never can be one is counted."""
        messages = []
        for s in sentences:
            if s.total == 1 and s.number == 1:
                messages.append(s)
            elif s.number > s.total:
                tally.reject("sentence malformed", f"sentence {s.number} of {s.total}")
            elif whole := self._part(s, tally):
                messages.append(whole)
        return messages

    def close(self, tally: Tally) -> None:
        """Nothing follows."""
        for key in list(self._waiting):
            self._give_up(key, tally)

    def _part(self, s: Sentence, tally: Tally) -> Sentence | None:
        key = (s.total, s.sequence, s.channel)
        waiting = self._waiting.get(key)
        if waiting and (s.number in waiting.parts or abs(s.received_ns - waiting.since_ns) > WAIT_S * NS_PER_S):
            self._give_up(key, tally)  # the number is used again for another message
            waiting = None
        if waiting is None:
            if len(self._waiting) >= MAX_WAITING:
                self._give_up(next(iter(self._waiting)), tally)
            waiting = self._waiting[key] = _Waiting(since_ns=s.received_ns)
        waiting.parts[s.number] = s
        if len(waiting.parts) < s.total:
            return None
        del self._waiting[key]
        tally.ignore(PART, s.total - 1)
        parts = [waiting.parts[i] for i in range(1, s.total + 1)]
        told_ns = next((part.told_ns for part in parts if part.told_ns), 0)
        payload = b"".join(part.payload for part in parts)
        return s._replace(total=1, number=1, payload=payload, fill=parts[-1].fill, told_ns=told_ns)

    def _give_up(self, key: Key, tally: Tally) -> None:
        n = len(self._waiting.pop(key).parts)
        tally.reject("rest of the message missing", f"{n} of {key[0]} sentences of a message, the rest is missing", n)
