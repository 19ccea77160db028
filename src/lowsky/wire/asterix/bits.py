"""Fields of bits to values in the unit of the specification and back (EUROCONTROL-SPEC-0149 Part 1, section 4.2).

A value is an int (codes, counts), a float (quantities) or text. Text of six-bit characters (ICAO Annex 10 Vol. IV,
3.1.2.9.1.2) shows a code that is no character as "?"; that alone does not come back as it was.
"""

from __future__ import annotations

from typing import Any

from .layout import ASCII, ICAO, OCTAL, SIGNED, SPARE, Field, Fixed, Scale

Value = Any  # int, float, str, or of groups, lists and compounds dict and list of such

_ICAO = "".join(
    chr(ord("A") + code - 1) if 1 <= code <= 26 else chr(code) if code == 0x20 or 0x30 <= code <= 0x39 else "?"
    for code in range(64)
)
_ICAO_CODE = {letter: code for code, letter in enumerate(_ICAO) if letter != "?"}


def read_fields(fixed: Fixed, number: int) -> Value:
    """The value of an item of one field, else its fields by name; `number` is made of exactly their bits."""
    left = fixed.bits
    found: dict[str, Value] = {}
    for field in fixed.fields:
        left -= field.bits
        bits = (number >> left) & ((1 << field.bits) - 1)
        if field.group:
            found[field.name] = read_fields(Fixed(field.group), bits)
        elif field.name != SPARE:
            found[field.name] = _read(scale_beside(field, found), field.bits, bits)
    return found.get("", found)


def write_fields(fixed: Fixed, value: Value, where: str) -> int:
    """The bits of a value as `read_fields` gives it.

    Raises:
        ValueError: naming `where`, if a field is missing, unknown, or its value has no such bits.
    """
    values = value if isinstance(value, dict) else {"": value}
    if not values.keys() <= fixed.names:
        raise ValueError(f"{where}: there is no field {sorted(values.keys() - fixed.names)[0]!r}")
    number = 0
    for field in fixed.fields:
        name = f"{where}/{field.name}" if field.name else where
        if field.name == SPARE:
            bits = 0
        elif field.name not in values:
            raise ValueError(f"{name} has no value")
        elif field.group:
            bits = write_fields(Fixed(field.group), values[field.name], name)
        else:
            bits = _write(scale_beside(field, values), field.bits, values[field.name], name)
        number = (number << field.bits) | bits
    return number


def scale_beside(field: Field, values: dict[str, Value]) -> Scale:
    """How a field is read beside the fields before it."""
    if field.depends is None:
        return field.scale
    other, scales = field.depends
    return dict(scales).get(values.get(other, -1), field.scale)


def icao_text(bits: int, width: int) -> str:
    """Characters of six bits each; "?" for what is none."""
    return "".join(_ICAO[(bits >> shift) & 63] for shift in range(width - 6, -1, -6))


def _read(scale: Scale, width: int, bits: int) -> Value:
    if scale.kind == OCTAL:
        return f"{bits:0{-(-width // 3)}o}"
    if scale.kind == ASCII:
        return bits.to_bytes(width // 8, "big").decode("latin-1")
    if scale.kind == ICAO:
        return icao_text(bits, width)
    if scale.kind == SIGNED and bits >> (width - 1):
        bits -= 1 << width
    return bits if scale.lsb is None else bits * scale.lsb


def _write(scale: Scale, width: int, value: Value, name: str) -> int:
    if scale.kind in (OCTAL, ASCII, ICAO):
        return _write_text(scale.kind, width, value, name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name}: {value!r} is no number")
    try:
        number = int(value) if scale.lsb is None else round(value / scale.lsb)
    except (OverflowError, ValueError):
        raise ValueError(f"{name}: {value!r} is no number") from None
    low = -(1 << (width - 1)) if scale.kind == SIGNED else 0
    high = low + (1 << width) - 1
    if not low <= number <= high:
        factor = 1 if scale.lsb is None else scale.lsb
        raise ValueError(f"{name}: {value!r} is not between {low * factor:.10g} and {high * factor:.10g} {scale.unit}")
    return number & ((1 << width) - 1)


def _write_text(kind: str, width: int, value: Value, name: str) -> int:
    each = {OCTAL: 3, ASCII: 8, ICAO: 6}[kind]
    length = width // each
    if not isinstance(value, str) or len(value) > length:
        raise ValueError(f"{name}: {value!r} is no text of at most {length} characters")
    number = 0
    for letter in value.rjust(length, "0") if kind == OCTAL else value.ljust(length):
        number = (number << each) | _code(kind, letter, value, name)
    return number


def _code(kind: str, letter: str, value: str, name: str) -> int:
    if kind == ICAO and letter in _ICAO_CODE:
        return _ICAO_CODE[letter]
    if kind == OCTAL and letter in "01234567":
        return int(letter)
    if kind == ASCII and ord(letter) < 256:
        return ord(letter)
    raise ValueError(f"{name}: {value!r} has a character that is none of this field")
