"""Captures: both formats, every link, fragments and streams; oracles are dpkt and tshark, input is garbage too."""

from __future__ import annotations

import io
import itertools
import random
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

import dpkt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.wire.capture import Dissector, Packet, Payload, Splitter, is_capture
from lowsky.wire.capture.dissect import MAX_FLOWS
from lowsky.wire.capture.files import MAX_PACKET
from lowsky.wire.capture.fragments import MAX_PENDING
from lowsky.wire.capture.segments import MAX_EARLY

ETHERNET = b"\x01\x00\x5e\x01\x01\x01\x02\0\0\0\0\x01"


def split(data: bytes, piece: int = 1 << 30) -> tuple[list[Packet], str]:
    """All packets of a file that comes in pieces, and why it broke."""
    splitter = Splitter()
    packets = [p for at in range(0, len(data), piece) for p in splitter.push(data[at : at + piece])]
    splitter.close()
    return packets, splitter.broken


def dissected(frames: list[bytes], link_type: int = 101) -> tuple[list[Payload], dict[str, int]]:
    """Everything the frames carry."""
    dissector = Dissector()
    found = [p for i, f in enumerate(frames) for p in dissector.push(Packet(i, link_type, f, False))]
    dissector.close()
    return found, dict(dissector.ignored)


def udp(data: bytes, port: int = 8600, **fields: object) -> bytes:
    """A packet of IPv4 with a datagram."""
    inner = dpkt.udp.UDP(sport=1000, dport=port, data=data, ulen=8 + len(data))
    return bytes(dpkt.ip.IP(src=b"\x0a\0\0\1", dst=b"\x0a\0\0\2", p=17, data=inner, **fields))


def tcp(sequence: int, data: bytes, flags: int = 0x18, port: int = 9) -> bytes:
    """A packet of IPv4 with a segment."""
    inner = dpkt.tcp.TCP(sport=1000, dport=port, seq=sequence % (1 << 32), flags=flags, data=data)
    return bytes(dpkt.ip.IP(src=b"\x0a\0\0\1", dst=b"\x0a\0\0\2", p=6, data=inner))


def pcap(frames: list[bytes], link_type: int = 101, nano: bool = False) -> bytes:
    """A capture as dpkt writes it, a packet a second and a quarter."""
    file = io.BytesIO()
    writer = dpkt.pcap.Writer(file, linktype=link_type, nano=nano)
    for i, frame in enumerate(frames):
        writer.writepkt(frame, ts=1_700_000_000 + 1.25 * i)
    return file.getvalue()


def fixtures(shared: Path) -> list[Path]:
    return sorted((shared / "data").glob("**/*.pcap"))


def test_recordings_are_cut_as_dpkt_cuts_them_however_they_come(shared: Path) -> None:
    for path in fixtures(shared):
        data = path.read_bytes()
        packets, broken = split(data, 777)
        with path.open("rb") as file:
            expected = list(dpkt.pcap.Reader(file))
        assert not broken
        assert [p.data for p in packets] == [frame for _, frame in expected]
        assert [p.time_ns / 1e9 for p in packets] == pytest.approx([ts for ts, _ in expected], abs=1e-6)


