"""What the guard knows of one request so far, and where it sends who must log in first."""

from __future__ import annotations

import html
from dataclasses import dataclass
from urllib.parse import quote

from starlette.types import Scope

from lowsky.serve.accounts import NOBODY, Proof, Visitor
from lowsky.serve.route import Route

from .addresses import Client
from .origin import is_foreign
from .refusal import Head, Refused

LOGIN = "/login"
AGAIN = '<!doctype html><meta http-equiv="refresh" content="0; url={0}"><title>lowsky</title><a href="{0}">lowsky</a>'


@dataclass(slots=True)
class Asked:
    """What is known of one request so far."""

    scope: Scope
    head: Head
    client: Client
    own: str = ""  # the server's origin
    route: Route | None = None
    visitor: Visitor = NOBODY

    @property
    def key(self) -> str:
        """Under what its rate is counted: the login, or else the address."""
        known = self.visitor.proof in (Proof.SESSION, Proof.TOKEN)
        return f"login {self.visitor.who}" if known else f"address {self.client.key}"

    @property
    def changes(self) -> bool:
        """Whether it would change something, declared or not."""
        return self.scope["type"] == "http" and self.scope["method"] not in ("GET", "HEAD", "OPTIONS")


def to_login(asked: Asked) -> Refused:
    """To the login page. A link on another site first leads here once more: only then the cookie comes, if there is
    one, since browsers keep a SameSite=Strict cookie from requests that other sites have begun.
    """
    query = asked.scope["query_string"].decode("latin-1")
    there = quote(asked.scope["path"]) + (f"?{query}" if query else "")
    if is_foreign(asked.head):
        return Refused(200, "login", "once more", page=AGAIN.format(html.escape(there)))
    return Refused(303, "login", "log in first", {"location": f"{LOGIN}?next={quote(there, safe='')}"})
