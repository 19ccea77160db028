"""What the configuration of a source of ASTERIX may say beside its sensors."""

from __future__ import annotations

from typing import Literal

import msgspec

from lowsky.model.errors import InputError

from ..formats import Options
from .description import CATEGORIES, category, editions, name_of
from .layout import Category


class AsterixOptions(Options, frozen=True, kw_only=True):
    """`sensors` names senders as SAC/SIC: `sensors = {"25/201" = "radar-1"}`."""

    editions: dict[str, str] = msgspec.field(default_factory=dict)  # category to edition, if not the newest
    reports: Literal["auto", "plots", "tracks", "all"] = "auto"  # of a sensor that sends both, see docs
    range_rate: Literal["receding", "approaching"] = "receding"  # what the sensor means by a positive Doppler velocity

    def categories(self) -> dict[int, Category]:
        """Every described category by number, in the edition that is chosen.

        Raises:
            InputError: naming what is not described.
        """
        chosen = {name_of(name): edition for name, edition in self.editions.items()}
        known = {name_of(number): number for number in CATEGORIES}
        for name, edition in chosen.items():
            if name not in known:
                raise InputError(f"editions.{name}: category {name} is not described; {', '.join(known)} are")
            if edition not in editions(name):
                found = ", ".join(editions(name))
                raise InputError(f"editions.{name}: edition {edition!r} is not described; {found} are")
        return {number: category(name, chosen.get(name, "")) for name, number in known.items()}
