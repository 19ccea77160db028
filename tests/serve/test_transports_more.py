"""Transports of lines, files, brokers and web addresses, with the real thing at the other end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from lowsky.serve.clock import Clock
from lowsky.serve.sources.transports import captures
from tests.serve.basin import NOW_NS, Basin, S, SetClock, lines, run, wired
from tests.serve.brokers import broker
from tests.serve.live import free_port
from tests.serve.test_transports import running, until
from tests.wire.test_capture import pcap, tcp, udp

# --- a serial line ---


@contextlib.contextmanager
def terminal() -> Iterator[tuple[int, str]]:
    """Our end of a line, and the name of the other."""
    ours, theirs = pty.openpty()
    try:
        yield ours, os.ttyname(theirs)
    finally:
        os.close(theirs)
        with contextlib.suppress(OSError):
            os.close(ours)


def test_a_serial_line_is_read_in_pieces_and_its_loss_is_an_error() -> None:
    sink = Basin(SetClock())

    async def talk(ours: int, name: str) -> None:
        source = wired(f"serial://{name}?baud=38400&parity=even&stop=2&bits=7")
        task = asyncio.create_task(source.run(sink))
        await until(lambda: sink.states or task.done())
        for at in range(0, len(lines(5)), 50):
            os.write(ours, lines(5)[at : at + 50])
            await asyncio.sleep(0.002)
        await until(lambda: sink.count() == 5)
        with pytest.raises(OSError, match="cannot be opened"):
            await wired(f"serial://{name}").run(Basin(SetClock()))
        os.close(ours)
        await task

    with terminal() as (ours, name), pytest.raises(OSError, match="is gone"):
        asyncio.run(talk(ours, name))
    assert "38400 baud" in sink.messages[0]
    assert sink.counters.bytes == len(lines(5))


def test_a_serial_line_that_is_not_there() -> None:
    with pytest.raises(OSError, match="/dev/none cannot be opened: no such file"):
        asyncio.run(wired("serial:///dev/none").run(Basin(SetClock())))


# --- files ---


def test_a_recording_is_played_once_or_again_and_again(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(20))
    once, again = Basin(SetClock()), Basin(SetClock())
    run(wired("file:a.jsonl", folder=tmp_path), once, lambda: False)
    assert once.count() == 20
    run(wired(f"file:{tmp_path}/a.jsonl?repeat=yes", folder=tmp_path), again, lambda: again.count() > 50)
    assert again.states.count("running") >= 3


def test_a_recording_has_a_pace(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(20))
    sink = Basin(SetClock())
    begin_s = time.monotonic()
    run(wired(f"file:a.jsonl?bytes_per_s={2 * len(lines(20))}", folder=tmp_path), sink, lambda: False)
    assert sink.count() == 20
    assert time.monotonic() - begin_s > 0.4


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        asyncio.run(wired("file:none", folder=tmp_path).run(Basin(SetClock())))


def test_a_pipe_outlives_its_writers(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    sink = Basin(SetClock())

    async def write() -> None:
        async with running(wired("file:pipe", folder=tmp_path), sink):
            for count in (2, 4):
                with (tmp_path / "pipe").open("wb") as out:
                    out.write(lines(2))
                await until(partial(sink.has, count))

    asyncio.run(write())


def test_a_capture_is_played_by_its_times_moved_to_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "LEAD_NS", 0)
    recorded_ns = 1_700_000_000 * S  # of `pcap`; the lines are of a moment later
    half = len(lines(1)) // 2
    frames = [udp(lines(2)), tcp(1, lines(1)[:half]), tcp(1 + half, lines(1)[half:]), b"\x45no packet"]
    (tmp_path / "a.pcap").write_bytes(pcap(frames) + b"torn")
    clock, sink = Clock(), Basin(Clock())
    begin_ns = clock.now_ns()
    run(wired("file:a.pcap", folder=tmp_path), sink, lambda: False)
    assert [len(b) for b in sink.reports] == [2, 1]
    first, second = (b.received_ns[0] for b in sink.reports)
    assert abs(first - begin_ns) < S
    assert abs(second - first - 2_500_000_000) < S // 100
    assert first - sink.reports[0].time_ns[0] == recorded_ns - (NOW_NS - S)
    assert sink.put_ns[1] - sink.put_ns[0] > 2 * S
    assert sorted(sink.faults) == ["capture broken", "packet with a broken IP header"]


def test_frames_of_radios_go_to_formats_that_are_sent_so(tmp_path: Path) -> None:
    (tmp_path / "a.pcap").write_bytes(pcap([b"beacon"], link_type=105))
    sink = Basin(Clock())
    run(wired("file:a.pcap", folder=tmp_path), sink, lambda: False)
    assert sink.faults == ["frame of a radio"]


# --- a broker ---


async def publish(port: int, topic: str, payload: bytes, **names: str) -> None:
    """Somebody tells the broker, with quality 1."""
    import aiomqtt

    async with aiomqtt.Client("127.0.0.1", port, **names) as client:  # type: ignore[arg-type]
        await client.publish(topic, payload, qos=1)


def test_topics_are_heard_and_a_broker_keeps_what_is_ours(peer: Callable[[str], str], tmp_path: Path) -> None:
    port = free_port()
    sink, source = Basin(SetClock()), wired(f"mqtt://127.0.0.1:{port}/radar/+/#?qos=1&client=lowsky-test")
    begin = "allow_anonymous true"

    async def first() -> None:
        async with running(source, sink):
            await until(lambda: "running" in sink.states)
            await publish(port, "radar/1/plots", lines(2))
            await publish(port, "camera/1", lines(2))
            await publish(port, "radar/2/a/b", lines(1) + b"nonsense")
            await until(lambda: sink.counters.received == 4)

    async def killed(process: subprocess.Popen[bytes]) -> None:
        task = asyncio.create_task(source.run(sink))
        await until(lambda: sink.states[-1] == "running")
        process.send_signal(signal.SIGKILL)
        await task

    async def second() -> None:
        async with running(source, sink):
            await until(lambda: sink.count() == 6)

    with broker(peer, tmp_path, port, begin, lasting=True) as process:
        asyncio.run(first())
        assert (sink.count(), sink.counters.rejected.total()) == (3, 1)
        asyncio.run(publish(port, "radar/9/x", lines(3)))  # nobody is there
        process.send_signal(signal.SIGTERM)
        process.wait(10)
    with broker(peer, tmp_path, port, begin, lasting=True) as process:
        asyncio.run(second())
        with pytest.raises(OSError, match=r"127\.0\.0\.1 port"):
            asyncio.run(killed(process))
    with pytest.raises(OSError, match=r"127\.0\.0\.1 port"):
        asyncio.run(source.run(sink))


def test_a_broker_wants_a_password_and_grants_topics(
    peer: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "users").touch()
    passwd = [peer("mosquitto_passwd"), "-b", str(tmp_path / "users"), "me", "open sesame"]
    subprocess.run(passwd, check=True, capture_output=True)
    (tmp_path / "users").chmod(0o644)
    monkeypatch.setenv("LOWSKY_TEST_WORD", "open sesame")
    port = free_port()
    fields = 'user = "me"\npassword_env = "LOWSKY_TEST_WORD"\n'
    sink = Basin(SetClock())

    async def hear() -> None:
        async with running(wired(f"mqtt://127.0.0.1:{port}/radar/#", fields), sink):
            await until(lambda: "running" in sink.states)
            await publish(port, "radar/1", lines(1), username="me", password="open sesame")
            await until(lambda: sink.count() == 1)

    with broker(peer, tmp_path, port, "allow_anonymous false", f"password_file {tmp_path}/users", lasting=True):
        asyncio.run(hear())
        with pytest.raises(OSError, match=r"(?i)not authori"):
            asyncio.run(wired(f"mqtt://127.0.0.1:{port}/radar/#").run(Basin(SetClock())))


def test_messages_beyond_what_may_wait_are_counted(
    peer: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowsky.serve.sources.transports.mqtt.MAX_WAITING", 5)
    port, sink = free_port(), Basin(SetClock())

    async def flood() -> None:
        import aiomqtt

        async with running(wired(f"mqtt://127.0.0.1:{port}/#"), sink), aiomqtt.Client("127.0.0.1", port) as client:
            await until(lambda: "running" in sink.states)
            for _ in range(300):
                await client.publish("a", lines(1))
            await until(lambda: sink.count() + len(sink.faults) == 300)

    with broker(peer, tmp_path, port, "allow_anonymous true", lasting=True):
        asyncio.run(flood())
    assert set(sink.faults) <= {"messages lost"}


# --- a web address ---


@contextlib.asynccontextmanager
async def web(answers: list[tuple[str, bytes]]) -> AsyncIterator[tuple[int, list[str]]]:
    """A server that gives these answers (status and headers, body) in turn, the last again and again."""
    asked: list[str] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while True:
                asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
                head, body = answers[min(len(asked), len(answers)) - 1]
                writer.write(f"HTTP/1.1 {head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], asked
    finally:
        server.close()
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


def test_an_address_is_asked_again_and_again_and_only_news_is_taken(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("open sesame\n")
    sink = Basin(SetClock())
    answers = [
        ('200 OK\r\netag: "1"\r\nlast-modified: Mon, 01 Jan 2024 00:00:00 GMT', lines(2)),
        ("304 Not Modified", b""),
        ("200 OK", lines(3)),
    ]

    async def poll() -> list[str]:
        async with web(answers) as (port, asked):
            fields = 'period_s = 0.05\nuser = "me"\npassword_file = "word"\n'
            async with running(wired(f"http://127.0.0.1:{port}/data/aircraft.json?key=1", fields, tmp_path), sink):
                await until(lambda: sink.count() >= 8)
            return asked

    asked = asyncio.run(poll())
    assert [len(b) for b in sink.reports[:3]] == [2, 3, 3]
    assert asked[0].startswith("GET /data/aircraft.json?key=1 HTTP/1.1")
    assert "Basic bWU6b3BlbiBzZXNhbWU=" in asked[0]
    assert "if-none-match" not in asked[0].lower()
    assert 'if-none-match: "1"' in asked[1].lower()
    assert "if-modified-since: mon, 01 jan 2024" in asked[1].lower()
    assert all("key" not in message for message in sink.messages)


@pytest.mark.parametrize(
    ("answer", "words"),
    [("503 Service Unavailable", "answers 503 Service Unavailable"), ("nonsense", "illegal|malformed|protocol|line")],
)
def test_what_a_server_answers_amiss_is_an_error(answer: str, words: str) -> None:
    async def poll() -> None:
        async with web([(answer, b"x")]) as (port, _):
            await wired(f"http://127.0.0.1:{port}/").run(Basin(SetClock()))

    with pytest.raises(OSError, match=f"(?i){words}"):
        asyncio.run(poll())


def test_nobody_answers() -> None:
    with pytest.raises(OSError, match="nobody listens there"):
        asyncio.run(wired("http://127.0.0.1:1/").run(Basin(SetClock())))


def test_an_answer_that_is_too_long_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowsky.serve.sources.transports.polling.MAX_BODY", 100)
    sink = Basin(SetClock())

    async def poll() -> None:
        async with web([("200 OK", lines(5)), ("200 OK", b"{}")]) as (port, _):
            source = wired(f"http://127.0.0.1:{port}/", "period_s = 0.05\n")
            async with running(source, sink):
                await until(lambda: sink.counters.rejected)

    asyncio.run(poll())
    assert sink.faults[0] == "answer too long"
    assert sink.count() == 0
