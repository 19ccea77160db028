"""`lowsky simulate --to`: real sockets, reconnects, pace, a clean end on Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lowsky.cli.main import main
from lowsky.cli.sending import FIRST_PAUSE_S, Line, Target, parse_target, send_scene
from lowsky.model.errors import InputError
from lowsky.model.timebase import NS_PER_S
from lowsky.simulate import LiveScene
from lowsky.wire.jsonl import Decoder

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def port() -> Iterator[tuple[socket.socket, int]]:
    """A TCP socket that listens, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(20.0)
        yield server, server.getsockname()[1]


def _silent(sentence: str) -> None:
    """Nobody wants to read it."""


def _read_all(connection: socket.socket) -> bytes:
    data = b""
    while piece := connection.recv(1 << 16):
        data += piece
    return data


def test_what_is_sent_over_tcp_is_what_the_scene_reports(port: tuple[socket.socket, int]) -> None:
    server, number = port
    got: list[bytes] = []

    def take() -> None:
        with server.accept()[0] as connection:
            got.append(_read_all(connection))

    reader = threading.Thread(target=take)
    reader.start()
    scene, start_ns = LiveScene("small", 4), LiveScene("small", 4).start_ns
    sent = send_scene(scene, Target("tcp", "127.0.0.1", number), 100.0, 30.0, _silent)
    reader.join(20.0)
    expected, looks = LiveScene("small", 4).advance(start_ns + 30 * NS_PER_S)
    decoded = Decoder(scene.site, "test").feed(got[0], start_ns + 31 * NS_PER_S)
    assert sent.reports == len(decoded.reports) == len(expected)
    assert (sent.lost, sent.connections) == (0, 1)
    assert decoded.problems.rejected == 0
    assert len(decoded.looks) == len(looks)
    assert sorted(decoded.reports.time_ns.tolist()) == sorted(expected.time_ns.tolist())
    for name in ("azimuth_rad", "range_m", "latitude_deg", "east_mps"):
        np.testing.assert_array_equal(np.sort(getattr(decoded.reports, name)), np.sort(getattr(expected, name)))


def _datagrams(receiver: socket.socket) -> Iterator[bytes]:
    """All that have come, until none comes any more."""
    try:
        while True:
            yield receiver.recv(1 << 16)
    except TimeoutError:
        return


def test_over_udp_every_datagram_is_one_line() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(10.0)
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        scene = LiveScene("small", 4)
        sent = send_scene(scene, Target("udp", "127.0.0.1", receiver.getsockname()[1]), 50.0, 5.0, _silent)
        receiver.settimeout(0.2)
        lines = list(_datagrams(receiver))
    assert all(line.count(b"\n") == 1 and line.endswith(b"}\n") for line in lines)
    decoder = Decoder(scene.site, "test", datagrams=True)
    decoded = [decoder.feed(line, scene.start_ns + 6 * NS_PER_S) for line in lines]
    assert sum(len(d.reports) for d in decoded) == sent.reports > 100


def test_a_lost_connection_is_opened_again(port: tuple[socket.socket, int]) -> None:
    server, number = port
    got: list[bytes] = []

    def cut_then_take() -> None:
        with server.accept()[0] as first:
            first.recv(100)
            first.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # a reset, not a goodbye
        with server.accept()[0] as second:
            got.append(_read_all(second))

    reader = threading.Thread(target=cut_then_take)
    reader.start()
    said, now = list[str](), [0.0]
    line = Line(Target("tcp", "127.0.0.1", number), said.append, lambda: now[0])
    gone: list[bool] = []
    while len(gone) < 20_000 and (line.opened < 2 or not gone[-1]):
        gone.append(line.send(b"{}\n"))
        now[0] += 0.1  # the pauses are those of this clock
        time.sleep(0.001)
    line.close()
    reader.join(20.0)
    assert line.opened == 2
    assert not all(gone)
    assert got[0].endswith(b"{}\n")
    assert sum("sending to" in s for s in said) == 2
    assert any("next try in 0.5 s" in s for s in said)


def test_what_nobody_took_is_counted() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    scene = LiveScene("small", 4)
    sent = send_scene(scene, Target("tcp", "127.0.0.1", number), 100.0, 25.0, _silent)
    expected = len(LiveScene("small", 4).advance(scene.start_ns + 25 * NS_PER_S)[0])
    assert (sent.reports, sent.lost, sent.connections) == (0, expected, 0)


def test_pauses_grow_while_nobody_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    now, said = [0.0], list[str]()
    line = Line(Target("tcp", "127.0.0.1", number), said.append, lambda: now[0])
    for _ in range(3000):
        assert not line.send(b"{}\n")
        now[0] += 0.02
    waits = [float(re.findall(r"in ([\d.]+) s", s)[0]) for s in said]
    assert waits[:6] == [FIRST_PAUSE_S, 1.0, 2.0, 4.0, 8.0, 10.0]
    assert len(said) < 12


@pytest.mark.parametrize(
    "text", ["", "tcp", "tcp://", "tcp://host", "http://host:1", "tcp://host:99999", "udp://:1", "tcp://h:1/x", "tcp://[::1"]
)  # fmt: skip
def test_what_is_no_target_is_refused_in_one_sentence(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "small", "--to", text, "--duration", "1"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_targets_are_read() -> None:
    assert parse_target("udp://127.0.0.1:53") == Target("udp", "127.0.0.1", 53)
    assert str(parse_target("tcp://[::1]:5300")) == "tcp://[::1]:5300"


@pytest.mark.parametrize("speed", [0.0, -1.0, 1e3, float("nan")])
def test_what_is_no_speed_is_refused(speed: float) -> None:
    with pytest.raises(InputError, match="--speed"):
        send_scene(LiveScene("small", 1), Target("udp", "127.0.0.1", 9), speed, 1.0, _silent)


def test_ctrl_c_ends_it_cleanly_and_says_what_was_sent(port: tuple[socket.socket, int], tmp_path: Path) -> None:
    server, number = port
    command = [
        sys.executable, "-m", "lowsky", "simulate", "small", "--to", f"tcp://127.0.0.1:{number}", "--site",
        str(tmp_path / "site.toml"),
    ]  # fmt: skip
    process = subprocess.Popen(
        command, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        with server.accept()[0] as connection:
            first = connection.recv(1 << 16)
            process.send_signal(signal.SIGINT)
            rest = _read_all(connection)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0, err
    assert re.fullmatch(rb"\d+ reports sent, 0 made while nobody was connected, 1 connections\n", out)
    assert b"Traceback" not in err
    assert (first + rest).endswith(b"}\n")  # whole lines to the last
    assert (tmp_path / "site.toml").exists()
    assert abs(_first_time_ns(first) - time.time_ns()) < 60 * NS_PER_S  # it begins now


def _first_time_ns(data: bytes) -> int:
    found = re.search(rb'"time_ns":\[?(\d+)', data)
    assert found
    return int(found[1])
