"""AIS sentences made of fields, by pyais; decoders that read them."""

from typing import Any

from pyais import encode_dict

from lowsky.model.sensor import Origin, Sensor, SensorKind, Site
from lowsky.wire.ais.decoder import AisDecoder, AisOptions
from lowsky.wire.decoded import Context, Decoded, Weather

T0 = 1_750_000_000_000_000_000  # 15:06:40 UTC
S = 1_000_000_000
WORLD = Site((Sensor("rx", SensorKind.COOPERATIVE, 51.0, 4.0, 30.0, max_range_m=2e7),), Origin(51.0, 4.0, 0.0))
PLACE: dict[str, Any] = {"lon": 4.02, "lat": 51.01, "speed": 12.3, "course": 100.5, "second": 40, "accuracy": 1}
MMSI = 200_000_001


def sentences(kind: int = 1, mmsi: int = MMSI, sequence: int = 3, **told: Any) -> list[bytes]:
    """The sentences of one message; PLACE unless told otherwise."""
    data = {**PLACE, **told, "msg_type": kind, "mmsi": mmsi}
    return [line.encode() for line in encode_dict(data, radio_channel="A", talker_id="AI", seq_id=sequence)]


def stream(*messages: list[bytes]) -> bytes:
    """Lines of messages."""
    return b"".join(line + b"\r\n" for message in messages for line in message)


def tagged(line: bytes, block: bytes) -> bytes:
    """A sentence with a tag block before it."""
    return b"\\%s*%02X\\%s" % (block, checksum(block), line)


def checksum(body: bytes) -> int:
    """Exclusive or of all bytes."""
    total = 0
    for byte in body:
        total ^= byte
    return total


def decoder(site: Site = WORLD, datagrams: bool = False, **options: Any) -> AisDecoder:
    """A decoder of all that the receiver hears."""
    return AisDecoder(Context(site, "feed", Weather()), AisOptions(**({"sensor": "rx"} | options)), datagrams)


def read(data: bytes, received_ns: int = T0, **options: Any) -> Decoded:
    """What lines are read as."""
    reading = decoder(**options)
    reading.push(data, received_ns)
    reading.close(received_ns)
    return reading.take()
