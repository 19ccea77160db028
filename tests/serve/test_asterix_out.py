"""The system track server over real sockets: to one receiver and to a group, with its beginning, pauses and end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lowsky.model.errors import InputError
from lowsky.serve.answers.site import Health
from lowsky.serve.outputs.contract import Way
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.kinds import make_way
from lowsky.wire.asterix.reading import read_block
from tests.serve.showing import SITE, S, Server, kept, until

GROUP = "239.255.48.62"


@contextlib.contextmanager
def receiver(group: str = "") -> Iterator[socket.socket]:
    """A socket on this machine that hears what is sent to it, or to a group."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        line.bind((group or "127.0.0.1", 0))
        if group:
            joined = socket.inet_aton(group) + socket.inet_aton("127.0.0.1")
            line.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, joined)
        line.settimeout(5.0)
        yield line


def way_to(line: socket.socket, group: str = "", **options: Any) -> Way:
    port = line.getsockname()[1]
    to = f"udp://{group}:{port}?interface=127.0.0.1&ttl=0" if group else f"udp://127.0.0.1:{port}"
    entry = {"name": "centre", "kind": "asterix", "to": to, "sac": 25, "sic": 100, **options}
    return make_way(entry, "site.toml, outputs[0]", Path("/nowhere"), SITE)


def heard(line: socket.socket) -> list[tuple[int, dict[str, Any]]]:
    """Category and items of every record that waits."""
    line.setblocking(False)
    found: list[tuple[int, dict[str, Any]]] = []
    with contextlib.suppress(BlockingIOError):
        while True:
            data = line.recv(65_535)
            assert len(data) <= 1400
            found += [(data[0], items) for items in read_block(data)]
    return found


@pytest.mark.parametrize("group", ["", GROUP])
def test_a_receiver_hears_tracks_status_and_the_end(group: str) -> None:
    server = Server()
    server.board.sensors = (SimpleNamespace(state="well"), SimpleNamespace(state="silent"))

    async def go(line: socket.socket) -> OutputKeeper:
        keeper = OutputKeeper(way_to(line, group, sensors={"25/13": "radar"}), server.view)
        async with kept(keeper):
            await until(lambda: keeper.messages >= 2)  # status of system and sensors
            for second, numbers in ((10, [1, 2]), (11, [2]), (12, [])):
                server.turn(numbers, second * S)
                before = keeper.messages
                await until(lambda before=before: keeper.messages >= before + 1)  # type: ignore[misc]
                await asyncio.sleep(0.05)
        return keeper

    with receiver(group) as line:
        keeper = asyncio.run(go(line))
        records = heard(line)
    tracks = [(r["040"], r["080"]["TSB"], r["080"]["TSE"]) for number, r in records if number == 62]
    assert tracks == [(1, 1, 0), (2, 1, 0), (1, 0, 1), (2, 0, 0), (2, 0, 1)]
    kinds = [r["000"] for number, r in records if number == 65]
    assert kinds[0] == 1
    assert kinds.count(2) == 3
    assert kinds[-1] == 3
    assert [r["050"] for number, r in records if number == 65 and "050" in r] == [7]
    sensors = [(r["050"]["SIC"], r["060"]["CON"]) for number, r in records if number == 63]
    assert set(sensors) == {(13, 0)}
    assert (keeper.info().failures, keeper.info().dropped, keeper.state) == (0, 0, "running")


def test_where_nobody_listens_it_waits_and_goes_on_when_somebody_does() -> None:
    server = Server()

    async def go(port: int) -> list[Any]:
        line = SimpleNamespace(getsockname=lambda: ("127.0.0.1", port))
        keeper = OutputKeeper(way_to(line, status_s=0.2), server.view)  # type: ignore[arg-type]
        async with kept(keeper):
            await until(lambda: keeper.state == "waiting")
            assert keeper.lost > 0
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
                back.bind(("127.0.0.1", port))
                await until(lambda: keeper.state == "running")
                server.turn([1], 10 * S)
                await asyncio.sleep(0.1)
                return [items for number, items in heard(back) if number == 62]

    with receiver() as line:
        port = line.getsockname()[1]
    records = asyncio.run(go(port))
    assert [r["040"] for r in records] == [1]


def test_trouble_of_the_server_is_told_and_its_end_too() -> None:
    server = Server()
    states = [Health("well", (), 1.0, "0"), Health("degraded", ("the core has not turned for 6 s",), 1.0, "0")]

    async def go(line: socket.socket) -> None:
        keeper = OutputKeeper(way_to(line, status_s=0.2), server.view)
        async with kept(keeper):
            for state in (states[0], states[1], states[0]):
                server.health = lambda state=state: state  # type: ignore[method-assign,misc]
                await asyncio.sleep(0.25)

    with receiver() as line:
        asyncio.run(go(line))
        told = [items for number, items in heard(line) if number == 65]
    assert [r["050"] for r in told if "050" in r] == [1, 2, 7]
    assert {r["040"]["NOGO"] for r in told if "040" in r} == {0, 1}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sac": 256}, r"outputs\[0\].sac: 256 is not between 0 and 255"),
        ({"service": -1}, r"outputs\[0\].service: -1"),
        ({"period_s": 100.0}, r"outputs\[0\].period_s: 100 is not between"),
        ({"status_s": 0.0}, r"outputs\[0\].status_s: 0 is not between"),
        ({"sensors": {"25-13": "radar"}}, r"outputs\[0\].sensors: '25-13' is no SAC and SIC"),
        ({"sensors": {"25/999": "radar"}}, r"outputs\[0\].sensors: '25/999' is no SAC"),
        ({"sensors": {"25/13": "rader"}}, r"outputs\[0\].sensors: 'rader' is no sensor"),
        ({"to": "tcp://127.0.0.1:1"}, r"outputs\[0\].to: .*udp"),
        ({"to": "udp://127.0.0.1:1?hops=3"}, r"outputs\[0\].to: .* does not know 'hops'"),
    ],
)
def test_what_cannot_be_is_refused_at_once(options: dict[str, Any], words: str) -> None:
    entry = {"name": "a", "kind": "asterix", "to": "udp://127.0.0.1:1", "sac": 1, "sic": 2, **options}
    with pytest.raises(InputError, match=words):
        make_way(entry, "site.toml, outputs[0]", Path("/nowhere"), SITE)


def test_a_group_needs_no_listener_and_an_interface_must_be_there() -> None:
    server = Server()

    async def go() -> tuple[str, str]:
        entry = {"name": "a", "kind": "asterix", "to": f"udp://{GROUP}:9999?interface=nosuch0", "sac": 1, "sic": 2}
        keeper = OutputKeeper(make_way(entry, "outputs[0]", Path("/nowhere"), SITE), server.view)
        async with kept(keeper):
            await until(lambda: keeper.state == "failed")
        return keeper.message, keeper.way.to

    message, to = asyncio.run(go())
    assert "there is no network interface 'nosuch0'" in message
    assert to.startswith("udp://239.255.48.62:9999")


def test_hops_are_those_that_were_asked_for() -> None:
    from lowsky.serve.net.address import read_address
    from lowsky.serve.net.datagrams import sending

    with contextlib.closing(sending(read_address(f"udp://{GROUP}:9999?interface=127.0.0.1&ttl=7"))) as line:
        packed = line.getsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        assert struct.unpack("B", packed) == (7,)
