"""Lines to AIS sentences: tag block, form and checksum.

Sources: IEC 61162-1 (!--VDM and !--VDO: fragments, sequence, channel, armoured payload, fill bits, checksum); IEC
61162-450 / NMEA 0183 tag blocks (`\\s:station,c:time*hh\\` before a sentence). Lines of AIS-catcher's JSON carry
sentences in "nmea"; what else they say is not needed. A sentence without a right checksum is never used.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec
import numpy as np

from ..tally import Tally

MAX_LINE = 4096  # bytes; a sentence has at most 82, with a tag block some 160, as JSON a few times that
MAX_IN_OBJECT = 9  # sentences of one message
MAX_SECONDS = 9_000_000_000  # a tag block's time beyond is in milliseconds, and none beyond a thousand times that

_SENTENCE = re.compile(
    rb"(?:\\([^\\]*)\\)?"
    rb"!([A-Z]{2}VD[MO],([1-9]),([1-9]),([0-9]?),([A-D12]?),([0-9:;<=>?@A-W`a-w]*),([0-5]))\*([0-9A-Fa-f]{2})"
)
_AIS = re.compile(rb"![A-Z]{2}VD[MO],")
_NO_CHECKSUM = re.compile(rb"(?:\\[^\\]*\\)?![A-Z]{2}VD[MO],[^*]*")
_OTHER = re.compile(rb"(?:\\[^\\]*\\)?[$!][A-Z0-9]{3,}[,*]")
_TAG_ONLY = re.compile(rb"\\[^\\]*\\")


class _Object(msgspec.Struct):
    """What is read of a line of JSON."""

    nmea: list[str]


_decode_object = msgspec.json.Decoder(_Object).decode


class Sentence(NamedTuple):
    """One sentence with a right checksum, or a whole message put together of several."""

    total: int
    number: int
    sequence: bytes
    channel: bytes
    payload: bytes  # armoured
    fill: int  # bits at its end that say nothing
    received_ns: int
    told_ns: int  # time of its tag block, 0: none


def read_sentences(lines: list[tuple[bytes | None, int]], tally: Tally) -> list[Sentence]:
    """The sentences of lines, each with its receipt, in their order; what is none is counted."""
    found: list[tuple[re.Match[bytes], int]] = []
    for line, received_ns in lines:
        if line is None:
            tally.reject("line too long", f"a line is longer than {MAX_LINE} bytes")
            continue
        text = line.strip()
        match = _SENTENCE.fullmatch(text)
        if match:
            found.append((match, received_ns))
        elif text.startswith(b"{"):
            _read_object(text, received_ns, found, tally)
        elif text:
            _explain(text, tally)
    return _checked(found, tally)


def _read_object(text: bytes, received_ns: int, found: list[tuple[re.Match[bytes], int]], tally: Tally) -> None:
    """The sentences in a line of JSON."""
    try:
        sentences = _decode_object(text).nmea
    except (ValueError, RecursionError) as error:
        tally.reject("line not JSON with nmea", f"{_shown(text)}: {str(error)[:80]}")
        return
    if not 1 <= len(sentences) <= MAX_IN_OBJECT:
        tally.reject("line not JSON with nmea", f"{_shown(text)}: {len(sentences)} sentences")
        return
    for sentence in sentences:
        inner = sentence.encode("utf-8", "replace").strip()
        match = _SENTENCE.fullmatch(inner)
        if match:
            found.append((match, received_ns))
        else:
            _explain(inner, tally)


def _explain(text: bytes, tally: Tally) -> None:
    """Count a line that is no AIS sentence by what is wrong with it."""
    if _AIS.search(text):
        kind = "no checksum" if _NO_CHECKSUM.fullmatch(text) else "sentence malformed"
        tally.reject(kind, f"{kind}: {_shown(text)}")
    elif _OTHER.match(text):
        tally.ignore("other sentence")
    elif _TAG_ONLY.fullmatch(text):
        tally.ignore("tag block alone")
    else:
        tally.reject("no sentence", f"no sentence: {_shown(text)}")


def _checked(found: list[tuple[re.Match[bytes], int]], tally: Tally) -> list[Sentence]:
    """Those whose checksums are right, their own and that of the tag block."""
    if not found:
        return []
    groups = [match.groups() for match, _ in found]
    good = _sums([g[1] for g in groups]) == np.array([int(g[8], 16) for g in groups])
    sentences = []
    for row, (right, g) in enumerate(zip(good.tolist(), groups, strict=True)):
        block = read_tag_block(g[0]) if g[0] else 0
        if right and block is not None:
            sentences.append(Sentence(int(g[2]), int(g[3]), g[4], g[5], g[6], int(g[7]), found[row][1], block))
        else:
            kind = "tag block wrong" if right else "checksum wrong"
            tally.reject(kind, f"{kind}: {_shown(found[row][0][0])}")
    return sentences


def _sums(bodies: list[bytes]) -> Any:
    """The exclusive or of the bytes of each body (n,)."""
    joined = np.frombuffer(b"".join(bodies), dtype=np.uint8)
    starts = np.cumsum([0, *(len(body) for body in bodies[:-1])])
    return np.bitwise_xor.reduceat(joined, starts)


def read_tag_block(block: bytes) -> int | None:
    """The time in a tag block, ns UTC, 0 if it tells none; None if its checksum is wrong or its time none."""
    text, star, checksum = block.rpartition(b"*")
    total = 0
    for byte in text:
        total ^= byte
    try:
        if not star or len(checksum) != 2 or int(checksum, 16) != total:
            return None
        for field in text.split(b","):
            if field.startswith(b"c:"):
                return _instant_ns(field[2:])
    except ValueError:
        return None
    return 0


def _instant_ns(digits: bytes) -> int | None:
    if not digits.isdigit() or len(digits) > 13:
        return None
    value = int(digits)
    if value <= MAX_SECONDS:
        return value * 1_000_000_000
    return value * 1_000_000 if value <= MAX_SECONDS * 1_000 else None


def _shown(text: bytes) -> str:
    return repr(text[:70].decode("utf-8", "replace"))
