"""Reading `site.toml`: every error is one sentence naming file, field and value."""

from __future__ import annotations

import dataclasses
import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lowsky.assess import Rules
from lowsky.model.errors import InputError
from lowsky.model.kinds import kind_from_word
from lowsky.model.place import Place
from lowsky.model.sensor import Sensor
from lowsky.tracking.turning import checked
from lowsky.wire.places import places_of
from lowsky.wire.table.sensors import SensorEntry, SensorsFile, sensor_table

from ..accounts.settings import AccountSettings
from ..guard.settings import GuardSettings
from .entries import (
    JournalEntry,
    PeopleEntry,
    ServerEntry,
    SimulationSource,
    SiteEntries,
    SiteEntry,
    TableSource,
    TrackingEntry,
)
from .sources import SourceEntry, sources_of

MAX_KEEP_MINUTES = 1440.0  # a day
QNH_HPA = (850.0, 1100.0)  # what the weather has ever made of it, and a little more
MAX_OUTPUTS = 100
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,40}")


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """A checked configuration. Paths are absolute or relative to the file's folder, which `folder` is."""

    path: Path
    folder: Path
    site: SiteEntry
    sensors: tuple[Sensor, ...]  # empty: those of the sources that bring their own
    places: tuple[Place, ...]
    rules: Rules
    sources: tuple[SourceEntry, ...]
    server: ServerEntry
    accounts: AccountSettings
    guard: GuardSettings
    journal: JournalEntry
    journal_folder: Path
    receivers: tuple[dict[str, Any], ...]  # read by `lowsky.serve.delivery`
    outputs: tuple[dict[str, Any], ...]  # each with a name of its own and a kind; read by `lowsky.serve.outputs`
    alerts: dict[str, Any]
    overlay: Path | None
    people: PeopleEntry
    tracking: TrackingEntry
    speed: float  # of the server's clock


