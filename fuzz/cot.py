"""Cursor on Target: XML and TAK protocol version 1, streams and datagrams."""

from __future__ import annotations

from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.event import Event, NotEventError
from lowsky.wire.cot.format import CotOptions
from lowsky.wire.cot.framing import Form, Splitter, split_datagram
from lowsky.wire.cot.times import NS_PER_MS

from .invariants import check
from .mode import some_of

_WORDS = (
    b"</event> </detail> <detail> <point <event <?xml ?> <link <contact <track <remarks> <shape> <ellipse <TakControl> "
    b'uid="x" type="a-f-G" type="a-u-A" type="u-d-f" type="u-d-c-c" type="t-x-d-d" type="t-x-c-t" hae="9999999.0" '
    b'ce="1" lat="51" lon="4" lat="91" how="m-g" version="2.0" point="51,4" major="1" minor="2" angle="0" '
    b"2025-06-15T15:06:40Z <!DOCTYPE <![CDATA[ ]]> &amp; &#0; &b; 1e999 nan -0 "
    b"\xbf\x01\xbf \xbf \x12\x00 \x0a\x00 \x7a\x00"
)
DICTIONARY = tuple(_WORDS.split())
OPTIONS = CotOptions(sensor="receiver", places=True)


def one(data: bytes) -> None:
    """One input: through the decoder and the reader, and each event of it written and read again."""
    check("cot", OPTIONS, data)
    if "again" not in some_of(("again", "not", "nor", "now"), data[::-1]):
        return
    splitter = Splitter()
    for piece in (*splitter.push(data), *splitter.close(), *split_datagram(data)):
        if piece.form is Form.FAULT:
            continue
        try:
            event = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
        except NotEventError:
            continue
        if event is not None:
            _again(event)


def _again(event: Event) -> None:
    """What can be read can be written in both forms, and is then the same thing at the same place and time."""
    forms = (xml.decode(xml.encode(event)), protobuf.decode(protobuf.encode(event))[0])
    for again in forms:
        assert again is not None, "the event was lost"
        assert again.type == event.type, "another type"
        assert len(again.detail) == len(event.detail), "another detail"
        assert again.time_ns // NS_PER_MS == event.time_ns // NS_PER_MS, "another time"
        apart = max(abs(again.latitude_deg - event.latitude_deg), abs(again.longitude_deg - event.longitude_deg))
        assert apart < 1e-11, f"another place: {apart} degrees away"
