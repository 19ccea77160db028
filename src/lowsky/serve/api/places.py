"""Routes about protected places."""

from __future__ import annotations

import msgspec
from starlette.requests import Request

from lowsky.model.action import ActionKind
from lowsky.model.errors import InputError
from lowsky.model.place import places_text
from lowsky.wire.places import PlaceEntry, places_of

from ..answers.site import PlaceInfo
from ..errors import ApiError
from .request import runtime_of, who_asks


class PlaceList(msgspec.Struct, frozen=True):
    """All protected places."""

    places: tuple[PlaceInfo, ...]


class PlacesGiven(msgspec.Struct, frozen=True):
    """Protected places in place of those there are; fields as in `[[places]]` of the site's file."""

    places: list[PlaceEntry]


async def list_places(request: Request, given: None) -> PlaceList:
    """Every place, and where a protected vessel is now."""
    return PlaceList(runtime_of(request).board.places)


async def put_places(request: Request, given: PlacesGiven) -> PlaceList:
    """Replace all places; journalled, and in force from the next tick on."""
    runtime = runtime_of(request)
    try:
        places = places_of(given.places, "places")
    except InputError as error:
        raise ApiError(422, str(error)) from None
    await runtime.actions.act(ActionKind.SET_PLACES, value=places_text(places), who=who_asks(request))
    return PlaceList(runtime.board.places)
