"""Cursor on Target as one of the formats that come in."""

from __future__ import annotations

from typing import Annotated

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.sensor import SensorKind

from ..decoded import Context
from ..formats import Format, Options
from .decoder import Decoder, Wanted
from .framing import Form, Splitter
from .protobuf import MESH_HEADER
from .reader import EventReader
from .voice import uid_of_site


class CotOptions(Options, frozen=True, kw_only=True):
    """What a source of events may say. Without `sensor`, tracks of others are only counted."""

    friends: bool = True  # positions of one's own people are kept and shown to who may see them
    places: bool = False  # areas that people draw become protected places
    protobuf: bool = True  # on a stream, agree to protobuf when both ends can
    mark_radius_m: Annotated[float, msgspec.Meta(gt=0.0, le=100_000.0)] = 250.0  # of a place that is a mark


def decoder_for(context: Context, options: CotOptions, datagrams: bool) -> Decoder:
    """A decoder for one sender, or for all of one port.

    Raises:
        InputError: if the sensor is none of the site, or measures otherwise than by being told positions.
    """
    names = options.names(context)
    if names.only >= 0 and context.site.sensors[names.only].kind is not SensorKind.COOPERATIVE:
        raise InputError(f"sensor: {options.sensor!r} is not a cooperative one, which tracks of others need")
    # what we tell a network comes back from it, and must not be taken for news
    own = f"{uid_of_site(context.site_id)}." if context.site_id else ""
    return Decoder(context, names, datagrams, Wanted(options.friends, options.places, options.mark_radius_m, own))


def _likeness(head: bytes) -> float:
    first = head[:4000]
    if first.startswith(MESH_HEADER):
        return 0.95
    if b"<event" in first and b"uid=" in first and first.lstrip().startswith(b"<"):
        return 0.95
    pieces = Splitter().push(first)
    return 0.9 if pieces and pieces[0].form is Form.TAK else 0.0


FORMAT = Format(
    name="cot",
    title="Cursor on Target (TAK)",
    options=CotOptions,
    decoder=decoder_for,
    reader=lambda options, datagrams: EventReader(datagrams),
    likeness=_likeness,
)
