"""Beast and AVR: every message is found however the stream is cut, and what is none is counted once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.adsb import modes
from lowsky.wire.adsb.parity import remainders
from tests.wire.adsb.made import T0, Heard, airborne, avr, beast, decoder, frame, parity, short

FRAMES = [frame(airborne(51.0, 4.0, odd), address) for address in (0xF00001, 0x1A1A1A) for odd in (0, 1)]
CALL = short(bytes([0x5D]) + (0xF00001).to_bytes(3, "big"))


def read(name: str, pieces: list[bytes], datagrams: bool = False) -> Heard:
    heard, reading = Heard(), decoder(name, datagrams=datagrams)
    for i, piece in enumerate(pieces):
        reading.push(piece, T0 + i)
    reading.close(T0)
    heard.take(reading.take())
    return heard


@pytest.mark.parametrize(
    ("text", "rest"),
    [("8D406B902015A678D4D220AA4BDA", 0), ("5D484FDEA248F5", 0x16), ("8D406B902015A678D4D220AA4BDB", 1)],
)
def test_parity_of_recorded_frames(text: str, rest: int) -> None:
    data = np.frombuffer(bytes.fromhex(text.ljust(28, "0")), dtype=np.uint8).reshape(1, 14)
    assert remainders(data, np.array([len(text) == 28])) == [rest]


@given(st.lists(st.binary(min_size=4, max_size=11).filter(lambda b: len(b) in (4, 11)), min_size=1, max_size=20))
def test_parity_is_that_of_a_long_division(bodies: list[bytes]) -> None:
    whole = [body + bytes(3) for body in bodies]
    data = np.array([list(w.ljust(14, b"\0")) for w in whole], dtype=np.uint8)
    assert remainders(data, np.array([len(w) == 14 for w in whole])).tolist() == [parity(body) for body in bodies]


@given(st.data())
def test_any_message_is_found_in_any_pieces_of_beast(data: st.DataObject) -> None:
    messages = data.draw(st.lists(st.sampled_from([*FRAMES, CALL]), min_size=1, max_size=8))
    stream = b"".join(beast(m, ticks=0x1A1A00001A1A + i, signal=0x1A) for i, m in enumerate(messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    heard = read("beast", [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)])
    assert heard.received == len(messages)
    assert not heard.rejected
    assert heard.ignored.get("all-call reply", 0) == messages.count(CALL)


@pytest.mark.parametrize(
    ("stream", "rejected", "ignored"),
    [
        (b"noise" + beast(CALL), {"bytes between messages": 1}, {"all-call reply": 1}),
        (beast(CALL) + b"noise\x1a\x1a" + beast(CALL), {"bytes between messages": 1}, {"all-call reply": 2}),
        (beast(CALL)[:-2] + beast(CALL), {"message cut short": 1}, {"all-call reply": 1}),
        (beast(CALL)[:-2], {"message cut short": 1}, {}),
        (beast(CALL) + b"\x1a", {"message cut short": 1}, {"all-call reply": 1}),
        (b"\x1a9abc" + beast(CALL), {"type unknown": 1}, {"all-call reply": 1}),
        (b"\x1a1" + bytes(9) + b"\x1a4" + bytes(21), {}, {"Mode A/C": 1, "status of the receiver": 1}),
        (beast(frame(0)[:-1] + b"\x01"), {"parity wrong": 1}, {}),
        (beast(FRAMES[0][:7]), {"length not that of its format": 1}, {}),
    ],
)
def test_what_is_wrong_in_beast_costs_only_itself(
    stream: bytes, rejected: dict[str, int], ignored: dict[str, int]
) -> None:
    for pieces in ([stream], [stream[i : i + 1] for i in range(len(stream))]):
        heard = read("beast", pieces)
        assert (heard.rejected, heard.ignored) == (rejected, ignored)


def test_a_datagram_ends_what_it_began() -> None:
    stream = beast(CALL)
    heard = read("beast", [stream[:10], stream[10:], stream], datagrams=True)
    assert heard.rejected == {"message cut short": 1, "bytes between messages": 1}
    assert heard.ignored == {"all-call reply": 1}


@pytest.mark.parametrize(
    "line",
    [
        b"*%s;", b"@0123456789AB%s;", b"%%0123456789ab%s;", b"<0123456789AB7F%s;", b"  *%s;  ", b"*%s",
    ],
)  # fmt: skip
def test_forms_of_avr(line: bytes) -> None:
    for text in (CALL.hex().encode(), CALL.hex().upper().encode()):
        heard = read("avr", [line % text + b"\r\n", line % text + b"\n"])
        assert (heard.rejected, heard.ignored) == ({}, {"all-call reply": 2})


def test_avr_without_lines_and_what_is_none() -> None:
    heard = read("avr", [avr(CALL, CALL).replace(b"\n", b""), b"*7700;*7G00;\n\nhello\n*", b"x" * 5000 + b"\n", b"*8D"])
    assert heard.ignored == {"all-call reply": 2, "Mode A/C": 1}
    assert heard.rejected == {"not hexadecimal": 1, "no AVR message": 2, "message cut short": 1}


@given(st.lists(st.sampled_from([*(avr(f) for f in FRAMES), avr(CALL), b"\n", b"*zz;", b"*8D", b"no\n", b"@1;"])))
def test_every_message_of_avr_is_counted_once(lines: list[bytes]) -> None:
    stream = b"".join(lines)
    messages = [m for m in stream.replace(b";", b"\n").split(b"\n") if m.strip()]
    assert read("avr", [stream]).received == len(messages)


def test_a_flood_that_nobody_takes_is_bounded_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(modes, "MAX_PENDING_BYTES", 32_000)
    reading = decoder("beast")
    for _ in range(40):
        reading.push(bytes(1_000), T0)
    taken = reading.take()
    assert taken.problems.counts == {"not taken in time": 8, "bytes between messages": 1}
