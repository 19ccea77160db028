"""Messages made from the descriptors alone: whole ones with every field filled, and each of them with one thing wrong.

What is mandatory is read from the options here, apart from how the validator does it. `whole_messages` gives one
message for each content and for each member of every choice in it; `mutations` gives every message that differs from it
in one field: the name of the class of mutation, the path, the message, and whether it is to be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lowsky.wire.sapient import rules
from lowsky.wire.sapient.messages import PACKAGE, FieldDescriptor, SapientMessage, field_options, oneof_options

UUID = "a8654cdf-4328-47de-81fa-c495589e30c8"
OTHER_UUID = "6f582b41-6c88-481c-bb0f-6021a1739f57"
ULID = "01H4R63D7NVN8444Z5M77WEBY7"
DEPTH = 3  # messages of one kind inside each other
NUMBERS = {"Registration.TaskDefinition.concurrent_tasks": 1}
TEXTS = {"Registration.icd_version": rules.ICD_VERSION, "Registration.dependent_nodes": OTHER_UUID}

Mutation = tuple[str, str, SapientMessage, bool]


def key(field: FieldDescriptor) -> str:
    """The name by which the tables know a field."""
    return field.full_name.removeprefix(f"{PACKAGE}.")


def own(field: FieldDescriptor) -> bool:
    """Whether the field is a message of the standard."""
    return field.message_type is not None and field.message_type.full_name.startswith(PACKAGE)


def choice(field: FieldDescriptor) -> Any:
    """The choice that a field is a member of, None: of none (an optional field is no choice)."""
    one = field.containing_oneof
    return None if one is None or one.name.startswith("_") else one


def is_mandatory(field: FieldDescriptor) -> bool:
    """Whether a message without this field is to be refused."""
    one = choice(field)
    if one is not None:
        return bool(oneof_options(one).is_mandatory)
    return bool(field_options(field).is_mandatory) or key(field) in rules.MANDATORY


def is_id(field: FieldDescriptor) -> bool:
    """Whether the field identifies something."""
    said = field_options(field)
    return bool(said.is_uuid or said.is_ulid) or key(field) in rules.IDS


def scalar(field: FieldDescriptor) -> Any:
    """A good value."""
    if key(field) in TEXTS:
        return TEXTS[key(field)]
    if is_id(field):
        return UUID if field_options(field).is_uuid else ULID
    if field.enum_type is not None:
        return field.enum_type.values[1].number
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return b"bytes" if field.type == FieldDescriptor.TYPE_BYTES else "text"
    return NUMBERS.get(key(field), 1)


def fill(message: Any, chosen: dict[str, str], above: tuple[str, ...] = ()) -> None:
    """Give every field a good value; of a choice the member that `chosen` names by its full name, else the first."""
    kind = message.DESCRIPTOR
    for field in kind.fields:
        one = choice(field)
        if one is not None and field.name != chosen.get(one.full_name, one.fields[0].name):
            continue
        if field.message_type is None:
            if field.is_repeated:
                getattr(message, field.name).append(scalar(field))
            else:
                setattr(message, field.name, scalar(field))
        elif above.count(field.message_type.full_name) < DEPTH:
            value = getattr(message, field.name)
            part = value.add() if field.is_repeated else value
            if own(field):
                fill(part, chosen, (*above, field.message_type.full_name))
            else:
                part.seconds = 1_700_000_000


def whole_messages() -> Iterator[tuple[str, SapientMessage]]:
    """One for each content with the first members of all choices, and one more for each other member."""
    for content in SapientMessage.DESCRIPTOR.oneofs_by_name["content"].fields:
        first = {f"{PACKAGE}.SapientMessage.content": content.name}
        yield content.name, made(first)
        for one in _choices(content.message_type, set()):
            for member in one.fields[1:]:
                chosen = first | {one.full_name: member.name} | _partner(member)
                yield f"{content.name} with {key(member)}", made(chosen)


def made(chosen: dict[str, str]) -> SapientMessage:
    """A whole message."""
    message = SapientMessage()
    fill(message, chosen)
    return message


def _partner(member: FieldDescriptor) -> dict[str, str]:
    """Units and datum go together."""
    if not member.full_name.startswith(f"{PACKAGE}.Registration.LocationType."):
        return {}
    other = "datum_oneof" if member.name.endswith("_units") else "coordinates_oneof"
    name = f"{member.name.split('_')[0]}{'_bearing' if member.name.startswith('range') else ''}"
    suffix = "datum" if other == "datum_oneof" else "units"
    return {f"{PACKAGE}.Registration.LocationType.{other}": f"{name}_{suffix}"}


def _choices(kind: Any, seen: set[str]) -> Iterator[Any]:
    if kind.full_name in seen or not kind.full_name.startswith(PACKAGE):
        return
    seen.add(kind.full_name)
    yield from (one for one in kind.oneofs if not one.name.startswith("_") and len(one.fields) > 1)
    for field in kind.fields:
        if field.message_type is not None:
            yield from _choices(field.message_type, seen)


def mutations(message: SapientMessage) -> Iterator[Mutation]:
    """Every message that differs from this one in one field."""
    for steps, field in _places(message, ()):
        for name, change, refused in _changes(field):
            changed = SapientMessage()
            changed.CopyFrom(message)
            holder = changed
            for step, index in steps:
                holder = getattr(holder, step) if index is None else getattr(holder, step)[index]
            change(holder)
            path = ".".join([s if i is None else f"{s}[{i}]" for s, i in steps] + [field.name])
            yield name, path, changed, refused


def _places(message: Any, steps: tuple[tuple[str, int | None], ...]) -> Iterator[tuple[Any, FieldDescriptor]]:
    for field, value in message.ListFields():
        yield steps, field
        if own(field):
            index = 0 if field.is_repeated else None
            yield from _places(value[0] if field.is_repeated else value, (*steps, (field.name, index)))


def _changes(field: FieldDescriptor) -> Iterator[tuple[str, Any, bool]]:
    """Class, what it does to the message that holds the field, whether that is to be refused."""
    name, needed = field.name, is_mandatory(field)

    def put(value: Any) -> Any:
        def change(holder: Any) -> None:
            if field.is_repeated:
                getattr(holder, name)[0] = value
            else:
                setattr(holder, name, value)

        return change

    yield ("mandatory removed" if needed else "optional removed"), lambda holder: holder.ClearField(name), needed
    if own(field):
        yield "unknown field", lambda holder: _spoil(holder, field), True
        return
    if field.message_type is not None:
        yield "no time", lambda holder: setattr(getattr(holder, name), "nanos", -1), True
        yield "no time", lambda holder: setattr(getattr(holder, name), "seconds", 1 << 60), True
    elif field.enum_type is not None:
        yield "unknown enumeration value", put(99), True
        yield ("mandatory unspecified" if needed else "optional unspecified"), put(0), needed
    elif is_id(field):
        for wrong in (
            "",
            "AAA",
            ULID if scalar(field) != ULID else UUID,
            scalar(field).swapcase(),
            scalar(field) + " ",
        ):
            yield "identifier of a wrong form", put(wrong), True
    elif field.type == FieldDescriptor.TYPE_STRING:
        yield ("mandatory blank" if needed else "optional blank"), put(" "), needed
    elif field.cpp_type in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        yield from (("no finite number", put(wrong), True) for wrong in (float("nan"), float("inf"), -float("inf")))
    if key(field) in rules.RANGES:
        low, high = rules.RANGES[key(field)]
        yield "below its range", put(-1 if field.cpp_type == FieldDescriptor.CPPTYPE_INT32 else low - 0.01), True
        if high < 1e9:
            yield "above its range", put(int(high) + 1), True


def _spoil(holder: Any, field: FieldDescriptor) -> None:
    """Put a field 999 that the standard has not into the message that `field` holds."""
    value = getattr(holder, field.name)
    part = value[0] if field.is_repeated else value
    part.MergeFromString(b"\xba\x3e\x01x")
