"""Lengths and messages: the same however a stream is cut, and a stream that cannot go on says so."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.sapient.framing import MAX_MESSAGE_BYTES, Splitter, frame


@given(messages=st.lists(st.binary(max_size=300), max_size=8), cuts=st.lists(st.integers(0, 2500), max_size=8))
def test_messages_come_out_as_they_went_in(messages: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frame(message) for message in messages)
    at = sorted({0, len(stream), *(cut for cut in cuts if cut < len(stream))})
    splitter, found = Splitter(), []
    for begin, end in itertools.pairwise(at):
        found += splitter.push(stream[begin:end])
    assert found == messages
    assert not splitter.broken
    assert splitter.close() == 0


@given(good=st.lists(st.binary(max_size=50), max_size=3), length=st.integers(101, 2**32 - 1), rest=st.binary())
def test_a_length_beyond_the_limit_ends_the_stream_and_costs_no_message_before_it(
    good: list[bytes], length: int, rest: bytes
) -> None:
    splitter = Splitter(limit=100)
    tail = length.to_bytes(4, "little") + rest
    assert splitter.push(b"".join(map(frame, good)) + tail) == good
    assert str(length) in splitter.broken
    assert splitter.push(frame(b"more")) == []
    assert splitter.lost_bytes == len(tail) + 8


@given(pieces=st.lists(st.binary(max_size=64), max_size=60))
def test_garbage_never_keeps_more_than_the_limit(pieces: list[bytes]) -> None:
    splitter = Splitter(limit=100)
    given_out = sum(len(message) + 4 for piece in pieces for message in splitter.push(piece))
    lost = splitter.lost_bytes
    kept = splitter.close()
    assert kept <= 104
    assert given_out + kept + lost == sum(map(len, pieces))


def test_a_cut_off_message_is_told_in_bytes() -> None:
    splitter = Splitter()
    assert splitter.push(frame(b"12345")[:-2]) == []
    assert splitter.close() == 7


def test_what_no_peer_takes_is_not_sent() -> None:
    with pytest.raises(ValueError, match="longer than"):
        frame(bytes(MAX_MESSAGE_BYTES + 1))
