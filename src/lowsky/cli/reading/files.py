"""Files as items: recordings of bytes, and captures of networks and radios."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from io import BufferedIOBase

from lowsky.model.errors import InputError
from lowsky.wire.capture import Dissector, Packet, Payload, Splitter, is_capture
from lowsky.wire.capture.dissect import MAX_FLOWS
from lowsky.wire.decoded import FrameReader, Reader

from .items import HEAD_BYTES, Item, Place, Readers

PIECE_BYTES = 512  # of what is not text: errors are told to about so many bytes
MAX_LINE = 1 << 16
RADIO = (105, 119, 127, 163, 187, 201, 251, 256)  # link types of IEEE 802.11 and Bluetooth


def items_of_file(file: BufferedIOBase, readers: Readers, notes: Counter[str], port: int = 0) -> Iterator[Item]:
    """All items of a file. What is none (packets of something else, a broken end) is counted in `notes` by sentence.

    With `port`, only packets of a capture from or to it are looked into.

    Raises:
        InputError: if the file is empty, or its format cannot be guessed.
    """
    head = file.read1(HEAD_BYTES)
    if not head:
        raise InputError("it is empty")
    if is_capture(head):
        yield from _Capture(readers, notes, port).items(_pieces(head, file))
    else:
        yield from _items_of_bytes(head, file, readers)


def _items_of_bytes(head: bytes, file: BufferedIOBase, readers: Readers) -> Iterator[Item]:
    name, reader = readers.of(head, False)
    cut = _lines if _is_text(head) else _equal
    byte = 0
    for piece in cut(_pieces(head, file)):
        yield from readers.items_of(name, Place(byte=byte), reader.push(piece))
        byte += len(piece)
    yield from readers.items_of(name, Place(byte=byte), reader.close())


def _pieces(head: bytes, file: BufferedIOBase) -> Iterator[bytes]:
    while head:
        yield head
        head = file.read1(HEAD_BYTES)


def _is_text(head: bytes) -> bool:
    return not any(byte < 9 or byte > 126 for byte in head[:1000])


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each line by itself, with its end."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).splitlines(keepends=True)
        yield from whole
        if len(rest) > MAX_LINE:
            yield rest
            rest = b""
    if rest:
        yield rest


def _equal(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield from (piece[at : at + PIECE_BYTES] for at in range(0, len(piece), PIECE_BYTES))


class _Capture:
    """Each stream and each receiver of datagrams with a reader of its own."""

    def __init__(self, readers: Readers, notes: Counter[str], port: int) -> None:
        self._readers, self._notes, self._port = readers, notes, port
        self._flows: OrderedDict[object, tuple[str, Reader] | None] = OrderedDict()
        self._frames: tuple[str, FrameReader] | None = None
        self._dissector, self._splitter = Dissector(), Splitter()

    def items(self, pieces: Iterable[bytes]) -> Iterator[Item]:
        """Everything that can be read."""
        for piece in pieces:
            for packet in self._splitter.push(piece):
                yield from self._items_of_packet(packet)
        self._splitter.close()
        self._dissector.close()
        for found in self._flows.values():
            if found is not None:
                yield from self._readers.items_of(found[0], Place(packet=self._splitter.packets), found[1].close())
        self._notes.update(self._dissector.ignored)
        if self._splitter.broken:
            self._notes[f"capture broken {self._splitter.broken}"] += 1

    def _items_of_packet(self, packet: Packet) -> Iterator[Item]:
        number = self._splitter.packets
        if packet.link_type in RADIO:
            self._frames = self._frames or self._readers.of_frames()
            if self._frames is None:
                self._notes["frame of a radio"] += 1
                return
            place = Place(packet=number, time_ns=packet.time_ns)
            name, reader = self._frames
            yield from self._readers.items_of(name, place, reader.push_frame(packet.link_type, packet.data))
            return
        for payload in self._dissector.push(packet):
            if self._port and self._port not in (payload.source[1], payload.target[1]):
                self._notes["packet of another port"] += 1
                continue
            found = self._reader(payload)
            if found is None:
                self._notes["packet that looks like no format (--format says which)"] += 1
                continue
            place = Place(None, number, payload.time_ns, _end(payload.source), _end(payload.target))
            yield from self._readers.items_of(found[0], place, found[1].push(payload.data))

    def _reader(self, payload: Payload) -> tuple[str, Reader] | None:
        """The reader of a payload's flow; None: it looks like no format."""
        flow: object = (payload.target,) if payload.datagram else payload.flow
        if flow not in self._flows:
            try:
                self._flows[flow] = self._readers.of(payload.data, payload.datagram)
            except InputError:
                self._flows[flow] = None
            if len(self._flows) > MAX_FLOWS:
                self._flows.popitem(last=False)
        self._flows.move_to_end(flow)
        return self._flows[flow]


def _end(end: tuple[str, int]) -> str:
    host, port = end
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
