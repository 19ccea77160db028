"""What one field may hold: a check for each, made once from its descriptor, the options and the tables of `rules`.

A check takes a value and gives the faults in it, None for none; paths are seen from the field itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import rules as tables
from .ids import is_ulid, is_uuid4
from .messages import NS_PER_S, PACKAGE, FieldDescriptor, UnknownFieldSet, field_options
from .rules import Rules

MAX_FAULTS = 50  # told of one message
KINDS = (
    "unreadable",
    "mandatory field missing",
    "mandatory field empty",
    "unknown field",
    "unknown enumeration value",
    "identifier of a wrong form",
    "version not supported",
    "time is none",
    "number out of range",
    "fields contradict each other",
)
"""All that a `Fault` can be of."""
UNREADABLE, MISSING, EMPTY, FIELD, ENUM, ID, VERSION, TIME, RANGE, CONTRADICTION = KINDS
MAX_SHOWN = 60  # characters of a bad value
FLOAT_DIGITS, DOUBLE_DIGITS = 7, 10  # of a bad number
SECONDS = (-62_135_596_800, 253_402_300_799)  # of a protobuf Timestamp: the years 1 to 9999


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a message."""

    path: str  # of the field, such as "registration.mode_definition[0].task"; "": the message as a whole
    kind: str  # one of KINDS
    clause: str  # what is wrong, with the value

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return f"{self.path or 'the message'} {self.clause}"

    def under(self, path: str) -> Fault:
        """The same, seen from the message that holds this one's in `path`."""
        gap = "." if self.path and not self.path.startswith("[") else ""
        return Fault(f"{path}{gap}{self.path}", self.kind, self.clause)


Faults = list[Fault]
Check = Callable[[Any], Faults | None]


def key_of(field: FieldDescriptor) -> str:
    return field.full_name.removeprefix(f"{PACKAGE}.")


def each_of(check: Check) -> Check:
    def each(values: Any) -> Faults | None:
        found: Faults = []
        for i, value in enumerate(values):
            wrong = check(value)
            if wrong:
                found += [fault.under(f"[{i}]") for fault in wrong]
                if len(found) >= MAX_FAULTS:
                    break
        return found or None

    return each


def unknown_fields(fields: Any) -> Faults:
    told = range(min(len(fields), MAX_FAULTS))
    return [Fault(f"field {fields[i].field_number}", FIELD, "is unknown to the standard") for i in told]


def scalar_check(field: FieldDescriptor, needed: bool, rules: Rules) -> Check | None:
    key, said = key_of(field), field_options(field)
    shape = tables.IDS.get(key, "") if rules.values else ""
    if said.is_uuid or shape == "uuid":
        return _identifier("UUID version 4 in lower case", is_uuid4)
    if said.is_ulid or shape == "ulid":
        return _identifier("ULID", is_ulid)
    if key == "Registration.icd_version":
        return _version(rules)
    if field.enum_type is not None:
        return _enumeration(field, needed)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _text if needed and field.type == FieldDescriptor.TYPE_STRING else None
    low, high = tables.RANGES.get(key, (-math.inf, math.inf)) if rules.values else (-math.inf, math.inf)
    whole = field.cpp_type not in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
    digits = FLOAT_DIGITS if field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT else DOUBLE_DIGITS
    return None if whole and math.isinf(low) else _number(low, high, digits)


def _identifier(words: str, good: Callable[[str], bool]) -> Check:
    def check(value: str) -> Faults | None:
        return None if good(value) else [Fault("", ID, f"is {_shown(value)}, which is no {words}")]

    return check


def _version(rules: Rules) -> Check:
    known = " or ".join(repr(version) for version in rules.icd_versions)

    def check(value: str) -> Faults | None:
        return None if rules.knows_version(value) else [Fault("", VERSION, f"is {_shown(value)}, not {known}")]

    return check


def _enumeration(field: FieldDescriptor, needed: bool) -> Check:
    assert field.enum_type is not None
    known = field.enum_type.values_by_number
    unspecified = known[0].name

    def check(value: int) -> Faults | None:
        if value in known:
            return None if value or not needed else [Fault("", EMPTY, f"is {unspecified}, and mandatory")]
        return [Fault("", ENUM, f"is {value}, which {field.enum_type.name} has not")]  # type: ignore[union-attr]

    return check


def _text(value: str) -> Faults | None:
    return None if value and not value.isspace() else [Fault("", EMPTY, f"is {_shown(value)}, and mandatory")]


def _number(low: float, high: float, digits: int) -> Check:
    limits = f"not between {low:.10g} and {high:.10g}" if math.isfinite(high) else f"below {low:.10g}"

    def check(value: float) -> Faults | None:
        if not math.isfinite(value):
            return [Fault("", RANGE, f"is {value}, which is no finite number")]
        return None if low <= value <= high else [Fault("", RANGE, f"is {value:.{digits}g}, {limits}")]

    return check


def instant(value: Any) -> Faults | None:
    if SECONDS[0] <= value.seconds <= SECONDS[1] and 0 <= value.nanos < NS_PER_S:
        unknown = UnknownFieldSet(value)
        return unknown_fields(unknown) if len(unknown) else None
    return [Fault("", TIME, f"is {value.seconds} s and {value.nanos} ns, which is no time")]


def _shown(value: str) -> str:
    return repr(value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 3] + "...")
