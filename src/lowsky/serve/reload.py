"""The configuration read anew while the server runs: what changed is put into force, and the picture stays.

Sensors, places, rules, the tracker's knob, drill and QNH go to the core or to the decoders; sources, outputs and
receivers that changed are begun anew, all others run on. What a running server cannot change is named, and takes effect
with the next start.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Protocol

import structlog

from lowsky.assess import rules_text
from lowsky.model.action import Action, ActionKind
from lowsky.model.errors import InputError
from lowsky.model.place import Place, places_text
from lowsky.model.roster import changed_roster, roster_text
from lowsky.model.sensor import Site
from lowsky.wire.decoded import Weather

from .alerts import receivers_for
from .answers.reload import Reloaded
from .config.entries import SimulationSource, TableSource
from .config.site_file import SiteConfig, read_site
from .engine.board import Board
from .engine.inbox import Inbox
from .horizons import Horizons, as_action
from .outputs.keeper import OutputKeeper
from .people import People
from .roster import Roster
from .sensitivity import Sensitivity
from .sensitivity import as_action as turn_action
from .sources.assembly import Loaded, load, overlay_for, sensors_for
from .sources.keeper import Keeper
from .tended import Tended

AT_A_START = ("server", "accounts", "guard", "journal", "speed")
log = structlog.get_logger("lowsky.reload")


class Reloadable(Protocol):
    """What is changed; the runtime is it."""

    config: SiteConfig
    site: Site
    places: tuple[Place, ...]
    overlay: bytes | None
    weather: Weather
    board: Board
    inbox: Inbox
    horizons: Horizons
    sensitivity: Sensitivity
    people: People
    roster: Roster
    sources: Tended[Keeper]
    ways: Tended[OutputKeeper]

    def describe(self, site: Site) -> None:
        """The sensors are described anew."""
        ...

    def source_keepers(self, config: SiteConfig, loaded: Loaded, site: Site) -> list[Keeper]:
        """Keepers of all sources, not started."""
        ...

    def output_keepers(self, config: SiteConfig, site: Site) -> list[OutputKeeper]:
        """Keepers of all outputs, not started."""
        ...

    async def renew_deliveries(self) -> None:
        """Tell the receivers of the configuration from now on."""
        ...


class Reloader:
    """Reloads one at a time."""

    def __init__(self, server: Reloadable) -> None:
        self._server = server
        self._lock = asyncio.Lock()

    async def reload(self, who: str) -> Reloaded:
        """Read the file anew and put it into force; one with an error changes nothing.

        Raises:
            InputError: naming file, field and value.
        """
        async with self._lock:
            server, path = self._server, self._server.config.path
            config, loaded, overlay = await asyncio.to_thread(_read, path)
            site = _site(server.site, config, loaded)
            # made before anything is changed: an error in one of them changes nothing
            sources, outputs = server.source_keepers(config, loaded, site), server.output_keepers(config, site)
            receivers_for(config, {place.id for place in config.places or loaded.places()})
            before, server.config, server.overlay = server.config, config, overlay
            described = site.sensors != server.site.sensors
            changed = self._tell_core(before, loaded, site, who)
            changed += await self._renew(before, sources, outputs, described)
            later = tuple(name for name in AT_A_START if getattr(before, name) != getattr(config, name))
            log.info("configuration reloaded", file=str(path), who=who, changed=changed or None, at_next_start=later)
            return Reloaded(tuple(changed), later)

    def _tell_core(self, before: SiteConfig, loaded: Loaded, site: Site, who: str) -> list[str]:
        """What the core has to know of, in the order in which it takes effect."""
        server, config, changed = self._server, self._server.config, []
        if site.sensors != server.site.sensors:
            server.roster.keep(site, server.places)
            self._act(ActionKind.SET_SENSORS, roster_text(site.sensors), who)
            server.describe(site)
            for name, horizon in server.horizons.drawn.items():
                row = next((i for i, s in enumerate(site.sensors) if s.id == name), -1)
                self._act(ActionKind.SET_HORIZON, as_action(horizon), who, row)
            changed.append("sensors")
        places = config.places or loaded.places()
        if places != server.places:
            server.places = places
            server.roster.keep(site, places)
            self._act(ActionKind.SET_PLACES, places_text(places), who)
            changed.append("places")
        if config.rules != before.rules:
            self._act(ActionKind.SET_RULES, rules_text(config.rules), who)
            changed.append("rules")
        if server.sensitivity.configure(config.tracking.false_tracks_per_hour):
            self._act(ActionKind.TURN, turn_action(server.sensitivity.value), who)
            changed.append("tracking")
        if config.site.drill != before.site.drill:
            self._act(ActionKind.DRILL, "on" if config.site.drill else "off", who)
            changed.append("drill")
        return changed

    def _act(self, kind: ActionKind, value: str, who: str, number: int = 0) -> None:
        self._server.inbox.act(Action(0, kind, number, value, who))

    async def _renew(
        self, before: SiteConfig, sources: list[Keeper], outputs: list[OutputKeeper], described: bool
    ) -> list[str]:
        """Sources, outputs and receivers, and what only the shell knows."""
        server, config, changed = self._server, self._server.config, []
        server.weather.qnh_hpa = config.site.qnh_hpa
        if config.site != before.site:
            changed.append("site")

        if config.people != before.people:
            server.people.operators.keep(config.people.keep_minutes)
            changed.append("people")

        def stays(entry: Any) -> bool:
            return not described or isinstance(entry, TableSource | SimulationSource)

        anew = await server.sources.change(source_entries(config), sources, stays)
        changed += [f"source {name}" for name in anew]
        anew = await server.ways.change(output_entries(config), outputs, lambda entry: not described)
        changed += [f"output {name}" for name in anew]
        if (config.receivers, config.alerts) != (before.receivers, before.alerts):
            await server.renew_deliveries()
            changed.append("receivers")
        return changed


def source_entries(config: SiteConfig) -> list[tuple[str, Any]]:
    """Sources by name."""
    return [(entry.name, entry) for entry in config.sources]


def output_entries(config: SiteConfig) -> list[tuple[str, Any]]:
    """Outputs by name."""
    return [(str(entry["name"]), entry) for entry in config.outputs]


def _read(path: Path) -> tuple[SiteConfig, Loaded, bytes | None]:
    config = read_site(path)
    loaded = load(config)
    return config, loaded, overlay_for(config, loaded)


def _site(site: Site, config: SiteConfig, loaded: Loaded) -> Site:
    """The site as the file has it now: rows never move, and the frame keeps its origin."""
    try:
        sensors = changed_roster(site.sensors, sensors_for(config, loaded))
    except ValueError as error:
        raise InputError(f"{config.path}, sensors: {error} while the server runs") from None
    return site if sensors == site.sensors else Site(sensors, site.origin)