def test_payloads_are_those_tshark_sees(shared: Path, peer: Callable[[str], str]) -> None:
    path = shared / "data" / "asterix" / "samples" / "cat_034_048.pcap"
    said = subprocess.run(
        [peer("tshark"), "-r", str(path), "-T", "fields", "-e", "ip.src", "-e", "udp.dstport", "-e", "udp.payload"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    expected = [tuple(line.split("\t")) for line in said.splitlines()]
    dissector = Dissector()
    found = [p for packet in split(path.read_bytes())[0] for p in dissector.push(packet)]
    assert [(p.source[0], str(p.target[1]), p.data.hex()) for p in found] == expected


@pytest.mark.parametrize("nano", [False, True])
def test_times_of_both_resolutions(nano: bool) -> None:
    packets, _ = split(pcap([b"a", b"bc"], nano=nano))
    assert [(p.time_ns, p.data) for p in packets] == [
        (1_700_000_000_000_000_000, b"a"), (1_700_000_001_250_000_000, b"bc")
    ]  # fmt: skip


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(order: str = "<") -> bytes:
    """Two interfaces with clocks of their own, every kind of packet block, and blocks to step over."""

    def pack(form: str, *values: int) -> bytes:
        return struct.pack(order + form, *values)

    nano = pack("HHB3x", 9, 1, 9) + pack("HHq", 14, 8, 100) + pack("HH", 0, 0)
    binary = pack("HHB3x", 9, 1, 0x80 | 10)
    ticks = 1_700_000_000 * 1024 + 512
    return b"".join([
        block(0x0A0D0D0A, pack("IHHq", 0x1A2B3C4D, 1, 0, -1), order),
        block(1, pack("HHI", 1, 0, 0) + nano, order),
        block(1, pack("HHI", 251, 0, 64) + binary, order),
        block(5, b"statistics", order),
        block(6, pack("IIIII", 1, ticks >> 32, ticks & 0xFFFFFFFF, 3, 3) + b"abc", order),
        block(3, pack("I", 2) + b"xy", order),
        block(6, pack("IIIII", 0, 0, 7, 2, 9) + b"cu", order),
        block(2, pack("HHIIII", 0, 0, 0, 8, 1, 1) + b"o", order),
    ])  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("piece", [1, 13, 1 << 20])
def test_pcapng_with_interfaces_of_their_own_clocks(order: str, piece: int) -> None:
    packets, broken = split(pcapng(order) * 2, piece)
    half_ns = 1_700_000_000_500_000_000
    assert not broken
    assert packets[:4] == [
        Packet(half_ns, 251, b"abc", False), Packet(half_ns, 1, b"xy", False),
        Packet(100_000_000_007, 1, b"cu", True), Packet(100_000_000_008, 1, b"o", False),
    ]  # fmt: skip
    assert packets[4:] == packets[:4], "a second section begins anew"


def test_pcapng_as_another_program_writes_it(shared: Path, peer: Callable[[str], str], tmp_path: Path) -> None:
    path = shared / "data" / "asterix" / "samples" / "cat_034_048.pcap"
    subprocess.run([peer("editcap"), "-F", "pcapng", str(path), str(tmp_path / "a.pcapng")], check=True)
    assert split((tmp_path / "a.pcapng").read_bytes())[0] == split(path.read_bytes())[0]


@pytest.mark.parametrize(
    ("data", "packets", "words"),
    [
        (b"\x7fELF" + bytes(40), 0, "neither pcap nor pcapng"),
        (pcap([b"abc", b"defg"])[:-2], 1, "ends in the middle of packet 2"),
        (pcap([b"abc"]) + struct.pack("<IIII", 0, 0, MAX_PACKET + 1, 9) + b"x", 1, "at byte 43: packet 2 is said"),
        (pcapng()[:-4] , 3, "ends in the middle"),
        (pcapng() + struct.pack("<II", 6, 13), 4, "said to have 13 bytes"),
        (pcapng() + block(6, struct.pack("<IIIII", 9, 0, 0, 0, 0)), 4, "type 6 is not as it should be"),
        (pcapng() + block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99)), 4, "type 6"),
        (pcapng() + block(1, struct.pack("<HHIHHB3x", 1, 0, 0, 9, 1, 127)), 4, "type 1"),
    ],
)  # fmt: skip
def test_a_broken_file_gives_what_could_be_read_and_a_sentence(data: bytes, packets: int, words: str) -> None:
    found, broken = split(data + bytes(16) if "ends" not in words else data)
    assert len(found) == packets
    assert words in broken


