"""How a server's core begins: out of its recording where there is one, else anew; with a journal or without."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import structlog

from lowsky.core import Changes, CoreInput, CoreState, step
from lowsky.model.errors import InputError
from lowsky.model.notice import Event
from lowsky.model.place import Place
from lowsky.model.sensor import Site
from lowsky.record.header import Setup
from lowsky.record.journal import Journal
from lowsky.record.limits import DAY_S, Limits
from lowsky.record.recovery import begin_recording
from lowsky.tracking.settings import Settings

from ..config.site_file import SiteConfig
from ..cores import cores
from .compiling import make_ready

GB = 1_000_000_000
log = structlog.get_logger("lowsky.core")


class RecordedCore(Protocol):
    """A core that takes an input at a time; `lowsky.record.recorder.Recorder` is one."""

    state: CoreState
    reports: int

    def step(self, given: CoreInput) -> tuple[Changes, int]: ...
    def ready(self, sequence: int, timeout_s: float = 1.0) -> bool: ...
    def close(self, why: str = "") -> None: ...


@dataclass(slots=True)
class BareCore:
    """A core whose inputs nobody keeps."""

    state: CoreState
    reports: int = 0

    def step(self, given: CoreInput) -> tuple[Changes, int]:
        """Consume an input."""
        self.state, changes = step(self.state, given)
        self.reports += len(given.reports)
        return changes, 0

    def ready(self, sequence: int, timeout_s: float = 1.0) -> bool:
        """Nothing to wait for."""
        return True

    def close(self, why: str = "") -> None:
        """Nothing to close."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """A core that is ready, and what is known from before."""

    core: RecordedCore
    journal: Journal | None
    first: Changes | None = None  # what a restart itself changed
    last_ns: int = 0  # the core's time
    events: tuple[Event, ...] = ()  # of notices that stand or ended lately
    resumed: bool = False  # the core goes on where an earlier process ended
    places_changed: bool = False  # the configuration's places are others than those the recording began with


def begin(config: SiteConfig, site: Site, places: tuple[Place, ...], now_ns: int) -> Beginning:
    """Compile or load the kernels, then open or go on with the recording. Takes seconds, at a first start minutes.

    All processors but one may share the core's work: one is left to what else a server does.

    Raises:
        InputError: if another process records in that folder, or its recording is a newer version's.
        OSError: if the folder cannot be read or written.
    """
    begun = _begun(config, site, places, now_ns)
    begun.core.state.threads = max(1, cores() - 1)
    return begun


def _begun(config: SiteConfig, site: Site, places: tuple[Place, ...], now_ns: int) -> Beginning:
    started_s = time.perf_counter()
    make_ready()
    log.info("kernels ready", after_s=round(time.perf_counter() - started_s, 1))
    setup = Setup(site, Settings(trace=True), places, config.rules)
    if not config.journal.on:
        return Beginning(BareCore(setup.fresh()), None)
    limits = Limits(keep_bytes=round(config.journal.keep_gb * GB), keep_s=config.journal.keep_days * DAY_S)
    try:
        begun = begin_recording(config.journal_folder, setup, now_ns, limits, config.site.id)
    except OSError as error:
        raise InputError(f"{config.path}, journal.folder: {config.journal_folder}: {error.strerror}") from None
    found = begun.recovered
    journal = begun.recorder.journal
    if found is None:
        return Beginning(begun.recorder, journal)
    log.info(
        "going on with the recording",
        clean=found.clean,
        missing_s=round(begun.missing_ns / 1e9, 3),
        reports=found.reports,
        anew=found.anew or None,
        took_s=round(time.perf_counter() - started_s, 1),
    )
    for problem in found.problems:
        log.warning("the recording has a fault", problem=problem)
    return Beginning(
        core=begun.recorder,
        journal=journal,
        first=begun.first,
        last_ns=found.last_ns,
        events=begun.recorder.events,
        resumed=not found.anew,
        places_changed=not found.anew and places != found.setup.places,
    )
