"""What can be wrong with bytes that claim to be ASTERIX: a fixed stock of faults, numbered as in the kernels."""

from __future__ import annotations

from lowsky.kernels import asterix_items as steps

FAULTS: dict[int, str] = {
    steps.CUT: "reaches beyond the end of its datablock",
    steps.UNDEFINED: "is named by the field specification but not defined in this edition",
    steps.EMPTY: "has a field specification that names nothing",
    steps.NO_LENGTH: "has the length 0",
    steps.SHORT: "has a length below that of its header and a record",
    steps.LONG: "is longer than what was received of it",
    steps.GARBAGE: "is no datablock",
}
"""Number of a fault to the clause that says it."""


class AsterixError(ValueError):
    """Bytes that are no record, or items that cannot be written."""

    def __init__(self, subject: str, fault: int, octet: int) -> None:
        """`subject` is what is wrong ("item 120 of category 048"), `octet` where, from the start of the data."""
        super().__init__(f"octet {octet}: {subject} {FAULTS[fault]}")
        self.fault, self.octet = fault, octet
