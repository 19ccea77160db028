"""Which row each sensor has: kept beside the recording, so that a restart numbers sensors as before.

Reports in the journal, and the core's state, point at a sensor by its row. The file is written before the core hears of
new sensors; so it never knows fewer than the core does.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import structlog

from lowsky.model.roster import changed_roster
from lowsky.model.sensor import Origin, Sensor, Site, site_of

FILE_NAME = "roster.json"
log = structlog.get_logger("lowsky.roster")


class Roster:
    """The site of a recording folder; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        """A file that cannot be read is said; sensors then have the rows of the configuration."""
        self._path = None if folder is None else folder / FILE_NAME
        self._kept: Site | None = None
        if self._path is None:
            return
        try:
            self._kept = msgspec.json.decode(self._path.read_bytes(), type=Site)
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

    def keep(self, site: Site) -> None:
        """Keep the rows of a site over the next start.

        Raises:
            OSError: if they cannot be written.
        """
        self._kept = site
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            part = self._path.with_suffix(".part")
            part.write_bytes(msgspec.json.encode(site))
            os.replace(part, self._path)
