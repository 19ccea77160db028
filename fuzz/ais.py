"""AIS, with the checksum of half of the sentences put right, so that mutations come behind it."""

from __future__ import annotations

import re
import zlib

from lowsky.wire.ais.decoder import AisOptions

from .invariants import check

DICTIONARY = (
    b"!AIVDM,1,1,,A,",
    b"!AIVDO,2,1,3,B,",
    b"!BSVDM,2,2,3,B,",
    b",0*00\n",
    b"\\s:r1,c:1750000000*00\\",
    b'{"class":"AIS","nmea":["!AIVDM,1,1,,A,13u?etPv2;0n:dDPwUM1U1Cb069D,0*24"]}\n',
    b"13u?etPv2;0n:dDPwUM1U1Cb069D",
    *(bytes([48 + kind + (8 if kind >= 40 else 0)]) + b"00000000" for kind in (1, 4, 5, 9, 11, 18, 19, 21, 24, 27)),
)
OPTIONS = AisOptions(sensor="receiver", clock="tag")
_SENTENCE = re.compile(rb"!([^*\n\r]{0,300})\*[^\n\r]{0,2}")


def one(data: bytes) -> None:
    """One input, in all ways."""
    check("ais", OPTIONS, _SENTENCE.sub(_repaired, data) if zlib.crc32(data) & 256 else data)


def _repaired(match: re.Match[bytes]) -> bytes:
    total = 0
    for byte in match[1]:
        total ^= byte
    return b"!%s*%02X" % (match[1], total)
