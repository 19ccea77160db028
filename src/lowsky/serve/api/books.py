"""The route of the books."""

from __future__ import annotations

from starlette.requests import Request

from ..answers.books import Books, WireBooks
from ..sources.contract import Counters
from .request import runtime_of


async def get_books(request: Request, given: None) -> Books:
    """Where everything that was received is: by source, and of reports by what the tracker did with them."""
    runtime = runtime_of(request)
    sources = tuple(_of(keeper.source.name, keeper.counters) for keeper in runtime.keepers)
    core = runtime.ledger.books(runtime.inbox, runtime.board.counts)
    even = all(s.received == s.used + s.ignored + s.rejected for s in sources)
    return Books(sources, core, even and core.turning >= 0 and core.unaccounted == 0)


def _of(name: str, c: Counters) -> WireBooks:
    return WireBooks(name, c.bytes, c.received, c.used, c.ignored.total(), c.rejected.total(), c.reports)
