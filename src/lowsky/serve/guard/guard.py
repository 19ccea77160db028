"""The guard: ASGI middleware round the whole server. What it lets through has been checked; what is not declared is
404.

In this order: address and Host; the table of routes; who it is (a token or a cookie, never both); rate; whether the
role suffices; whether one of our own pages asks; the body's type, size and pace. The handler then finds in
`request.state`: `visitor`, `user` (for the journal), `client`, `accounts`, `audit` (a dict it may add to).

What changes something is audited, also when it is refused, and the answer leaves when the line is on the disk. Other
refusals are counted in `Guard.refused`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lowsky.serve.accounts import NOBODY, Accounts, Proof, Visitor
from lowsky.serve.accounts.cookie import cookie_name
from lowsky.serve.accounts.secret import same
from lowsky.serve.audit import Audit
from lowsky.serve.route import Role, Route

from .addresses import Hosts, came_through_a_proxy, client_of, networks_of, own_names
from .asked import Asked, to_login
from .body import CLOSE, read_whole, replayed
from .headers import protected
from .match import Table
from .origin import (
    CSRF_HEADER,
    JSON,
    check_made_here,
    check_media,
    check_not_embedded,
    check_socket_origin,
)
from .rates import Buckets
from .record import Recorder
from .refusal import Head, Refused
from .settings import MAX_ADDRESS_CHARACTERS, GuardSettings
from .sockets import Places, Watch

PAGE = "text/html"
log = structlog.get_logger(__name__)


class Guard:
    """The middleware. `accounts.on` must be decided before (see `Accounts.are_on`)."""

    def __init__(
        self,
        app: ASGIApp,
        routes: Iterable[Route],
        accounts: Accounts,
        audit: Audit,
        settings: GuardSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
        refused: Counter[str] | None = None,
    ) -> None:
        """Stand in front of `app`, and count in `refused` what was refused, by reason.

        Raises:
            InputError: if a name or an address of the settings is none.
        """
        self.settings = settings or GuardSettings()
        self.accounts = accounts
        self.refused = Counter() if refused is None else refused
        self._app = app
        self._table = Table(routes)
        self._audit = audit
        self._recorder = Recorder(audit, clock)
        self._trusted = networks_of(self.settings.trusted_proxies)
        self._hosts = Hosts((*self.settings.hosts, *own_names()), loopback_only=not accounts.on)
        self._requests = Buckets(self.settings.requests_per_s, self.settings.requests_burst, clock)
        self._changes = Buckets(self.settings.changes_per_s, self.settings.changes_burst, clock)
        self._places = Places(self.settings)
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, one WebSocket, or the server's start and end."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        peer = scope["client"][0] if scope.get("client") else None
        asked = Asked(scope, Head(scope["headers"]), client_of(peer, scope["scheme"], Head(()), ()))
        try:
            self._check_way(asked, peer)
            asked.route = self._table.find(scope["type"], scope.get("method", ""), scope["path"])
            asked.visitor = self._visitor(asked)
            self._check_rate(asked)
            self._check_role(asked)
            if scope["type"] == "websocket":
                await self._socket(asked, receive, send)
            else:
                await self._request(asked, receive, send)
        except Refused as refusal:
            await self._refuse(asked, refusal, send)

    def _check_way(self, asked: Asked, peer: str | None) -> None:
        """Refuse what came by a way that cannot be trusted, and find the client and our own name."""
        asked.client = client_of(peer, asked.scope["scheme"], asked.head, self._trusted)
        asked.own = self._hosts.check(asked.head, asked.client.scheme)
        if not self.accounts.on and (came_through_a_proxy(asked.head) or not asked.client.loopback):
            raise Refused(403, "accounts", "without accounts the server answers to programs on its own machine only")
        path = asked.scope["path"]
        if asked.head.has("content-length") and asked.head.has("transfer-encoding"):  # where does the body end?
            raise Refused(400, "header", "Content-Length and Transfer-Encoding exclude each other", CLOSE)
        if len(path) + len(asked.scope["query_string"]) > MAX_ADDRESS_CHARACTERS:
            raise Refused(414, "size", f"the address is longer than {MAX_ADDRESS_CHARACTERS} characters", CLOSE)
        if not path.isprintable():
            raise Refused(400, "header", "the address holds characters that no address has")

    def _visitor(self, asked: Asked) -> Visitor:
        """Who it is. A token that is shown counts alone: if it is not good, a cookie does not help."""
        if not self.accounts.on:
            return self.accounts.local
        given = asked.head.one("authorization")
        if given is None:
            return self.accounts.by_cookie(asked.head.cookie(cookie_name(asked.client.scheme)))
        scheme, _, secret = given.partition(" ")
        visitor = self.accounts.by_token(secret.strip()) if scheme.lower() == "bearer" else NOBODY
        if visitor is NOBODY:
            self._check_rate(asked)
            raise Refused(401, "token", "the token is not good (any more)", {"www-authenticate": "Bearer"})
        return visitor

    def _check_rate(self, asked: Asked) -> None:
        wait_s = self._requests.take(asked.key, 1.0 if asked.route is None else asked.route.cost)
        if asked.changes:
            wait_s = max(wait_s, self._changes.take(asked.key))
        if wait_s > 0.0:
            raise Refused(429, "rate", "too many requests", {"retry-after": str(int(wait_s) + 1)})

    def _check_role(self, asked: Asked) -> None:
        route = asked.route
        assert route is not None
        if asked.visitor.may(route.role):
            return
        if asked.visitor.role is not Role.PUBLIC:
            raise Refused(403, "role", f"this needs the role {route.role.value}; yours is {asked.visitor.role.value}")
        if route.media == PAGE and route.method == "GET":
            raise to_login(asked)
        raise Refused(401, "login", "log in first", {"www-authenticate": "Bearer"})

    async def _request(self, asked: Asked, receive: Receive, send: Send) -> None:
        route = asked.route
        assert route is not None
        with_token = asked.visitor.proof is Proof.TOKEN
        if not with_token:
            self._check_site(asked, route)
        if route.changes:
            await self._recorder.check()
            if route.request is not None:
                check_media(asked.head)
            body = await read_whole(receive, asked.head, route.max_body_bytes, self.settings.body_timeout_s)
            receive = replayed(body, receive)
        state = self._state(asked)
        await self._app(state, receive, self._answering(asked, state, send))

    def _check_site(self, asked: Asked, route: Route) -> None:
        if not route.changes:
            check_not_embedded(asked.head, route.media == PAGE)
            return
        check_made_here(asked.head, asked.own)
        if route.role is Role.PUBLIC:
            return  # logging in: there is no session yet that a proof could be bound to
        if not same(asked.head.one(CSRF_HEADER) or "", asked.visitor.csrf):
            raise Refused(403, "csrf", f"the header {CSRF_HEADER} is missing or not that of this session")

    async def _socket(self, asked: Asked, receive: Receive, send: Send) -> None:
        check_socket_origin(asked.head, asked.own, needed=asked.visitor.proof is not Proof.TOKEN)
        visitor = asked.visitor

        def still_good() -> bool:
            now = self.accounts.again(visitor)
            return asked.route is not None and now.may(asked.route.role)

        watch = Watch(receive, send, still_good, self._clock)
        with self._places.place(asked.key, asked.client.key):
            await self._app(self._state(asked), watch.receive, watch.send)

    def _state(self, asked: Asked) -> Scope:
        """The scope for the handler."""
        left = {
            "visitor": asked.visitor,
            "user": asked.visitor.who,
            "client": asked.client,
            "accounts": self.accounts,
            "audit": {},
            "audit_file": self._audit,
        }
        scheme = asked.client.scheme if asked.scope["type"] == "http" else asked.client.scheme.replace("http", "ws")
        return {**asked.scope, "state": {**asked.scope.get("state", {}), **left}, "scheme": scheme}

    def _answering(self, asked: Asked, state: Scope, send: Send) -> Send:
        replaced = False

        async def answer(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                try:
                    if asked.changes:
                        await self._recorder.done(asked.visitor, asked.client, asked.route, state, message["status"])
                except Refused as refusal:
                    replaced = True  # the handler's answer must not leave, and the handler need not know
                    await self._refuse(asked, refusal, send)
                message = {**message, "headers": protected(message.get("headers", ()))}
            if not replaced:
                await send(message)

        return answer

    async def _refuse(self, asked: Asked, refusal: Refused, send: Send) -> None:
        self.refused[refusal.reason] += 1
        if refusal.reason != "audit" and (asked.changes or refusal.reason in ("token", "role")):
            await self._recorder.refused(asked.visitor, asked.client, asked.scope, refusal.reason)
        body = refusal.page.encode() or msgspec.json.encode({"error": refusal.sentence})
        media = PAGE if refusal.page else JSON
        headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in refusal.headers.items()]
        if asked.changes and "connection" not in refusal.headers:
            headers.append((b"connection", b"close"))  # its body has not been read
        headers += [(b"content-type", media.encode()), (b"content-length", str(len(body)).encode())]
        kind = "http.response" if asked.scope["type"] == "http" else "websocket.http.response"
        if kind.startswith("websocket") and "websocket.http.response" not in asked.scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008, "reason": refusal.sentence[:100]})
            return
        await send({"type": f"{kind}.start", "status": refusal.status, "headers": protected(headers)})
        await send({"type": f"{kind}.body", "body": body})
