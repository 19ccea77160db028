"""Everything that is wrong with a message, as sentences that name the field and its value.

    faults_of(message, rules=HARNESS) -> tuple[Fault, ...]     empty: it keeps the rules
    check_bytes(data, rules=HARNESS) -> (message or None, faults)
    check_json(text, rules=HARNESS) -> (message or None, faults)
    sentences(faults) -> list[str]                              for an Error message or a registration_ack

What is checked: fields, choices and lists that the options call mandatory are there and say something (no blank text,
no "unspecified" enumeration); nothing is there that the standard has not (unknown fields and unknown numbers of
enumerations, at every depth); identifiers have their shape; times are times and numbers finite; and the tables of
`lowsky.wire.sapient.rules`. A plan is made once for each kind of message from its descriptor, so that a message costs
one walk over the fields that it has. What belongs to a connection, time above all, is in `timing`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from . import rules as tables
from .ids import is_ulid, is_uuid4
from .messages import (
    NS_PER_S,
    PACKAGE,
    Descriptor,
    FieldDescriptor,
    OneofDescriptor,
    SapientMessage,
    UnknownFieldSet,
    UnreadableError,
    decode,
    field_options,
    from_json,
    oneof_options,
)
from .rules import HARNESS, Rules

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
_UNREADABLE, _MISSING, _EMPTY, _FIELD, _ENUM, _ID, _VERSION, _TIME, _RANGE, _CONTRADICTION = KINDS
MAX_SHOWN = 60  # characters of a bad value
FLOAT_DIGITS, DOUBLE_DIGITS = 7, 10  # of a bad number
SECONDS = (-62_135_596_800, 253_402_300_799)  # of a protobuf Timestamp: the years 1 to 9999

_Faults = list["Fault"]
_Check = Callable[[Any], _Faults | None]


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


def faults_of(message: SapientMessage, rules: Rules = HARNESS) -> tuple[Fault, ...]:
    """What is wrong with a message, in the order of its fields; at most `MAX_FAULTS`."""
    return tuple((_plan(SapientMessage.DESCRIPTOR, rules).walk(message) or [])[:MAX_FAULTS])


def check_bytes(data: bytes, rules: Rules = HARNESS) -> tuple[SapientMessage | None, tuple[Fault, ...]]:
    """The message of some bytes, None if they are none, and what is wrong."""
    try:
        message = decode(data)
    except UnreadableError as error:
        return None, (Fault("", _UNREADABLE, f"cannot be read: {error}"),)
    return message, faults_of(message, rules)


def check_json(text: str | bytes, rules: Rules = HARNESS) -> tuple[SapientMessage | None, tuple[Fault, ...]]:
    """The message of its JSON form, None if it is none, and what is wrong."""
    try:
        message = from_json(text)
    except UnreadableError as error:
        return None, (Fault("", _UNREADABLE, f"cannot be read: {error}"),)
    return message, faults_of(message, rules)


def sentences(faults: tuple[Fault, ...]) -> list[str]:
    """The faults as they are told to a peer."""
    return [fault.sentence for fault in faults]


class _Plan:
    """What to look at in one kind of message. Made empty, then filled: messages may hold their own kind."""

    def __init__(self) -> None:
        self.checks: dict[FieldDescriptor, tuple[int, str, _Check | None]] = {}
        self.mandatory: list[FieldDescriptor | OneofDescriptor] = []
        self.consistency: Callable[[Any], tables.Found] | None = None

    def walk(self, message: Any) -> _Faults | None:
        found: _Faults = []
        there = 0
        for field, value in message.ListFields():
            counts, name, check = self.checks[field]
            there += counts
            if check is not None:
                wrong = check(value)
                if wrong:
                    found += [fault.under(name) for fault in wrong[:MAX_FAULTS]]
        if there != len(self.mandatory):
            found += self._missing(message)
        unknown = UnknownFieldSet(message)
        if len(unknown):
            found += _unknown(unknown)
        if self.consistency is not None and not found:
            told = islice(self.consistency(message), MAX_FAULTS)
            found += [Fault(name, _CONTRADICTION, clause) for name, clause in told]
        return found or None

    def _missing(self, message: Any) -> _Faults:
        there = {field for field, _ in message.ListFields()}
        lost = []
        for one in self.mandatory:
            if isinstance(one, OneofDescriptor):
                if message.WhichOneof(one.name) is None:
                    names = ", ".join(field.name for field in one.fields)
                    lost.append(Fault("", _MISSING, f"has no {one.name}: one of {names} is mandatory"))
            elif one not in there:
                words = "has no entry, at least one is mandatory" if one.is_repeated else "is missing, and mandatory"
                lost.append(Fault(one.name, _MISSING, words))
        return lost


def _unknown(fields: Any) -> _Faults:
    told = range(min(len(fields), MAX_FAULTS))
    return [Fault(f"field {fields[i].field_number}", _FIELD, "is unknown to the standard") for i in told]


@cache
def _plan(kind: Descriptor, rules: Rules) -> _Plan:
    return _planned(kind, rules, {})


def _planned(kind: Descriptor, rules: Rules, made: dict[str, _Plan]) -> _Plan:
    if kind.full_name in made:
        return made[kind.full_name]
    plan = made[kind.full_name] = _Plan()
    name = kind.full_name.removeprefix(f"{PACKAGE}.")
    choices = [one for one in kind.oneofs if oneof_options(one).is_mandatory]
    chosen = {field for one in choices for field in one.fields}
    for field in kind.fields:
        needed = field_options(field).is_mandatory or (rules.mandatory_by_text and _key(field) in tables.MANDATORY)
        if needed:
            plan.mandatory.append(field)
        check = _check_of(field, needed or field in chosen, rules, made)
        plan.checks[field] = (int(needed or field in chosen), field.name, check)
    plan.mandatory += choices
    plan.consistency = tables.CONSISTENCY.get(name) if rules.values else None
    return plan


def _key(field: FieldDescriptor) -> str:
    return field.full_name.removeprefix(f"{PACKAGE}.")


def _check_of(field: FieldDescriptor, needed: bool, rules: Rules, made: dict[str, _Plan]) -> _Check | None:
    if field.message_type is not None:
        own = field.message_type.full_name.startswith(PACKAGE)
        check: _Check | None = _planned(field.message_type, rules, made).walk if own else _instant
    else:
        check = _scalar_check(field, needed, rules)
    return _each(check) if check is not None and field.is_repeated else check


def _each(check: _Check) -> _Check:
    def each(values: Any) -> _Faults | None:
        found: _Faults = []
        for i, value in enumerate(values):
            wrong = check(value)
            if wrong:
                found += [fault.under(f"[{i}]") for fault in wrong]
                if len(found) >= MAX_FAULTS:
                    break
        return found or None

    return each


def _scalar_check(field: FieldDescriptor, needed: bool, rules: Rules) -> _Check | None:
    key, said = _key(field), field_options(field)
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


def _identifier(words: str, good: Callable[[str], bool]) -> _Check:
    def check(value: str) -> _Faults | None:
        return None if good(value) else [Fault("", _ID, f"is {_shown(value)}, which is no {words}")]

    return check


def _version(rules: Rules) -> _Check:
    known = " or ".join(repr(version) for version in rules.icd_versions)

    def check(value: str) -> _Faults | None:
        return None if rules.knows_version(value) else [Fault("", _VERSION, f"is {_shown(value)}, not {known}")]

    return check


def _enumeration(field: FieldDescriptor, needed: bool) -> _Check:
    assert field.enum_type is not None
    known = field.enum_type.values_by_number
    unspecified = known[0].name

    def check(value: int) -> _Faults | None:
        if value in known:
            return None if value or not needed else [Fault("", _EMPTY, f"is {unspecified}, and mandatory")]
        return [Fault("", _ENUM, f"is {value}, which {field.enum_type.name} has not")]  # type: ignore[union-attr]

    return check


def _text(value: str) -> _Faults | None:
    return None if value and not value.isspace() else [Fault("", _EMPTY, f"is {_shown(value)}, and mandatory")]


def _number(low: float, high: float, digits: int) -> _Check:
    limits = f"not between {low:.10g} and {high:.10g}" if math.isfinite(high) else f"below {low:.10g}"

    def check(value: float) -> _Faults | None:
        if not math.isfinite(value):
            return [Fault("", _RANGE, f"is {value}, which is no finite number")]
        return None if low <= value <= high else [Fault("", _RANGE, f"is {value:.{digits}g}, {limits}")]

    return check


def _instant(value: Any) -> _Faults | None:
    if SECONDS[0] <= value.seconds <= SECONDS[1] and 0 <= value.nanos < NS_PER_S:
        unknown = UnknownFieldSet(value)
        return _unknown(unknown) if len(unknown) else None
    return [Fault("", _TIME, f"is {value.seconds} s and {value.nanos} ns, which is no time")]


def _shown(value: str) -> str:
    return repr(value if len(value) <= MAX_SHOWN else value[: MAX_SHOWN - 3] + "...")
