"""The layouts of categories from their files in `categories/`: facts of the EUROCONTROL specifications, one file each.

    category 048 Monoradar target reports      number and title; "048re" is the reserved expansion field of 048
    editions 1.27 ... 1.32                     those described, the last is the default
    profile [1.27-1.31]                        what follows holds for these editions only; without: for all
        010 140 020 ...                        order of the field specification; "-" not defined, RFS: random sequence
    select 020 TYP plot track                  the first bit of item 020 chooses between two profiles by name
    fspec 1 octet                              the field specification has no FX (expansion fields)

    020 Target Report Descriptor               an item and its title, then one layout, or one for each edition:
        [1.27-1.30] ext TYP 3, SIM 1, ..., fx, TST 1, ..., fx
        [1.31 1.32] ext ...

Layouts: fields alone (`RHO 16 u*1/2^8 NM, THETA 16 u*360/2^16 °`), `ext` fields with `fx` (the last part may have
none), `rep1`, `rep2` (octets of the count) or `repfx` and the fields of an element, `explicit`, `compound` and a line
for each subitem, deeper by four. A field is its name (none where the item is one value; "-" is spare), bits, and how
they are read: nothing (a number that is a code), u or s (unsigned, two's complement), `*` the value of the last bit and
a unit, ascii, octal, icao (Annex 10, six bits a character); or a group of fields in parentheses. `u*A if IM=0 else u*B
if IM=1` goes by a field before it. A line that ends with a comma goes on in the next.

Where one may doubt: the velocity and acceleration of category 010 count quarters of m/s and m/s²; that alone fits the
ranges given with them. Expansion fields of categories 010, 015, 020, 034, 063 and 065 and all special purpose fields
are octets: nothing is published or it belongs to makers.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

from .layout import (
    ASCII,
    ICAO,
    OCTAL,
    RAW,
    SIGNED,
    UNSIGNED,
    Category,
    Compound,
    Explicit,
    Extended,
    Field,
    Fixed,
    Layout,
    Profile,
    Repetitive,
    Scale,
)

CATEGORIES = (1, 2, 10, 15, 16, 19, 20, 21, 34, 48, 62, 63, 65, 129, 205, 240)
EXPANSIONS = ("021re", "048re", "062re")
INDENT = 4
_WORDS = {"ascii": ASCII, "icao": ICAO, "octal": OCTAL, "u": UNSIGNED, "s": SIGNED}
_RANGE = re.compile(r"\[([^]]*)\] ?")
_COMMA = re.compile(r",\s*(?![^()]*\))")  # none inside parentheses


def name_of(category: int | str) -> str:
    """The name of a category's file: 48, "48" and "048" are "048", "48re" is "048re"."""
    text = str(category).lower()
    number, rest = (text[:-2], "re") if text.endswith("re") else (text, "")
    return f"{int(number):03d}{rest}" if number.isdigit() else text


@cache
def editions(name: str) -> tuple[str, ...]:
    """The editions described of a category, the newest last.

    Raises:
        KeyError: if the category is not described.
    """
    return tuple(_header(_text(name))["editions"].split())


def category(name: str, edition: str = "") -> Category:
    """One edition ("": the newest) of a category.

    Raises:
        KeyError: if the category or this edition of it is not described.
    """
    known = editions(name)
    edition = edition or known[-1]
    if edition not in known:
        raise KeyError(f"edition {edition!r} of category {name} is not one of {', '.join(known)}")
    return _read(name, edition)


@cache
def _read(name: str, edition: str) -> Category:
    text, known = _text(name), editions(name)
    header = _header(text)
    items: dict[str, Layout] = {}
    titles: dict[str, str] = {}
    profiles = []
    for head, body in _blocks(_lines(text)):
        word, _, rest = head.partition(" ")
        if word == "profile":
            if _holds(rest, edition, known):
                profiles.append(Profile(tuple(None if x == "-" else x for x in " ".join(body).split())))
        elif body and (of_edition := _choose(body, edition, known)):
            items[word], titles[word] = _layout(of_edition), rest
    title = header["category"].partition(" ")[2]
    selector, octets = header.get("select", "").partition(" ")[0], int(header.get("fspec", "0").split()[0])
    return Category(name, title, edition, items, titles, tuple(profiles), selector, octets)


