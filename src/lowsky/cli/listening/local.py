"""The sources of a site opened here, without the tracker behind them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from lowsky.model.errors import InputError
from lowsky.model.sensor import Origin, Site
from lowsky.serve.clock import Clock
from lowsky.serve.config.site_file import read_site
from lowsky.serve.config.sources import FormatSource, source_of
from lowsky.serve.engine.gather import core_input
from lowsky.serve.engine.inbox import Inbox
from lowsky.serve.engine.sensor_info import sensor_infos
from lowsky.serve.engine.sensors import SensorWatch
from lowsky.serve.roster import Roster
from lowsky.serve.sources.assembly import load, make_sources, site_for, wire_source
from lowsky.serve.sources.contract import Source
from lowsky.serve.sources.keeper import Keeper, source_list
from lowsky.serve.sources.whose import only_sensor, tell, tell_lines
from lowsky.wire.decoded import Context, Decoded, Weather
from lowsky.wire.formats import format_names


class LocalSources:
    """Sources with their keepers; what they bring is counted and let go."""

    def __init__(self, site: Site, sources: list[tuple[Source, int | None]], clock: Clock) -> None:
        """Each source with the one sensor that it is of."""
        self._clock, self._inbox = clock, Inbox(clock)
        self._watch = SensorWatch(site.sensors)
        self._keepers = [Keeper(source, clock, self._inbox, self._heard, sensor) for source, sensor in sources]
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Open them all, in the loop that runs."""
        self._tasks = [asyncio.create_task(keeper.keep()) for keeper in self._keepers]

    async def close(self) -> None:
        """Close them all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drain(self) -> None:
        """Take what has come out of the inbox; called often, so that it does not fill up."""
        drained = self._inbox.drain()
        given = core_input(drained, np.empty(0, dtype=np.int64), 0)
        self._watch.consumed(given.reports, given.looks, drained.upto_ns)

    async def answers(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What a server would say of sources and of sensors."""
        self.drain()
        tell_lines(self._watch, self._keepers)
        sensors = sensor_infos(self._watch, None, None, self._clock.now_ns())
        return msgspec.to_builtins(source_list(self._keepers)), msgspec.to_builtins(sensors)

    def _heard(self, keeper: Keeper, decoded: Decoded) -> None:
        tell(self._watch, keeper, decoded)


def of_site(path: Path) -> LocalSources:
    """All sources of a site.

    Raises:
        InputError: naming file, source and field.
    """
    config = read_site(path)
    if not config.sources:
        raise InputError(f"{path}, sources: there are none to listen to")
    loaded = load(config)
    site, clock = site_for(config, loaded, Roster(None)), Clock(config.speed)
    sources = make_sources(config, loaded, site, clock, Weather(config.site.qnh_hpa))
    whose = [only_sensor(entry, site) for entry in config.sources]
    return LocalSources(site, list(zip(sources, whose, strict=True)), clock)


def of_address(address: str, form: str, options: dict[str, Any]) -> LocalSources:
    """One address, heard by nobody's sensors: every sender is unknown, and named.

    Raises:
        InputError: if the address, the format or an option cannot be used.
    """
    if not form:
        raise InputError(f"--format: an address needs the format that comes from it: {', '.join(format_names())}")
    entry = source_of({"kind": form, "name": form, "via": address} | options, Path.cwd())
    site = Site((), Origin(0.0, 0.0, 0.0))
    assert isinstance(entry, FormatSource)  # the other kinds have no via
    source = wire_source(entry, Context(site, entry.name))
    return LocalSources(site, [(source, None)], Clock())
