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

from collections.abc import Callable
from functools import cache
from itertools import islice
from typing import Any

from . import rules as tables
from .checks import (
    CONTRADICTION,
    KINDS,
    MAX_FAULTS,
    MISSING,
    UNREADABLE,
    Check,
    Fault,
    Faults,
    each_of,
    instant,
    key_of,
    scalar_check,
    unknown_fields,
)
from .messages import (
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

__all__ = ["KINDS", "MAX_FAULTS", "Fault", "check_bytes", "check_json", "faults_of", "sentences"]


def faults_of(message: SapientMessage, rules: Rules = HARNESS) -> tuple[Fault, ...]:
    """What is wrong with a message, in the order of its fields; at most `MAX_FAULTS`."""
    return tuple((_plan(SapientMessage.DESCRIPTOR, rules).walk(message) or [])[:MAX_FAULTS])


def check_bytes(data: bytes, rules: Rules = HARNESS) -> tuple[SapientMessage | None, tuple[Fault, ...]]:
    """The message of some bytes, None if they are none, and what is wrong."""
    try:
        message = decode(data)
    except UnreadableError as error:
        return None, (Fault("", UNREADABLE, f"cannot be read: {error}"),)
    return message, faults_of(message, rules)


def check_json(text: str | bytes, rules: Rules = HARNESS) -> tuple[SapientMessage | None, tuple[Fault, ...]]:
    """The message of its JSON form, None if it is none, and what is wrong."""
    try:
        message = from_json(text)
    except UnreadableError as error:
        return None, (Fault("", UNREADABLE, f"cannot be read: {error}"),)
    return message, faults_of(message, rules)


def sentences(faults: tuple[Fault, ...]) -> list[str]:
    """The faults as they are told to a peer."""
    return [fault.sentence for fault in faults]


class _Plan:
    """What to look at in one kind of message. Made empty, then filled: messages may hold their own kind."""

    def __init__(self) -> None:
        self.checks: dict[FieldDescriptor, tuple[int, str, Check | None]] = {}
        self.mandatory: list[FieldDescriptor | OneofDescriptor] = []
        self.consistency: Callable[[Any], tables.Found] | None = None

    def walk(self, message: Any) -> Faults | None:
        found: Faults = []
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
            found += unknown_fields(unknown)
        if self.consistency is not None and not found:
            told = islice(self.consistency(message), MAX_FAULTS)
            found += [Fault(name, CONTRADICTION, clause) for name, clause in told]
        return found or None

    def _missing(self, message: Any) -> Faults:
        there = {field for field, _ in message.ListFields()}
        lost = []
        for one in self.mandatory:
            if isinstance(one, OneofDescriptor):
                if message.WhichOneof(one.name) is None:
                    names = ", ".join(field.name for field in one.fields)
                    lost.append(Fault("", MISSING, f"has no {one.name}: one of {names} is mandatory"))
            elif one not in there:
                words = "has no entry, at least one is mandatory" if one.is_repeated else "is missing, and mandatory"
                lost.append(Fault(one.name, MISSING, words))
        return lost


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
        needed = field_options(field).is_mandatory or (rules.mandatory_by_text and key_of(field) in tables.MANDATORY)
        if needed:
            plan.mandatory.append(field)
        check = _check_of(field, needed or field in chosen, rules, made)
        plan.checks[field] = (int(needed or field in chosen), field.name, check)
    plan.mandatory += choices
    plan.consistency = tables.CONSISTENCY.get(name) if rules.values else None
    return plan


def _check_of(field: FieldDescriptor, needed: bool, rules: Rules, made: dict[str, _Plan]) -> Check | None:
    if field.message_type is not None:
        own = field.message_type.full_name.startswith(PACKAGE)
        check: Check | None = _planned(field.message_type, rules, made).walk if own else instant
    else:
        check = scalar_check(field, needed, rules)
    return each_of(check) if check is not None and field.is_repeated else check