def _text(name: str) -> str:
    if name not in EXPANSIONS and name not in {name_of(n) for n in CATEGORIES}:
        raise KeyError(f"category {name} is not described")
    return resources.files(__package__).joinpath("categories", f"{name}.txt").read_text("utf-8")


def _header(text: str) -> dict[str, str]:
    pairs = (line.partition(" ") for line in text.split("\n\n", 1)[0].splitlines() if not line.startswith(" "))
    return {word: rest for word, _, rest in pairs}


def _lines(text: str) -> list[str]:
    """Lines that are not empty, each whole."""
    joined: list[str] = []
    for line in text.splitlines():
        if joined and joined[-1].endswith(","):
            joined[-1] += " " + line.strip()
        elif line.strip():
            joined.append(line.rstrip())
    return joined


def _blocks(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Each line at the margin with the deeper ones after it, these without the indent they share."""
    blocks: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith(" " * INDENT):
            blocks[-1][1].append(line[INDENT:])
        else:
            blocks.append((line, []))
    return blocks


def _holds(text: str, edition: str, known: tuple[str, ...]) -> bool:
    """Whether the range of editions in `text` (none: all) has this one."""
    found = _RANGE.search(text)
    if found is None:
        return True
    for span in found[1].split():
        first, _, last = span.partition("-")
        if known.index(first) <= known.index(edition) <= known.index(last or first):
            return True
    return False


def _choose(body: list[str], edition: str, known: tuple[str, ...]) -> list[str]:
    """The lines of the layout that holds for an edition, the range taken off; none: the edition has no such item."""
    for first, deeper in _blocks(body):
        if _holds(first, edition, known):
            return [_RANGE.sub("", first, count=1) if first.startswith("[") else first, *deeper]
    return []


def _layout(lines: list[str]) -> Layout:
    first = lines[0]
    word, _, rest = first.partition(" ")
    if word == "compound":
        return Compound(tuple(_subitem(head, deeper) for head, deeper in _blocks(lines[1:])))
    if word == "explicit":
        return Explicit()
    if word == "ext":
        parts = re.split(r",\s*fx(?:,\s*|$)", rest)
        return Extended(tuple(_fixed(part) for part in parts if part))
    if word.startswith("rep"):
        return Repetitive(_fixed(rest), 0 if word == "repfx" else int(word[3:]))
    return _fixed(first)


def _subitem(head: str, deeper: list[str]) -> tuple[str, Layout] | None:
    if head == "-":
        return None
    name, _, text = head.partition(" = ")
    return name, _layout([text, *(" " * INDENT + line for line in deeper)] if text == "compound" else [text])


def _fixed(text: str) -> Fixed:
    return Fixed(tuple(_field(part) for part in _COMMA.split(text)))


def _field(text: str) -> Field:
    if text.endswith(")"):
        name, _, inner = text[:-1].partition(" (")
        group = tuple(_field(part) for part in _COMMA.split(inner))
        return Field(name, sum(f.bits for f in group), group=group)
    words = text.split(" ", 2)
    if words[0].isdigit():
        words.insert(0, "")
        words[2:] = [" ".join(words[2:])] if len(words) > 2 else []
    name, bits, rest = (*words, "")[:3]
    if " if " in rest:
        return Field(name, int(bits), depends=_dependence(rest))
    return Field(name, int(bits), _scale(rest))


def _dependence(text: str) -> tuple[str, tuple[tuple[int, Scale], ...]]:
    """`u*A if IM=0 else u*B if IM=1`: the field's name, and the scale for each of its values."""
    cases = [case.partition(" if ") for case in text.split(" else ")]
    by_value = tuple((int(when.partition("=")[2]), _scale(how)) for how, _, when in cases)
    return cases[0][2].partition("=")[0], by_value


def _scale(text: str) -> Scale:
    how, _, unit = text.partition(" ")
    kind, _, lsb = how.partition("*")
    return Scale(_WORDS.get(kind, RAW), _number(lsb) if lsb else None, unit)


def _number(text: str) -> float:
    """`360/2^16`, `0.25`."""
    above, _, power = text.partition("/2^")
    return float(above) / 2.0 ** int(power) if power else float(above)
