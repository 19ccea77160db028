"""Protected places: what people must be warned for.

A place is a circle round a point, a polygon, a corridor round a line, or a circle that moves with a vessel known by the
identity it declares, each with a height band. Places are plain values: what an object means for a place is
`lowsky.assess`'s.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from enum import IntEnum


class Shape(IntEnum):
    """Form of a place on the ground."""

    POINT = 0  # a circle of radius_m round one point
    POLYGON = 1  # a ring of points, not closed, and a margin of radius_m outside it
    CORRIDOR = 2  # all within radius_m of a line of points
    VESSEL = 3  # a circle of radius_m round the vessel that declares `identity`

    @property
    def word(self) -> str:
        """The word used in files, for example "polygon"."""
        return self.name.lower()


LEAST_POINTS = {Shape.POINT: 1, Shape.POLYGON: 3, Shape.CORRIDOR: 2, Shape.VESSEL: 0}


@dataclass(frozen=True, slots=True)
class Place:
    """One protected place. Points are (latitude, longitude) in degrees, heights metres above the ellipsoid."""

    id: str
    name: str
    shape: Shape
    points_deg: tuple[tuple[float, float], ...]
    radius_m: float
    bottom_m: float = -1000.0
    top_m: float = 10_000.0
    identity: str = ""  # of a vessel

    def __post_init__(self) -> None:
        """Refuse what cannot be a place.

        Raises:
            ValueError: naming the place, the field and the value.
        """
        if not self.id:
            raise ValueError("a place needs an id")
        least = LEAST_POINTS[self.shape]
        exact = self.shape in (Shape.POINT, Shape.VESSEL)
        if len(self.points_deg) < least or (exact and len(self.points_deg) != least):
            raise ValueError(f"place {self.id!r}: {len(self.points_deg)} points are not those of a {self.shape.word}")
        for latitude, longitude in self.points_deg:
            if not (-90.0 <= latitude <= 90.0 and -180.0 <= longitude <= 180.0):
                raise ValueError(f"place {self.id!r}: point {latitude}, {longitude} is not on the earth")
        if not 0.0 <= self.radius_m <= 100_000.0 or (self.shape is not Shape.POLYGON and self.radius_m == 0.0):
            raise ValueError(f"place {self.id!r}: radius_m {self.radius_m} is not between 0 and 100,000 m")
        if not -10_000.0 <= self.bottom_m < self.top_m <= 100_000.0:
            raise ValueError(f"place {self.id!r}: bottom_m {self.bottom_m} is not below top_m {self.top_m}")
        if (self.shape is Shape.VESSEL) != bool(self.identity):
            raise ValueError(f"place {self.id!r}: a vessel, and only a vessel, has an identity")


def places_text(places: tuple[Place, ...]) -> str:
    """The places as JSON, one object each with the fields of `Place`: how an action carries them."""
    records = [{field.name: getattr(place, field.name) for field in fields(Place)} for place in places]
    return json.dumps([record | {"shape": record["shape"].word} for record in records], ensure_ascii=False)


def places_from_text(text: str) -> tuple[Place, ...]:
    """The places that `places_text` wrote.

    Raises:
        ValueError: if the text is not of that form, names a place twice, or holds what is no place.
    """
    try:
        places = tuple(
            Place(**record | {"shape": Shape[record["shape"].upper()], "points_deg": _points(record["points_deg"])})
            for record in json.loads(text)
        )
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a list of places: {error}") from None
    if len({place.id for place in places}) < len(places):
        raise ValueError("two places have one id")
    return places


def _points(values: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(latitude), float(longitude)) for latitude, longitude in values)
