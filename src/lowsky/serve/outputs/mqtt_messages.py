"""What an output of kind "mqtt" says, declared once: the types here make docs/formats/mqtt.schema.json."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from lowsky.wire.objects import ObjectRecord

from ..answers.notices import Notice
from ..answers.site import PlaceInfo


class PictureMessage(msgspec.Struct, frozen=True):
    """`picture`: all objects of one moment, those that ended since the last one too."""

    time: str
    drill: bool
    objects: list[ObjectRecord]


class NoticesMessage(msgspec.Struct, frozen=True):
    """`notices`: those that stand and those that ended in the last ten minutes, the most urgent first."""

    time: str
    drill: bool
    notices: tuple[Notice, ...]


class PlacesMessage(msgspec.Struct, frozen=True):
    """`places`: all protected places."""

    time: str
    drill: bool
    places: tuple[PlaceInfo, ...]


class StatusMessage(msgspec.Struct, frozen=True):
    """`status`: that the server is there, and how it does."""

    state: Literal["online", "stopped", "lost"]  # stopped: by somebody; lost: said by the broker in our place
    time: str | None = None  # null: nobody knows, the broker says so
    site: str = ""
    name: str = ""
    drill: bool = False
    health: Literal["well", "degraded", "starting"] | None = None
    reasons: tuple[str, ...] = ()
    objects: int | None = None
    sensors_well: int | None = None
    sensors: int | None = None
    version: str = ""


MESSAGES = {
    "objects/NUMBER": ObjectRecord,
    "picture": PictureMessage,
    "notices": NoticesMessage,
    "places": PlacesMessage,
    "status": StatusMessage,
}
"""Topic below the prefix to what is said there."""


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of every message, by topic."""
    types = list(MESSAGES.values())
    schemas, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What lowsky publishes by MQTT, by the topic below the prefix",
        "properties": dict(zip(MESSAGES, schemas, strict=True)),
        "$defs": components,
    }
