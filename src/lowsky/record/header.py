"""The header of a segment: what made the recording, and everything the core was set up with.

A replay is identical to the bit where the versions and the kind of processor are the same; `differences` says what is
not. Versions are those of the packages that compute, and of lowsky's compiled kernels.
"""

from __future__ import annotations

import hashlib
import platform
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from numba.core.registry import cpu_target
from numpy.typing import NDArray

from lowsky import __version__
from lowsky.core import CoreState, new_state, restore_state
from lowsky.model.place import Place
from lowsky.model.sensor import Site

from .frames import DamageError
from .payloads import Layout, check_layout, put_json, take_json

PACKAGES = ("numpy", "numba", "llvmlite")
ROOMS = ("model", "kernels", "sensing", "tracking", "assess", "core")  # whose code makes results


@dataclass(frozen=True, slots=True)
class Machine:
    """What the bits of a result depend on besides input and configuration."""

    lowsky: str
    code: str  # hash of the source of what computes
    python: str
    packages: dict[str, str]
    processor: str  # its family, as the compiler names it
    features: str  # what the compiler may use of it
    system: str


@cache
def code_hash() -> str:
    """Hash (16 hexadecimal digits) of the source of all rooms that make results."""
    digest = hashlib.sha256()
    root = Path(__file__).resolve().parent.parent
    for path in sorted(p for room in ROOMS for p in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@cache
def this_machine() -> Machine:
    """The machine, and the versions, of this process."""
    _, processor, features = cpu_target.target_context.codegen().magic_tuple()
    return Machine(
        lowsky=__version__,
        code=code_hash(),
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
        processor=str(processor),
        features=",".join(sorted(f for f in str(features).split(",") if f.startswith("+"))),
        system=f"{sys.platform} {platform.machine()}",
    )


def differences(recorded: Machine, here: Machine) -> list[str]:
    """In what two machines differ so that results may differ in their last bits; one clause each."""
    found = []
    if (recorded.lowsky, recorded.code) != (here.lowsky, here.code):
        found.append(f"lowsky {recorded.lowsky} ({recorded.code}), here {here.lowsky} ({here.code})")
    for name in ("python", "processor", "system"):
        if getattr(recorded, name) != getattr(here, name):
            found.append(f"{name} {getattr(recorded, name)}, here {getattr(here, name)}")
    for name in PACKAGES:
        ours, theirs = here.packages.get(name, "none"), recorded.packages.get(name, "none")
        if ours != theirs:
            found.append(f"{name} {theirs}, here {ours}")
    if recorded.features != here.features and recorded.processor == here.processor:
        found.append("other features of the processor")
    return found


@dataclass(frozen=True, slots=True)
class Setup:
    """Everything the core was set up with. Places can be changed by actions later; these are the first ones."""

    site: Site
    settings: Any = None  # as `new_state` takes them; None: the defaults
    places: tuple[Place, ...] = ()
    rules: Any = None

    def fresh(self) -> CoreState:
        """The core before anything was received."""
        return new_state(self.site, self.settings, self.places, self.rules)

    def restored(self, tables: dict[str, NDArray[Any]]) -> CoreState:
        """The core as it was saved.

        Raises:
            ValueError: if the tables were not saved under this setup.
        """
        return restore_state(self.site, self.settings, self.places, self.rules, tables)


@dataclass(frozen=True, slots=True)
class Header:
    """The first frame of a segment."""

    recording: str  # id of the recording, 32 hexadecimal digits
    machine: Machine
    setup: Setup
    reserved: int = 0  # public numbers up to this one may be in use
    name: str = ""  # of the site
    layout: Layout = field(default_factory=Layout)


_GIVEN = get_type_hints(new_state)  # the types of settings and rules, which are not this room's


def put_header(header: Header) -> bytes:
    """The header as JSON.

    Raises:
        ValueError: if it would not come back the same: a number in it is NaN.
    """
    text = put_json(header)
    if take_header(text, "the header") != header:
        raise ValueError("the setup of the core holds a value that a recording cannot keep: a number is NaN")
    return text


def take_header(text: bytes, source: str) -> Header:
    """What `put_header` wrote.

    Raises:
        DamageError: if it is none, or tells of columns that are not known; `source` names the file.
    """
    header = take_json(text, Header)
    check_layout(header.layout, source)
    setup = header.setup
    try:
        settings, rules = (msgspec.convert(getattr(setup, name), _GIVEN[name]) for name in ("settings", "rules"))
    except msgspec.MsgspecError as error:
        raise DamageError(f"settings or rules cannot be read: {error}") from None
    return replace(header, setup=replace(setup, settings=settings, rules=rules))
