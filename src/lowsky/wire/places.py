"""Places: the tables `[[places]]` of a site's file, the API's list and a file places.json, all one form.

A place has an id, a shape (point, polygon, corridor, vessel) and what the shape needs; see docs/warnings.md. For a
circle round a point `lat` and `lon` may stand instead of `points`, and `kind` "fixed" or "vessel" instead of `shape`.
Heights are metres above the ellipsoid. Nothing is guessed: a field that is not known is an error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.place import Place, Shape

MOST_BYTES = 16 << 20  # of a file of places
MOST_PLACES = 1000

KINDS = {"fixed": "point", "vessel": "vessel"}


class PlaceEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One place as people write it. A misspelt field is an error, not a default."""

    id: str
    shape: Literal["point", "polygon", "corridor", "vessel"] | None = None
    kind: Literal["fixed", "vessel"] | None = None  # instead of shape
    name: str = ""
    points: list[tuple[float, float]] = []  # latitude, longitude in degrees
    lat: float | None = None  # instead of points, of a point
    lon: float | None = None
    radius_m: float = 0.0
    bottom_m: float = -1000.0
    top_m: float = 10_000.0
    identity: str = ""  # that a vessel declares

    def place(self) -> Place:
        """The place.

        Raises:
            ValueError: naming the place, the field and the value.
        """
        shape, points = self.shape or KINDS.get(self.kind or ""), tuple(self.points)
        if shape is None:
            raise ValueError(f"place {self.id!r}: shape is missing")
        if (self.lat is None) != (self.lon is None):
            raise ValueError(f"place {self.id!r}: lat and lon stand together or not at all")
        if self.lat is not None and self.lon is not None:
            points = (*points, (self.lat, self.lon))
        return Place(
            id=self.id,
            name=self.name or self.id,
            shape=Shape[shape.upper()],
            points_deg=points,
            radius_m=self.radius_m,
            bottom_m=self.bottom_m,
            top_m=self.top_m,
            identity=self.identity,
        )


class PlacesFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """places.json."""

    places: list[PlaceEntry]


def places_of(entries: list[PlaceEntry], source: str) -> tuple[Place, ...]:
    """Checked places; `source` names where they stand in errors.

    Raises:
        InputError: naming source, place, field and value.
    """
    if len(entries) > MOST_PLACES:
        raise InputError(f"{source}: {len(entries)} places are more than {MOST_PLACES}")
    try:
        places = tuple(entry.place() for entry in entries)
    except ValueError as error:
        raise InputError(f"{source}: {error}") from None
    seen: set[str] = set()
    for place in places:
        if place.id in seen:
            raise InputError(f"{source}: place {place.id!r} is there twice")
        seen.add(place.id)
    return places


def places_from_records(records: Any, source: str) -> tuple[Place, ...]:
    """Places from plain values, a list of dictionaries as a file or a request holds them.

    Raises:
        InputError: naming source, place, field and value.
    """
    try:
        return places_of(msgspec.convert(records, list[PlaceEntry]), source)
    except msgspec.ValidationError as error:
        raise InputError(f"{source}: {_where_and_why(str(error))}") from None


def read_places(path: Path) -> tuple[Place, ...]:
    """Places of a JSON file `{"places": [...]}`.

    Raises:
        InputError: if it cannot be read or holds what is no place.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None
    if len(text) > MOST_BYTES:
        raise InputError(f"{path} is longer than {MOST_BYTES} bytes")
    try:
        return places_of(msgspec.json.decode(text, type=PlacesFile).places, str(path))
    except msgspec.ValidationError as error:
        raise InputError(f"{path}: {_where_and_why(str(error))}") from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{path} is not JSON: {error}") from None


def _where_and_why(message: str) -> str:
    """msgspec says "reason - at `$.a[1].b`"; people read from place to reason."""
    reason, _, where = message.partition(" - at `$")
    return f"{where.strip('`.')}: {reason}" if where else reason
