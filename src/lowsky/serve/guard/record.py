"""What the guard puts into the audit, and how it keeps whoever is refused from filling the disk."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.types import Scope

from lowsky.serve.accounts import Visitor
from lowsky.serve.audit import Audit, Entry, FullError
from lowsky.serve.route import Route

from .addresses import Client
from .rates import Buckets
from .refusal import Refused

REFUSALS_PER_S = 1.0  # audited for one visitor and address; the rest is counted in the next line
REFUSALS_BURST = 60
UNWRITABLE = "the audit cannot be written, so nothing can be changed; the server's log says why"
log = structlog.get_logger(__name__)


class Recorder:
    """Writes one line for each change and each refusal that matters."""

    def __init__(self, audit: Audit, clock: Callable[[], float]) -> None:
        self._audit = audit
        self._refusals = Buckets(REFUSALS_PER_S, REFUSALS_BURST, clock)
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
        left = {str(name): str(value) for name, value in scope["state"]["audit"].items()}
        who, role = left.pop("who", visitor.who), left.pop("role", visitor.role.value)
        action = left.pop("action", "") or (f"{route.method} {route.path}" if route is not None else "")
        target = left.pop("target", scope["path"])
        outcome = left.pop("outcome", "done" if status < 400 else "refused" if status < 500 else "failed")
        await self._write(Entry(who, role, client.address, action, outcome, target, left | {"status": str(status)}))

    async def refused(self, visitor: Visitor, client: Client, scope: Scope, reason: str) -> None:
        """The guard has said no. Refusals are written at a bounded pace, and those left out are counted."""
        if self._refusals.take(f"{visitor.who} {client.key}") > 0.0:
            self._left_out += 1
            return
        detail = {"reason": reason}
        if self._left_out:
            detail["left_out_before"] = str(self._left_out)
            self._left_out = 0
        action = f"{scope.get('method', 'WEBSOCKET')} refused"
        try:
            await self._write(
                Entry(visitor.who, visitor.role.value, client.address, action, "refused", scope["path"], detail)
            )
        except Refused:
            self._left_out += 1  # it is refused anyway; the log has the reason

    async def _write(self, entry: Entry) -> None:
        try:
            await self._audit.write(entry)
            self._failed = False
        except (OSError, FullError) as error:
            self._failed = True
            log.error("audit cannot be written", error=str(error) or "too much waits for the disk")
            raise Refused(503, "audit", UNWRITABLE) from None
