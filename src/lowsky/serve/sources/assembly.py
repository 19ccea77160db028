"""From the configuration to the site's sensors and the sources that feed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from lowsky.model.errors import InputError
from lowsky.model.place import Place
from lowsky.model.sensor import Origin, Sensor, Site
from lowsky.simulate import LiveScene
from lowsky.wire.decoded import Context, Decoder, Weather
from lowsky.wire.table import Scenario

from ..clock import Clock
from ..config.entries import SimulationSource, TableSource
from ..config.site_file import SiteConfig
from ..config.sources import FormatSource
from ..roster import Roster
from . import contract
from .intake import WireSource
from .own import own_source
from .played import PlayedSource, read_table
from .simulated import SimulatedSource, scene_of
from .transports import transport_of


@dataclass(frozen=True, slots=True)
class Loaded:
    """What sources bring with them, by their place in the configuration."""

    tables: dict[int, Scenario]
    scenes: dict[int, LiveScene]

    def sensors(self) -> list[tuple[str, Sensor]]:
        """Every sensor of a table or scene, with the number of its source."""
        sites = [(i, t.site) for i, t in self.tables.items()] + [(i, s.site) for i, s in self.scenes.items()]
        return [(str(i), sensor) for i, site in sorted(sites, key=lambda x: x[0]) for sensor in site.sensors]

    def places(self) -> tuple[Place, ...]:
        """The places of all scenes, each id once."""
        found = {place.id: place for scene in self.scenes.values() for place in scene.places}
        return tuple(found.values())

    def overlay(self) -> dict[str, Any] | None:
        """The map layer of the first scene that has one."""
        return next((s.overlay for s in self.scenes.values() if s.overlay is not None), None)


def load(config: SiteConfig) -> Loaded:
    """Read tables and make scenes.

    Raises:
        InputError: naming file and source.
    """
    tables, scenes = {}, {}
    for index, entry in enumerate(config.sources):
        here = f"{config.path}, sources[{index}]"
        if isinstance(entry, TableSource):
            tables[index] = read_table(entry, config.folder, here)
        elif isinstance(entry, SimulationSource):
            scenes[index] = scene_of(entry, here)
    return Loaded(tables, scenes)


def sensors_for(config: SiteConfig, loaded: Loaded) -> tuple[Sensor, ...]:
    """The configured sensors, and those that tables and scenes bring and the configuration does not name.

    Raises:
        InputError: if there is no sensor at all.
    """
    sensors = {sensor.id: sensor for sensor in config.sensors}
    for _, sensor in loaded.sensors():
        sensors.setdefault(sensor.id, sensor)
    if not sensors:
        raise InputError(f"{config.path}, sensors: a site needs at least one sensor")
    return tuple(sensors.values())


def site_for(config: SiteConfig, loaded: Loaded, roster: Roster) -> Site:
    """The site: its sensors in the rows that they have, and the origin of the frame.

    Raises:
        InputError: if there is no sensor at all.
    """
    given = config.site.origin
    origin = None if given is None else Origin(given.lat, given.lon, given.height_m)
    return roster.site(sensors_for(config, loaded), origin)


def overlay_for(config: SiteConfig, loaded: Loaded) -> bytes | None:
    """The site's own map layer as GeoJSON: the configured file, else that of a scene."""
    if config.overlay is not None:
        return config.overlay.read_bytes()
    scenes = loaded.overlay()
    return None if scenes is None else msgspec.json.encode(scenes)


def make_sources(
    config: SiteConfig, loaded: Loaded, site: Site, clock: Clock, weather: Weather
) -> list[contract.Source]:
    """All sources, not started; heights by pressure go by `weather`, whatever it says then.

    Raises:
        InputError: naming file, source and field, if one means a sensor that there is not, or a file is not there.
    """
    sources: list[contract.Source] = []
    for index, entry in enumerate(config.sources):
        if isinstance(entry, TableSource):
            table = loaded.tables[index]
            lookup = _lookup(table.site, site)
            sources.append(PlayedSource(entry.name, table, lookup, clock, entry.repeat, entry.path))
        elif isinstance(entry, SimulationSource):
            sources.append(SimulatedSource(entry, _lookup(loaded.scenes[index].site, site), clock))
        else:
            try:
                sources.append(wire_source(entry, Context(site, entry.name, weather, config.site.id)))
            except InputError as error:
                raise InputError(f"{config.path}, sources[{index}].{error}") from None
    return sources


def wire_source(entry: FormatSource, context: Context) -> contract.Source:
    """The source of a format, not started.

    Raises:
        InputError: "field: value reason".
    """
    entry.options.names(context)
    entry.link.check()
    own = own_source(entry, context)
    if own is not None:
        return own

    def make(datagrams: bool) -> Decoder:
        return entry.format.decoder(context, entry.options, datagrams)

    return WireSource(entry.name, entry.kind, str(entry.link.address), transport_of(entry.link), make)


def _lookup(own: Site, site: Site) -> np.ndarray[Any, np.dtype[np.int32]]:
    """For each sensor of a source its row in the server's site, -1: it has none."""
    index = {sensor.id: i for i, sensor in enumerate(site.sensors)}
    return np.array([index.get(sensor.id, -1) for sensor in own.sensors], dtype=np.int32)
