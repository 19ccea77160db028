"""Which row each sensor has, and which places the file named: kept beside the recording over the next start.

Reports in the journal, and the core's state, point at a sensor by its row. The file is written before the core hears of
new sensors; so it never knows fewer than the core does. Places that were drawn on the map stay unless the file names
others than it did before; what it did before stands here.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import structlog

from lowsky.model.place import Place, places_text
from lowsky.model.roster import changed_roster
from lowsky.model.sensor import Origin, Sensor, Site, site_of

FILE_NAME = "roster.json"
log = structlog.get_logger("lowsky.roster")


class Kept(msgspec.Struct, frozen=True):
    """What the file holds."""

    site: Site
    places: str  # as an action carries them (model.place)


class Roster:
    """The site of a recording folder; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        """A file that cannot be read is said; sensors then have the rows of the configuration."""
        self._path = None if folder is None else folder / FILE_NAME
        self._kept: Site | None = None
        self.places: str | None = None  # that the configuration named when it was last in force, None: not known
        if self._path is None:
            return
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=Kept)
            self._kept, self.places = kept.site, kept.places
        except FileNotFoundError:
            pass
        except (OSError, msgspec.MsgspecError) as error:
            log.error("the roster of sensors cannot be read", file=str(self._path), reason=str(error))

    def site(self, sensors: tuple[Sensor, ...], origin: Origin | None = None) -> Site:
        """The site of the sensors: those known from before keep their rows, and the frame its origin.

        Args:
            sensors: at least one.
            origin: of the frame, if one is wanted; None: that of before, else the middle of the sensors.
        """
        given = site_of(sensors).origin if origin is None else origin
        if self._kept is None or (origin is not None and origin != self._kept.origin):
            return Site(sensors, given)
        try:
            return Site(changed_roster(self._kept.sensors, sensors), self._kept.origin)
        except ValueError as error:
            log.warning("the sensors cannot have the rows they had; the picture begins anew", reason=str(error))
            return Site(sensors, given)

    def keep(self, site: Site, places: tuple[Place, ...]) -> None:
        """Keep the rows of a site, and the places of the configuration, over the next start.

        Raises:
            OSError: if they cannot be written.
        """
        self._kept, self.places = site, places_text(places)
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            part.write_bytes(msgspec.json.encode(Kept(site, self.places)))
            os.replace(part, self._path)
