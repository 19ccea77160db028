"""SAPIENT: framed messages and lines, under both readings of the rules."""

from __future__ import annotations

from lowsky.wire.sapient.framing import Splitter
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.validate import KINDS, check_bytes

from .invariants import check, make_decoder, run
from .mode import some_of

NODES = {
    "a8654cdf-4328-47de-81fa-c495589e30c8": "radar",
    "6f582b41-6c88-481c-bb0f-6021a1739f57": "receiver",
    "cee8b0c3-b739-49f5-9bd4-b5353b5ebb98": "finder",
}
STRICT = SapientOptions(sensors=NODES, magnetic_variation_deg=1.5, platform_heading_deg=30.0)
OPTIONS = STRICT
LOOSE = SapientOptions(sensors=NODES, rules="options", errors="coordinates")
DICTIONARY = (
    *(node.encode() for node in NODES),
    b"01H4R63D7NVN8444Z5M77WEBY7",
    b"BSI Flex 335 v2.0",
    b"34U",
    b"\x12\x24",
    *(bytes([field << 3 | 2]) for field in range(1, 14)),
    *(bytes([field << 3 | 1]) + b"\0\0\0\0\0\0\xf8\x7f" for field in (1, 2, 3)),  # NaN
    *(bytes([length, 0, 0, 0]) for length in (0, 1, 40, 123, 255)),
    b"\xff\xff\xff\xff",
    b"\0\0\x10\0",
    *(b'"%s":' % word for word in b"nodeId node_id detectionReport location rangeBearing statusReport x y z".split()),
    b'{"timestamp":"2025-06-15T15:06:40Z",',
    b"1e999",
)


def one(data: bytes) -> None:
    """One input in all ways, and no more reports than messages that tell detections."""
    ways = some_of(("rules", "detections"), data)
    if "rules" in ways:
        check("sapient", STRICT if len(data) % 2 else LOOSE, data)
    if "detections" in ways and not data.startswith(b"{"):
        seen = run(make_decoder("sapient", STRICT, False), [data])
        assert len(seen.reports()) <= _detections(data), "reports of what was no detection"


def _detections(data: bytes) -> int:
    """Messages that keep the rules and tell a detection."""
    detections = 0
    for message in Splitter().push(data):
        read, faults = check_bytes(message)
        assert all(fault.kind in KINDS for fault in faults), "a fault of a kind that is not declared"
        detections += read is not None and not faults and read.WhichOneof("content") == "detection_report"
    return detections
