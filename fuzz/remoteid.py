"""Broadcast Remote ID: bare messages and packs, frames of every carrier, and what receivers write."""

from __future__ import annotations

import numpy as np

from lowsky.wire.remoteid.carriers import LINK_TYPES
from lowsky.wire.remoteid.decoder import RemoteIdDecoder
from lowsky.wire.remoteid.format import RemoteIdOptions
from lowsky.wire.remoteid.transmitters import MAX_TRANSMITTERS

from .invariants import RECEIVED_NS, check, checked, make_decoder
from .mode import some_of

DICTIONARY = (
    bytes.fromhex("dd1efa0bbc0d00"),
    bytes.fromhex("8869199d9209"),
    bytes.fromhex("1e16faff0d00"),
    bytes.fromhex("d6be898e421f"),
    bytes.fromhex("f21902"),
    *(b'"%s"' % w for w in b"payload sensor mac time counter link_type protocol data status UASdata odid".split()),
    b'"Basic ID"',
    b'"Location/Vector Message"',
    b'"System Message"',
    b'"drone_lat"',
    b'"uav latitude"',
    b"}{",
    b"1e999",
    b"\xfd7zXZ\x00",
)
OPTIONS = RemoteIdOptions(sensor="receiver")


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("remoteid", OPTIONS, data)
    if "frames" in some_of(("bytes", "frames"), data):
        check_frames(data)


def check_frames(data: bytes) -> None:
    """The same bytes as a frame of every link type, and of one that is not read.

    Raises:
        AssertionError: if a rule is broken, or a place comes out that no message of the frame tells.
    """
    decoder = make_decoder("remoteid", OPTIONS, True)
    assert isinstance(decoder, RemoteIdDecoder)
    for link_type in (*LINK_TYPES, 1):
        decoder.push_frame(link_type, data, RECEIVED_NS)
    decoded = checked(decoder.take())
    assert len(decoder._assembler._transmitters) <= MAX_TRANSMITTERS
    if not len(decoded.reports):
        return
    told = {int(v) for at in range(len(data) - 3) for v in np.frombuffer(data[at : at + 4], dtype="<i4")}
    for degrees in (*decoded.reports.latitude_deg, *decoded.reports.longitude_deg):
        assert round(degrees * 1e7) in told, "a place that nobody told"
