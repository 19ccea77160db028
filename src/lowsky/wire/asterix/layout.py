"""What an item of ASTERIX can be made of (EUROCONTROL-SPEC-0149 Part 1, section 4.3), as plain data.

Fixed        fields of bits in a known number of octets
Extended     parts of octets, each ending with the bit FX that says whether another follows
Repetitive   a count and as many equal elements, or elements that each end with FX
Explicit     an octet that counts itself and the octets that follow; what they mean is another description
Compound     a field specification as at the head of a record, then the subitems it names
"""

from __future__ import annotations

from dataclasses import dataclass, field

RAW, UNSIGNED, SIGNED, ASCII, ICAO, OCTAL = "raw", "u", "s", "ascii", "icao", "octal"
SPARE = "-"  # name of bits that mean nothing
RANDOM = "RFS"  # name of the profile's place for random field sequencing (Part 1, section 4.3.6)


@dataclass(frozen=True, slots=True)
class Scale:
    """How bits become a number: `lsb` None is a plain integer."""

    kind: str = RAW
    lsb: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """Bits with a name ("" where an item is one value, SPARE for none), or a group of such."""

    name: str
    bits: int
    scale: Scale = Scale()
    group: tuple[Field, ...] = ()
    depends: tuple[str, tuple[tuple[int, Scale], ...]] | None = None  # field beside it, and the scale by its value


@dataclass(frozen=True, slots=True)
class Fixed:
    """Fields from the highest bit on; what is asked at every value is worked out once."""

    fields: tuple[Field, ...]
    bits: int = field(init=False, compare=False, repr=False)  # a whole number of octets unless an FX follows
    names: frozenset[str] = field(init=False, compare=False, repr=False)  # of fields that mean something

    def __post_init__(self) -> None:
        object.__setattr__(self, "bits", sum(f.bits for f in self.fields))
        object.__setattr__(self, "names", frozenset(f.name for f in self.fields) - {SPARE})


@dataclass(frozen=True, slots=True)
class Extended:
    """Parts of whole octets with their FX; the last may have none."""

    parts: tuple[Fixed, ...]

    @property
    def ends(self) -> bool:
        """Whether the last part has no FX, so that nothing can follow it."""
        return self.parts[-1].bits % 8 == 0


@dataclass(frozen=True, slots=True)
class Repetitive:
    """`count_octets` 0: each element ends with FX instead."""

    element: Fixed
    count_octets: int

    @property
    def octets(self) -> int:
        """Of one element."""
        return (self.element.bits + (self.count_octets == 0)) // 8


@dataclass(frozen=True, slots=True)
class Explicit:
    """Octets behind their count."""


@dataclass(frozen=True, slots=True)
class Compound:
    """Subitems by their number in the field specification, None: not defined."""

    subitems: tuple[tuple[str, Layout] | None, ...]


Layout = Fixed | Extended | Repetitive | Explicit | Compound


@dataclass(frozen=True, slots=True)
class Profile:
    """The order of items in the field specification of a record: name, None (not defined) or RANDOM."""

    order: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """One edition of a category, or of the expansion field of one."""

    name: str  # "048", "048re"
    title: str
    edition: str
    items: dict[str, Layout]
    titles: dict[str, str]
    profiles: tuple[Profile, ...]  # more than one: the first bit of item `selector` says which
    selector: str = ""
    fspec_octets: int = 0  # of a field specification without FX, 0: it has FX

    @property
    def number(self) -> int:
        """As in the first octet of a datablock."""
        return int(self.name[:3])


def octets_of(fixed: Fixed) -> int:
    """Octets of fields that fill them."""
    return fixed.bits // 8