def test_captures_are_known_by_their_beginning() -> None:
    assert is_capture(pcap([]))
    assert is_capture(pcap([], nano=True))
    assert is_capture(pcapng())
    assert not is_capture(b"")
    assert not is_capture(b'{"type"')


# --- packets ---


@pytest.mark.parametrize(
    ("link_type", "head"),
    [
        (1, ETHERNET + b"\x08\0"),
        (1, ETHERNET + b"\x81\0\0\x05\x08\0"),
        (1, ETHERNET + b"\x88\xa8\0\x05\x81\0\0\x06\x08\0"),
        (0, b"\2\0\0\0"),
        (108, b"\0\0\0\2"),
        (101, b""),
        (228, b""),
        (113, bytes(14) + b"\x08\0"),
        (276, b"\x08\0" + bytes(18)),
    ],
)
def test_every_link_is_looked_behind(link_type: int, head: bytes) -> None:
    found, ignored = dissected([head + udp(b"hello") + b"padding"], link_type)
    assert found == [Payload(0, True, ("10.0.0.1", 1000), ("10.0.0.2", 8600), b"hello")]
    assert not ignored


def test_ipv6_with_headers_to_step_over() -> None:
    inner = bytes(dpkt.udp.UDP(sport=1, dport=2, data=b"six", ulen=11))
    packet = b"\x60\0\0\0" + struct.pack(">H", 16 + len(inner)) + b"\0\x40" + bytes(15) + b"\1" + bytes(15) + b"\2"
    packet += b"\x3c\0" + bytes(6) + b"\x11\0" + bytes(6) + inner
    [found] = dissected([packet])[0]
    assert (found.source, found.target, found.data) == (("::1", 1), ("::2", 2), b"six")


@pytest.mark.parametrize(
    ("frame", "link_type", "words"),
    [
        (b"", 101, "packet with a broken IP header"),
        (udp(b"hello")[:-1], 101, "packet with a broken IP header"),
        (b"\x45" * 19, 101, "packet with a broken IP header"),
        (udp(b""), 101, "packet that carries nothing"),
        (tcp(1, b""), 101, "packet that carries nothing"),
        (ETHERNET + b"\x08\x06" + bytes(40), 1, "packet without IP"),
        (b"radio", 127, "packet without IP"),
        (bytes(dpkt.ip.IP(p=1, data=b"12345678")), 101, "packet without UDP or TCP"),
        (udp(b"hello").replace(b"\0\x0d\0\0hello", b"\0\xff\0\0hello"), 101, "packet with a broken UDP header"),
    ],
)
def test_what_is_no_payload_is_counted(frame: bytes, link_type: int, words: str) -> None:
    frame = frame if words != "packet with a broken UDP header" else _with_udp_length(frame)
    assert dissected([frame], link_type) == ([], {words: 1})


def _with_udp_length(frame: bytes) -> bytes:
    return frame[:24] + b"\xff\xff" + frame[26:]


def fragments(data: bytes, sizes: list[int], identification: int = 1) -> list[bytes]:
    """The datagram in pieces of so many bytes (multiples of eight, the last is what is left)."""
    whole = udp(data)[20:]
    pieces, at = [], 0
    for size in [*sizes, len(whole)]:
        piece, more = whole[at : at + size], at + size < len(whole)
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(piece), identification, more << 13 | at // 8, 9, 17, 0,
                           b"\x0a\0\0\1", b"\x0a\0\0\2")  # fmt: skip
        pieces.append(head + piece)
        at += size
        if not more:
            break
    return pieces


@given(st.binary(min_size=60, max_size=400), st.permutations(range(4)), st.integers(0, 3))
def test_fragments_come_together_in_any_order(data: bytes, order: list[int], again: int) -> None:
    pieces = fragments(data, [16, 24, 8])
    found, ignored = dissected([pieces[i] for i in order])
    assert [p.data for p in found] == [data]
    assert not ignored
    twice = [pieces[i] for i in order[:-1]] + [pieces[order[0]]] + [pieces[order[-1]]]
    assert [p.data for p in dissected(twice)[0]] == [data]
    missing = [p for i, p in enumerate(pieces) if i != again]
    assert dissected(missing) == ([], {"fragment without its others": 3})


