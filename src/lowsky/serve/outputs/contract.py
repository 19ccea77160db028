"""The contract of an output.

An output's *way* is anything with a `name`, a `kind`, a `to` (where it goes, without what may be secret) and a
coroutine `run(house, books)` that tells the picture until it is cancelled. It opens what it needs inside `run` and
closes it on the way out, within `GOODBYE_S`. It raises when it broke: it is then run again, later each time. What it
must remember from one run to the next stands in the object itself.

The house shows; a way pulls. `house.tick` gives the newest picture and nothing older, so a slow way has no queue that
could grow: what it was too slow for is counted as skipped. Nothing a way does is waited for by anybody.

A kind of output is declared by one `OutputKind`, named `KIND`, in its own module, which is listed in
`lowsky.serve.outputs.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from lowsky.model.air import Air
from lowsky.model.bearing import Bearing
from lowsky.model.people import FriendPlace
from lowsky.model.place import Place
from lowsky.model.sensor import Site

from ..answers.notices import Notice
from ..answers.sensors import SensorInfo
from ..answers.site import Health, PlaceInfo
from ..net.link import Link

GOODBYE_S = 3.0  # that a way gets to close what it opened when the server stops


class House(Protocol):
    """What one output may look at. All times are the server's; everything but `tick` returns at once."""

    @property
    def site(self) -> Site: ...
    @property
    def site_id(self) -> str: ...
    @property
    def site_name(self) -> str: ...
    @property
    def drill(self) -> bool: ...
    @property
    def objects(self) -> int:
        """How many are in the picture now."""
        ...

    @property
    def notices(self) -> tuple[Notice, ...]:
        """Standing ones and those that ended in the last ten minutes, the most urgent first."""
        ...

    @property
    def places(self) -> tuple[PlaceInfo, ...]:
        """Every protected place, with where a vessel is now."""
        ...

    @property
    def place_rows(self) -> tuple[Place, ...]:
        """The same as plain values of the model."""
        ...

    @property
    def sensors(self) -> tuple[SensorInfo, ...]:
        """Every sensor in the order of the site, with how it does."""
        ...

    def now_ns(self) -> int: ...
    def health(self) -> Health: ...
    def bearings(self, since_ns: int) -> tuple[Bearing, ...]:
        """Directions received after `since_ns`, oldest first: those of the last `shown.KEPT_NS` at most."""
        ...

    def acknowledge(self, notice: int, who: str) -> None:
        """People at the other end have seen a notice; `who`: the output's name."""
        ...

    def hear_friends(self, friends: tuple[FriendPlace, ...]) -> None:
        """People at the other end say where they are."""
        ...

    async def tick(self, period_s: float = 0.0) -> Air:
        """The picture of a tick newer than the last one given to this output: confirmed and coasting objects, and once,
        with status ENDED and where they were last, objects of the last one given that are no longer in the picture.

        With a period it is the first in its own stretch of `period_s` (whole multiples in UTC), so that outputs of one
        period tell the same picture. May be cancelled (a timeout) without losing anything.
        """
        ...


class Books(Protocol):
    """Where a way says what it does; every method returns at once."""

    def say(self, state: str, message: str = "") -> None:
        """Where it stands: starting, running or waiting (nobody is there to be told)."""
        ...

    def sent(self, size: int, messages: int = 1) -> None:
        """So many bytes in so many messages left."""
        ...

    def dropped(self, messages: int, why: str) -> None:
        """Messages that did not leave, because nobody took them."""
        ...

    def failed(self, sentence: str) -> None:
        """Something went wrong that does not end the run."""
        ...


class Way(Protocol):
    """One output."""

    name: str
    kind: str
    to: str

    async def run(self, house: House, books: Books) -> None: ...


class OutputOptions(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What the configuration of any output says beside `to` and what belongs to its address; a kind with more to say
    derives from it."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Setting:
    """Where an output is made."""

    here: str  # begins every error: file and table
    folder: Path  # that relative paths start from
    site: Site
    link: Link  # where it goes: `to`, with certificates and login


@dataclass(frozen=True, slots=True)
class OutputKind:
    """One kind of output. `make` raises InputError naming file, field and value."""

    name: str
    title: str  # for people
    schemes: tuple[str, ...]  # of addresses that it can go to
    options: type[OutputOptions]
    make: Callable[[Any, Setting], Way] = field(repr=False)
