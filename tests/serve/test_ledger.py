"""The ledger balances, whatever is put, dropped and taken, and in whatever order it is looked at."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.report import report_batch
from lowsky.serve.clock import Clock
from lowsky.serve.engine.inbox import Inbox
from lowsky.serve.engine.ledger import FATES, Ledger

ROOM = 50
ACTS = st.tuples(st.just("put"), st.integers(0, 40)) | st.tuples(st.just("turn"), st.integers(0, 3))


@given(st.lists(ACTS, max_size=40))
def test_every_report_is_somewhere(acts: list[tuple[str, int]]) -> None:
    inbox, ledger = Inbox(Clock(), ROOM), Ledger()
    counts = {name: 7 * i for i, name in enumerate(FATES)} | {"looks": 3}
    ledger.begun(counts)
    put = 0
    turning: list[int] = []
    for act, number in acts:
        if act == "put":
            put += number
            rows = np.zeros(number, dtype=np.int64)
            inbox.put("source", report_batch(number, sensor=rows, time_ns=rows, received_ns=rows), None)
        else:
            taken = sum(len(x.reports) for x in inbox.drain().letters if x.reports is not None)
            turning.append(taken)
            if number:  # and the results of all turns so far have come
                for count in turning:
                    counts[FATES[number]] += count
                    ledger.consumed(count)
                turning.clear()
        books = ledger.books(inbox, counts)
        assert books.handed_on == put == books.dropped + books.waiting + books.turning + books.taken
        assert books.turning == sum(turning)
        assert books.taken == sum(books.fates.values())
        assert books.unaccounted == 0


def test_what_is_missing_shows() -> None:
    inbox, ledger = Inbox(Clock()), Ledger()
    ledger.consumed(5)
    assert ledger.books(inbox, {"used": 3}).unaccounted == 2
