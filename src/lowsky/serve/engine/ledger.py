"""The ledger: every report that a source handed on is somewhere, and one can see where.

from the wire    received = used + ignored + rejected            each source's own books (sources.keeper)
to the core      handed on = dropped + waiting + turning + taken  the inbox, and the core's turns
    in the core      taken = used + late + duplicate + incomplete + aside + waiting  its counters, less what was before
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..answers.books import CoreBooks
from .inbox import Inbox

FATES = ("used", "late", "duplicate", "incomplete", "aside", "waiting")  # each report the core took has one


@dataclass(slots=True)
class Ledger:
    """What the core took since this process began."""

    taken: int = 0
    before: dict[str, int] = field(default_factory=dict)  # the core's counters when it was taken over from a recording

    def begun(self, counts: dict[str, int]) -> None:
        """The core is there; what it has counted before is not this process's."""
        self.before = dict(counts)

    def consumed(self, reports: int) -> None:
        """A turn of the core has taken so many."""
        self.taken += reports

    def books(self, inbox: Inbox, counts: dict[str, int]) -> CoreBooks:
        """Where every report is; `counts` are the core's after the last turn."""
        dropped, waiting, handed_on = inbox.dropped.total(), inbox.waiting, inbox.handed_on
        fates = {name: counts.get(name, 0) - self.before.get(name, 0) for name in FATES} if counts else {}
        turning = handed_on - dropped - waiting - self.taken
        return CoreBooks(
            handed_on=handed_on,
            dropped=dropped,
            waiting=waiting,
            turning=turning,
            taken=self.taken,
            fates=fates,
            unaccounted=self.taken - sum(fates.values()),
        )
