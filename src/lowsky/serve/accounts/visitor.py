"""Who is at the door: the answer of authentication, which the guard leaves in the request's state."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from lowsky.serve.route import MAY, Role


class Proof(Enum):
    """By what a visitor is known."""

    NOTHING = "nothing"
    LOOPBACK = "loopback"  # accounts are off, and whoever sits at this machine is trusted
    SESSION = "session"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor. `who` is the name in the audit and the journal; `csrf` the proof a page sends with what it changes."""

    who: str
    role: Role
    proof: Proof
    csrf: str = ""
    hash: bytes = b""  # of the session or token at rest
    expires_s: float | None = None  # seconds since 1970 UTC; None: does not

    def may(self, least: Role) -> bool:
        """Whether this visitor's role suffices for a route that asks for `least`."""
        return self.role in MAY[least]


NOBODY = Visitor("", Role.PUBLIC, Proof.NOTHING)
"""Whoever has shown nothing, or what they showed is not good."""