def read_site(path: Path) -> SiteConfig:
    """The configuration in a file.

    Raises:
        InputError: if the file cannot be read or something in it cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; `lowsky init` writes one") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text in UTF-8") from None
    return parse_site(text, path)


def parse_site(text: str, path: Path) -> SiteConfig:
    """As `read_site`, from the text of the file."""
    try:
        entries = msgspec.convert(tomllib.loads(text), SiteEntries)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise InputError(f"{path}, {_place_and_reason(str(error))}") from None
    folder = path.absolute().parent
    _check_server(entries.server, path)
    sources = sources_of(entries.sources, folder, f"{path}, sources")
    _check_outputs(entries.outputs, path)
    overlay = None if entries.map.overlay is None else folder / entries.map.overlay
    if overlay is not None and not overlay.is_file():
        raise InputError(f"{path}, map.overlay: there is no file {overlay}")
    return SiteConfig(
        path=path,
        folder=folder,
        site=_checked_site(entries.site, path),
        sensors=_sensors(entries.sensors, path),
        places=places_of(entries.places, f"{path}, places"),
        rules=_rules(entries.rules, path),
        sources=sources,
        server=entries.server,
        accounts=entries.accounts,
        guard=entries.guard,
        journal=entries.journal,
        journal_folder=folder / entries.journal.folder,
        receivers=tuple(entries.receivers),
        outputs=tuple(entries.outputs),
        alerts=entries.alerts,
        overlay=overlay,
        people=_checked_people(entries.people, path),
        tracking=_checked_tracking(entries.tracking, path),
        speed=_speed(sources, path),
    )


def _place_and_reason(message: str) -> str:
    """msgspec says "reason - at `$.a[1].b`"; people read from place to reason."""
    reason, _, place = message.partition(" - at `$.")
    return f"{place.rstrip('`')}: {reason}" if place else reason


def _checked_site(site: SiteEntry, path: Path) -> SiteEntry:
    if not site.id.strip():
        raise InputError(f"{path}, site.id: a site needs an id")
    if site.origin is not None and not (-90.0 <= site.origin.lat <= 90.0 and -180.0 <= site.origin.lon <= 180.0):
        raise InputError(f"{path}, site.origin: {site.origin.lat:g}, {site.origin.lon:g} is not on the earth")
    if not 0.0 <= site.zoom <= 22.0:
        raise InputError(f"{path}, site.zoom: {site.zoom:g} is not between 0 and 22")
    if site.qnh_hpa is not None and not QNH_HPA[0] <= site.qnh_hpa <= QNH_HPA[1]:
        raise InputError(f"{path}, site.qnh_hpa: {site.qnh_hpa:g} is not between {QNH_HPA[0]:g} and {QNH_HPA[1]:g}")
    return site


def _checked_people(people: PeopleEntry, path: Path) -> PeopleEntry:
    if not 0.0 <= people.keep_minutes <= MAX_KEEP_MINUTES:
        here = f"{path}, people.keep_minutes"
        raise InputError(f"{here}: {people.keep_minutes:g} is not between 0 and {MAX_KEEP_MINUTES:g}")
    return people


def _checked_tracking(tracking: TrackingEntry, path: Path) -> TrackingEntry:
    for name, value in msgspec.structs.asdict(tracking).items():
        try:
            checked(name, value)
        except ValueError as error:
            raise InputError(f"{path}, tracking.{error}") from None
    return tracking


def _sensors(entries: list[dict[str, Any]], path: Path) -> tuple[Sensor, ...]:
    if not entries:
        return ()
    names = [field.name for field in msgspec.structs.fields(SensorEntry)]
    for index, entry in enumerate(entries):
        for name in entry:
            if name not in names:
                raise InputError(f"{path}, sensors[{index}].{name}: {_no_such(name, names)}")
    try:
        file = msgspec.convert({"sensors": entries}, SensorsFile)
    except msgspec.ValidationError as error:
        raise InputError(f"{path}, {_place_and_reason(str(error))}") from None
    return sensor_table(file, str(path)).sensors


def _rules(given: dict[str, float | list[str]], path: Path) -> Rules:
    defaults = {field.name: getattr(Rules(), field.name) for field in dataclasses.fields(Rules)}
    values: dict[str, Any] = {}
    for name, value in given.items():
        here = f"{path}, rules.{name}"
        if name not in defaults:
            raise InputError(f"{here}: {_no_such(name, list(defaults))}")
        if isinstance(value, list) != isinstance(defaults[name], tuple):
            raise InputError(
                f"{here}: {value!r} is not {'a list' if isinstance(defaults[name], tuple) else 'a number'}"
            )
        try:
            values[name] = tuple(map(kind_from_word, value)) if isinstance(value, list) else value
        except ValueError as error:
            raise InputError(f"{here}: {error}") from None
    try:
        return Rules(**values)
    except ValueError as error:
        raise InputError(f"{path}, rules.{error}") from None


def _no_such(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"there is no such field{f'; did you mean {near[0]!r}?' if near else ''}"


def _check_server(server: ServerEntry, path: Path) -> None:
    if not 0 <= server.port <= 65535:
        raise InputError(f"{path}, server.port: {server.port} is not between 0 and 65535")
    if (server.tls_certificate is None) != (server.tls_key is None):
        raise InputError(f"{path}, server: tls_certificate and tls_key belong together, one is missing")


def _check_outputs(outputs: list[dict[str, Any]], path: Path) -> None:
    """Names and kinds; the rest is the kind's to check."""
    if len(outputs) > MAX_OUTPUTS:
        raise InputError(f"{path}, outputs: {len(outputs)} are more than {MAX_OUTPUTS}")
    seen: set[str] = set()
    for index, output in enumerate(outputs):
        here = f"{path}, outputs[{index}]"
        for field in ("name", "kind", "to"):
            if not isinstance(output.get(field), str) or not output[field]:
                raise InputError(f"{here}.{field}: an output needs one, a text")
        name = output["name"]
        if not _NAME.fullmatch(name):
            raise InputError(f"{here}.name: {name[:60]!r} is not 1 to 40 letters, digits, _, . or -")
        if name in seen:
            raise InputError(f"{here}.name: {name!r} is there twice")
        seen.add(name)


def _speed(sources: tuple[SourceEntry, ...], path: Path) -> float:
    """The speed of the server's clock: another than 1 only if nothing real is connected."""
    played = [s for s in sources if isinstance(s, TableSource | SimulationSource)]
    speeds = {s.speed for s in played} or {1.0}
    if len(speeds) > 1 or (len(played) < len(sources) and speeds != {1.0}):
        raise InputError(f"{path}, sources: a speed other than 1 must be that of all sources, and none may be real")
    speed = speeds.pop()
    if not 0.01 <= speed <= 100.0:
        raise InputError(f"{path}, sources: speed {speed:g} is not between 0.01 and 100")
    return speed
