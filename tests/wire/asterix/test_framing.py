"""Datablocks in a stream: cut anyhow, with garbage between, never lost nor made up."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.wire.asterix.framing import MAX_SEARCHED_OCTETS, Framer
from lowsky.wire.asterix.options import AsterixOptions
from lowsky.wire.asterix.tables import make_tables
from lowsky.wire.asterix.walk import Walker
from lowsky.wire.asterix.writing import encode
from tests.wire.asterix.items import datablocks

WALKER = Walker(make_tables(AsterixOptions().categories(), {}))
PLOT = encode(48, [{"010": {"SAC": 1, "SIC": 2}, "161": {"TRN": 7}}])
TRACK = encode(62, [{"010": {"SAC": 1, "SIC": 2}, "040": 7}])
OTHER = b"\xf7\x00\x06\x80\x01\x02"  # of a category that is not described


def _framed(*pieces: bytes) -> tuple[bytes, int]:
    """What came out of all pieces, the end of the stream included, and how often garbage began."""
    framer = Framer(WALKER)
    parts = [*(framer.push(piece) for piece in pieces), framer.close()]
    return b"".join(p.blocks for p in parts), sum(p.losses for p in parts)


def test_a_clean_stream_comes_through_at_once() -> None:
    framer = Framer(WALKER)
    assert framer.push(PLOT + TRACK[:4]).blocks == PLOT
    assert framer.push(TRACK[4:] + PLOT).blocks == TRACK + PLOT
    assert framer.close().blocks == b""


def test_categories_that_are_not_described_are_skipped_by_their_length() -> None:
    assert _framed(PLOT + OTHER + PLOT) == (PLOT + OTHER + PLOT, 0)
    assert _framed(PLOT + OTHER) == (PLOT + OTHER, 0)


def test_garbage_costs_itself_and_is_told_once() -> None:
    assert _framed(PLOT + b"\x00garbage, more of it\xff" + TRACK + PLOT) == (PLOT + TRACK + PLOT, 1)
    assert _framed(b"\x30\x00\x03" + PLOT + TRACK + b"\xff\xff\xff" + TRACK) == (PLOT + TRACK + TRACK, 2)
    assert _framed(b"text only, nothing else") == (b"", 1)


def test_a_beginning_without_an_end_is_given_out_to_be_told() -> None:
    assert _framed(PLOT, TRACK[:-1]) == (PLOT + TRACK[:-1], 0)


def test_after_garbage_nothing_is_believed_that_is_not_whole_and_followed() -> None:
    framer = Framer(WALKER)
    assert framer.push(b"\x00" + PLOT).blocks == b""  # what follows decides
    assert framer.push(TRACK[:1]).blocks == PLOT
    assert framer.push(TRACK[1:]).blocks == TRACK


@settings(max_examples=200)
@given(
    parts=st.lists(
        st.one_of(st.sampled_from([PLOT, TRACK, OTHER]), st.binary(min_size=1, max_size=12)), min_size=1, max_size=8
    ),
    cuts=st.lists(st.integers(0, 120), max_size=6),
)
def test_how_a_stream_is_cut_changes_nothing(parts: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(parts)
    ends = [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    starts = [0, *ends[:-1]]
    assert _framed(*(stream[a:b] for a, b in zip(starts, ends, strict=True))) == _framed(stream)


@settings(max_examples=100)
@given(garbage=st.binary(max_size=40))
def test_the_last_datablocks_come_through_any_garbage_before_them(garbage: bytes) -> None:
    """Two that follow each other: the header of garbage may swallow as much as it says."""
    rest = (PLOT + TRACK) * (2 * MAX_SEARCHED_OCTETS // len(PLOT + TRACK))
    found, _ = _framed(PLOT + b"\x00" + garbage + rest)
    assert found.endswith(PLOT + TRACK)
    assert next(datablocks(found)) == PLOT


def test_what_is_kept_has_a_limit() -> None:
    framer = Framer(WALKER)
    for _ in range(200):
        framer.push(b"\x00" * 1000)
        assert len(framer._kept) <= MAX_SEARCHED_OCTETS
    framer = Framer(WALKER)
    for _ in range(200):
        framer.push(b"\x30\xff\xff" + bytes(997))
        assert len(framer._kept) <= 0xFFFF + 1000
