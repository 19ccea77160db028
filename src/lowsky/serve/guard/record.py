"""What the guard puts into the audit, and how it keeps whoever is refused from filling the disk."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.types import Scope

from lowsky.serve.accounts import Visitor
from lowsky.serve.audit import Audit, Entry, FullError
from lowsky.serve.route import Role, Route

from .addresses import Client
from .rates import Buckets
from .refusal import Refused

REFUSALS_PER_S = 1.0  # audited for one visitor and address; the rest is counted in the next line
REFUSALS_BURST = 60
ALL_PER_S = 10.0  # audited refusals of everybody who is not logged in, however many addresses they have
ALL_BURST = 500
UNLOOKED = (429, 503)  # a login that nobody has looked at; wrong ones are limited by what their hashes take
UNWRITABLE = "the audit cannot be written, so nothing can be changed; the server's log says why"
log = structlog.get_logger(__name__)


class Recorder:
    """Writes one line for each change and each refusal that matters."""

    def __init__(self, audit: Audit, clock: Callable[[], float]) -> None:
        self._audit = audit
        self._refusals = Buckets(REFUSALS_PER_S, REFUSALS_BURST, clock)
        self._strangers = Buckets(ALL_PER_S, ALL_BURST, clock)
        self._left_out = 0
        self._failed = False

    async def check(self) -> None:
        """Refuse a change while the audit cannot be written; once it failed, a line of its own must succeed first.

        Raises:
            Refused: 503.
        """
        if self._failed:
            await self._write(Entry("system", "", "", "audit goes on", "done"))

    async def done(self, visitor: Visitor, client: Client, route: Route | None, scope: Scope, status: int) -> None:
        """A handler has answered with this status; what it left in `request.state.audit` goes into the line.

        Raises:
            Refused: 503, if the line could not be written.
        """
        if status in UNLOOKED and visitor.role is Role.PUBLIC and self._is_too_much(visitor, client):
            return
        left = {str(name): str(value) for name, value in scope["state"]["audit"].items()}
        who, role = left.pop("who", visitor.who), left.pop("role", visitor.role.value)
        action = left.pop("action", "") or (f"{route.method} {route.path}" if route is not None else "")
        target = left.pop("target", scope["path"])
        outcome = left.pop("outcome", "done" if status < 400 else "refused" if status < 500 else "failed")
        await self._write(
            Entry(
                who,
                role,
                client.address,
                action,
                outcome,
                target,
                left | {"status": str(status)} | self._left_out_before(),
            )
        )

    async def refused(self, visitor: Visitor, client: Client, scope: Scope, reason: str) -> None:
        """The guard has said no. Refusals are written at a bounded pace, and those left out are counted."""
        if self._is_too_much(visitor, client):
            return
        detail = {"reason": reason} | self._left_out_before()
        action = f"{scope.get('method', 'WEBSOCKET')} refused"
        try:
            await self._write(
                Entry(visitor.who, visitor.role.value, client.address, action, "refused", scope["path"], detail)
            )
        except Refused:
            self._left_out += 1  # it is refused anyway; the log has the reason

    def _is_too_much(self, visitor: Visitor, client: Client) -> bool:
        """Whether a refusal is left out, and counted."""
        too_much = self._refusals.take(f"{visitor.who} {client.key}") > 0.0
        if not too_much and visitor.role is Role.PUBLIC:
            too_much = self._strangers.take("") > 0.0
        self._left_out += too_much
        return too_much

    def _left_out_before(self) -> dict[str, str]:
        """The count of what was left out, for the next line."""
        left_out, self._left_out = self._left_out, 0
        return {"left_out_before": str(left_out)} if left_out else {}

    async def _write(self, entry: Entry) -> None:
        try:
            await self._audit.write(entry)
            self._failed = False
        except (OSError, FullError) as error:
            self._failed = True
            log.error("audit cannot be written", error=str(error) or "too much waits for the disk")
            raise Refused(503, "audit", UNWRITABLE) from None