def test_fragments_without_their_others_are_given_up() -> None:
    pieces = [fragments(bytes(100), [16], i)[0] for i in range(3 * MAX_PENDING)]
    assert dissected(pieces) == ([], {"fragment without its others": 3 * MAX_PENDING})


def test_a_fragment_beyond_the_longest_packet() -> None:
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 1020, 7, 0x3FFF, 9, 17, 0, b"abcd", b"efgh")
    assert dissected([head + bytes(1000)]) == ([], {"fragment without its others": 1})


@given(st.binary(min_size=1, max_size=200), st.integers(0, 2**32 - 1), st.randoms(use_true_random=False))
def test_a_stream_is_whole_in_whatever_order_its_segments_come(data: bytes, first: int, chance: random.Random) -> None:
    cuts = sorted({0, len(data), *(chance.randrange(len(data)) for _ in range(8))})
    parts = [(a, data[a : min(b + chance.randrange(4), len(data))]) for a, b in itertools.pairwise(cuts)]
    again = [*parts, *chance.sample(parts, len(parts) // 2)]
    chance.shuffle(again)
    frames = [tcp(first, b"", flags=2)] + [tcp(first + 1 + at, part) for at, part in again]
    found, ignored = dissected(frames)
    assert b"".join(p.data for p in found) == data
    assert ignored.get("byte missing in a TCP stream", 0) == 0


def test_what_never_comes_is_stepped_over_and_counted() -> None:
    frames = [tcp(100, b"begin"), *(tcp(110 + i, b"x") for i in range(MAX_EARLY + 1))]
    found, ignored = dissected(frames)
    assert b"".join(p.data for p in found) == b"begin" + b"x" * (MAX_EARLY + 1)
    assert ignored == {"byte missing in a TCP stream": 5}


def test_directions_and_connections_are_kept_apart() -> None:
    frames = [tcp(1, b"a", port=p) for p in range(2 * MAX_FLOWS)] + [tcp(2, b"b", port=2 * MAX_FLOWS - 1)]
    frames += [tcp(900, b"", flags=2, port=2 * MAX_FLOWS - 1), tcp(901, b"new", port=2 * MAX_FLOWS - 1)]
    found, _ = dissected(frames)
    assert len({p.flow for p in found}) == 2 * MAX_FLOWS
    assert [p.data for p in found if p.target[1] == 2 * MAX_FLOWS - 1] == [b"a", b"b", b"new"]


SEEDS = [pcap([udp(b"x" * 30), tcp(1, b"y")]), pcapng(), pcap(fragments(bytes(100), [16, 16]), nano=True)]


@settings(max_examples=300)
@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=6)), max_size=6),
       st.integers(1, 100))  # fmt: skip
def test_garbage_costs_itself(seed: bytes, changes: list[tuple[int, bytes]], piece: int) -> None:
    data = bytearray(seed)
    for at, new in changes:
        data[at : at + len(new)] = new
    packets, broken = split(bytes(data), piece)
    dissector = Dissector()
    payloads = [p for packet in packets for p in dissector.push(packet)]
    dissector.close()
    assert sum(len(p.data) for p in packets) <= len(data)
    assert all(p.data for p in payloads)
    assert (packets, broken) == split(bytes(data)), "however it is cut"


@given(st.binary(max_size=300), st.sampled_from([0, 1, 12, 101, 113, 228, 276]))
def test_any_frame_gives_payloads_or_is_counted(frame: bytes, link_type: int) -> None:
    found, ignored = dissected([frame], link_type)
    assert len(found) + sum(ignored.values()) == 1
