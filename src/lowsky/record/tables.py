"""What a recording holds, as tables for analysis: reports, looks, actions, picture, notices, events, sensors, places.

Units and names are those of docs/tables.md; missing is null. The picture and the notices are those of the ticks that
were hashed while recording, once a second.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from lowsky.core import CoreInput, step
from lowsky.model.notice import NO_TIME_NS, Event, EventKind, Level, NoticeBatch, no_notices
from lowsky.model.picture import Picture
from lowsky.model.place import Place
from lowsky.model.report import ReportBatch
from lowsky.model.sensor import Site
from lowsky.model.timebase import s_from_ns
from lowsky.wire.table import track_table

from .header import Setup
from .merging import nothing
from .replay import Piece, Replayer, shown_at

Table = Any  # of Arrow, which carries no types
NAMES = ("reports", "looks", "actions", "picture", "notices", "events", "sensors", "places")

_SAME = (
    "range_m range_rate_mps height_m east_mps north_mps up_mps sigma_range_m sigma_range_rate_mps sigma_position_m "
    "sigma_height_m sigma_velocity_mps rcs_dbsm snr_db confidence"
).split()
_DEGREES = ("azimuth", "elevation", "sigma_azimuth", "sigma_elevation")


def tables_of(piece: Piece, replayer: Replayer) -> Iterator[tuple[str, Table]]:
    """The rows that a piece of a replay adds to each table, by name."""
    if replayer.header is None or replayer.state is None:
        return
    site, places = replayer.state.site, tuple(replayer.state.assessment.places)
    yield "reports", reports_table(piece.given.reports, site)
    yield "looks", looks_table(piece.given, site)
    yield "actions", actions_table(piece.given)
    for pulse in piece.pulses:
        if pulse.time_ns in piece.given.ticks_ns:
            shown = shown_at(piece.changes, pulse.time_ns)
            yield "picture", picture_table(shown.picture, site, piece.changes.identities)
            yield "notices", notices_table(shown.notices, places)
    yield "events", events_table(piece.changes.events, places)


def empty_tables(setup: Setup) -> dict[str, Table]:
    """Every table that grows, without a row."""
    given = nothing()
    picture = step(setup.fresh(), given)[1].picture
    return {
        "reports": reports_table(given.reports, setup.site),
        "looks": looks_table(given, setup.site),
        "actions": actions_table(given),
        "picture": picture_table(picture, setup.site, []),
        "notices": notices_table(no_notices(), ()),
        "events": events_table((), ()),
    }


def reports_table(reports: ReportBatch, site: Site) -> Table:
    """Every report as it was received; `report` is its running number in the recording."""
    columns: dict[str, Any] = {
        "report": reports.raw,
        "time_s": s_from_ns(reports.time_ns),
        "received_s": s_from_ns(reports.received_ns),
        "sensor": _words([s.id for s in site.sensors], reports.sensor),
    }
    columns |= {f"{name}_deg": _known(np.degrees(getattr(reports, f"{name}_rad"))) for name in _DEGREES}
    columns |= {name: _known(getattr(reports, name)) for name in _SAME}
    columns |= {"lat": _known(reports.latitude_deg), "lon": _known(reports.longitude_deg)}
    columns["identity"] = _words(list(reports.identities), reports.identity)
    return pa.table(columns)


def looks_table(given: CoreInput, site: Site) -> Table:
    """Every look."""
    looks = given.looks
    return pa.table(
        {
            "time_s": s_from_ns(looks.time_ns),
            "received_s": s_from_ns(looks.received_ns),
            "sensor": _words([s.id for s in site.sensors], looks.sensor),
            "assumed": looks.assumed,
        }
    )


def actions_table(given: CoreInput) -> Table:
    """What people, receivers and the system itself did."""
    schema = [("time_s", pa.float64()), ("action", pa.string()), ("number", pa.int64()), ("value", pa.string())]
    rows = [
        {"time_s": float(s_from_ns(a.received_ns)), "action": a.kind.word, "number": a.number, "value": _clean(a.value),
         "who": _clean(a.who)}
        for a in given.actions
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=pa.schema([*schema, ("who", pa.string())]))


def picture_table(picture: Picture, site: Site, identities: list[str]) -> Table:
    """The objects at one tick, as `lowsky track` writes them, with their radar cross section."""
    table = track_table(picture, site, [_clean(name) for name in identities])
    return table.append_column("rcs_dbsm", _known(picture.rcs_dbsm))


def notices_table(notices: NoticeBatch, places: tuple[Place, ...]) -> Table:
    """The notices at one tick."""
    columns: dict[str, Any] = {
        "time_s": s_from_ns(notices.time_ns),
        "notice": notices.notice,
        "call": notices.call,
        "track": notices.track,
        "place": _words([p.id for p in places], notices.place),
        "level": _words([level.word for level in Level], notices.level),
        "probability": _known(notices.probability),
    }
    for name in ("arrival", "early", "late", "raised", "acknowledged"):
        columns[f"{name}_s"] = _times(getattr(notices, f"{name}_ns"))
    return pa.table(columns)


def events_table(events: tuple[Event, ...], places: tuple[Place, ...]) -> Table:
    """What happened to notices."""
    names = ("notice", "call", "track")
    columns: dict[str, Any] = {
        "time_s": s_from_ns(np.array([e.time_ns for e in events], dtype=np.int64)),
        "event": _words([k.word for k in EventKind], np.array([e.kind for e in events], dtype=np.int64)),
        **{name: np.array([getattr(e, name) for e in events], dtype=np.int64) for name in names},
        "place": _words([p.id for p in places], np.array([e.place for e in events], dtype=np.int64)),
        "level": _words([level.word for level in Level], np.array([e.level for e in events], dtype=np.int64)),
        "who": pa.array([_clean(e.who) for e in events], type=pa.string()),
    }
    return pa.table(columns)


def sensors_table(site: Site) -> Table:
    """The sensors as they were described."""
    rows = []
    for sensor in site.sensors:
        plain = msgspec.to_builtins(sensor) | {"kind": sensor.kind.word, "sees": [kind.word for kind in sensor.sees]}
        plain.pop("horizon", None)  # a shape and no figure
        rows.append(plain)
    return pa.Table.from_pylist(rows).rename_columns(
        [{"latitude_deg": "lat", "longitude_deg": "lon"}.get(name, name) for name in rows[0]]
    )


def places_table(places: tuple[Place, ...]) -> Table:
    """The protected places as they were at the end."""
    schema = pa.schema(
        [("place", pa.string()), ("name", pa.string()), ("shape", pa.string()), ("radius_m", pa.float64()),
         ("bottom_m", pa.float64()), ("top_m", pa.float64()), ("identity", pa.string()),
         ("points", pa.list_(pa.list_(pa.float64())))]
    )  # fmt: skip
    rows = [
        {"place": p.id, "name": p.name, "shape": p.shape.word, "radius_m": p.radius_m, "bottom_m": p.bottom_m,
         "top_m": p.top_m, "identity": p.identity, "points": [list(point) for point in p.points_deg]}
        for p in places
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=schema)


def _known(values: NDArray[np.float64]) -> Any:
    """Numbers, NaN as null."""
    return pa.array(values, from_pandas=True)


def _times(times_ns: NDArray[np.int64]) -> Any:
    """Seconds, a time that is not known as null."""
    return pa.array(s_from_ns(times_ns), mask=times_ns == NO_TIME_NS)


def _words(words: list[str], index: NDArray[Any]) -> Any:
    """Words by index; an index that has none is null."""
    known = (index >= 0) & (index < len(words))
    rows = pa.array(np.where(known, index, 0).astype(np.int64), mask=~known)
    return pa.array([_clean(word) for word in words] or [""], type=pa.string()).take(rows)


def _clean(text: str) -> str:
    """Text that can be UTF-8: a radio may have sent halves of surrogates."""
    return text.encode("utf-8", "replace").decode()
