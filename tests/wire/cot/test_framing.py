"""Streams cut anywhere, garbage between, lengths that lie."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.cot import protobuf, xml
from lowsky.wire.cot.framing import MAX_GARBAGE, Form, Piece, Splitter, split_datagram
from lowsky.wire.cot.tree import MAX_BYTES
from tests.wire.cot.making import contact, event

A, B, C = (event(uid, "a-f-G", contact(uid)) for uid in ("a", "b", "c"))
XML_A, XML_B, XML_C = (xml.encode(e) for e in (A, B, C))
TAK_A, TAK_B, TAK_C = (protobuf.stream_frame(protobuf.encode(e)) for e in (A, B, C))
MESH_A, MESH_B = (protobuf.mesh_frame(protobuf.encode(e)) for e in (A, B))


def uids(pieces: list[Piece]) -> list[str]:
    """The uid of each event, "-" for what is none."""
    found = []
    for piece in pieces:
        if piece.form is Form.FAULT:
            one = None
        else:
            one = xml.decode(piece.data) if piece.form is Form.XML else protobuf.decode(piece.data)[0]
        found.append("-" if one is None else one.uid)
    return found


def split(data: bytes, cuts: list[int]) -> list[Piece]:
    splitter, edges = Splitter(), [0, *sorted(cuts), len(data)]
    found = [piece for a, b in pairwise(edges) for piece in splitter.push(data[a:b])]
    return [*found, *splitter.close()]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (XML_A + XML_B, ["a", "b"]),
        (XML_A + b"\r\n \n" + XML_B + b"\n", ["a", "b"]),
        (TAK_A + TAK_B, ["a", "b"]),
        (XML_A + TAK_B + XML_C, ["a", "b", "c"]),
        (b"hello" + XML_A + b"<auth><cot username='x'/></auth>" + XML_B, ["-", "a", "-", "b"]),
        (XML_A[:120] + XML_B, ["-", "b"]),
        (XML_A + XML_B[:120], ["a", "-"]),
        (b"\xbf\xff\xff\xff\xff\x7f" + TAK_A, ["-", "a"]),
        (b"\xbf\x7f" + TAK_A + TAK_B, ["-", "a", "b"]),
        (TAK_A[:30] + TAK_B, ["-", "b"]),
        (TAK_A + TAK_B[:40], ["a", "-"]),
        (MESH_A + MESH_B, ["a", "b"]),
        (b"\xbf\x00" + XML_A, ["-", "a"]),
        (b"</event>" + XML_A, ["-", "a"]),
        (b"<?xml version='1.0'?><eventual/>" + XML_A, ["-", "a"]),
        (b"", []),
        (b" \n", []),
    ],
)
def test_messages_are_found_between_whatever_there_is(data: bytes, expected: list[str]) -> None:
    assert uids(split(data, [])) == expected
    assert uids(split(data, list(range(1, len(data))))) == expected


@given(
    parts=st.lists(
        st.one_of(st.sampled_from([XML_A, XML_B, TAK_A, TAK_B, XML_C[:90], TAK_C[:33]]), st.binary(max_size=12)),
        max_size=6,
    ),
    seed=st.integers(0, 1000),
)
def test_the_cut_of_a_stream_changes_nothing(parts: list[bytes], seed: int) -> None:
    data, rng = b"".join(parts), random.Random(seed)
    cuts = [rng.randrange(len(data) + 1) for _ in range(rng.randrange(12))]
    assert split(data, cuts) == split(data, [])


def test_whole_recordings(shared: Path) -> None:
    for name in ("events.stream.bin", "events.xml.txt"):
        data = (shared / "data" / "cot" / name).read_bytes()
        assert len(split(data, list(range(0, len(data), 777)))) == 141
    data = (shared / "data" / "cot" / "events.mesh.bin").read_bytes()
    count = at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "little")
        [piece] = split_datagram(data[at + 4 : at + 4 + length])
        assert piece.form is Form.TAK
        at, count = at + 4 + length, count + 1
    assert count == 141


def test_an_event_that_is_too_long_costs_itself_and_is_told_once() -> None:
    long = XML_A.replace(b"<detail>", b"<detail>" + b" " * MAX_BYTES)
    data = XML_B + long + XML_C
    for cuts in ([], list(range(0, len(data), 5000))):
        pieces = split(data, cuts)
        assert [piece.form for piece in pieces] == [Form.XML, Form.FAULT, Form.XML]
        assert b"longer" in pieces[1].data


def test_garbage_without_end_is_counted_and_not_kept() -> None:
    splitter = Splitter()
    told = [piece for _ in range(64) for piece in splitter.push(b"\xff" * 4096)]
    assert len(told) == 64 * 4096 // MAX_GARBAGE - 1
    assert len(splitter._buffer) == 0
    assert uids([*splitter.push(XML_A), *splitter.close()]) == ["-", "a"]


def test_a_frame_that_never_ends_is_kept_no_longer_than_a_message() -> None:
    splitter = Splitter()
    splitter.push(b"\xbf" + protobuf.varint(MAX_BYTES) + b"\x12" + protobuf.varint(MAX_BYTES - 4))
    for _ in range(MAX_BYTES // 4096 + 2):
        splitter.push(b"\x00" * 4096)
    assert len(splitter._buffer) < 8192


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (MESH_A, ["a"]),
        (TAK_A, ["a"]),
        (XML_A, ["a"]),
        (b"\xef\xbb\xbf" + XML_A + b"\0", ["a"]),
        (XML_A + XML_B, ["a", "b"]),
        (b"\xbf\x07\xbf" + MESH_A[3:], ["-"]),
        (b"", []),
    ],
)
def test_datagrams(data: bytes, expected: list[str]) -> None:
    assert uids(split_datagram(data)) == expected
