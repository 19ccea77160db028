"""lowsky as a node below a middleware, and as a peer of others at it, over real sockets and under strict rules."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

import pytest

from lowsky.serve.outputs import kinds
from lowsky.serve.outputs.sapient.way import SapientWay
from tests.serve.sapient.houses import SITE, Books, House, notice
from tests.serve.sapient.nodes import Voice, message, ulid
from tests.serve.sapient.strict_peer import StrictPeer

PATIENCE_S = 20.0
PARENT = "4700c573-8868-4f0e-81db-a2a9bcde042d"


def way_to(port: int, folder: Path, **options: Any) -> SapientWay:
    table = {"name": "command", "kind": "sapient", "to": f"tcp://127.0.0.1:{port}"} | options
    way = kinds.make_way(table, "site.toml, outputs[0]", folder, SITE)
    assert isinstance(way, SapientWay)
    return way


async def until(what: Callable[[], Any]) -> Any:
    """The first true value of `what`."""
    async with asyncio.timeout(PATIENCE_S):
        while not (value := what()):
            await asyncio.sleep(0.01)
        return value


@contextlib.asynccontextmanager
async def running(way: SapientWay, house: Any, books: Books) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(way.run(house, books))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextlib.asynccontextmanager
async def middleware() -> AsyncIterator[StrictPeer]:
    peer = StrictPeer()
    await peer.open()
    try:
        yield peer
    finally:
        await peer.kill()


def of(peer: StrictPeer, content: str) -> list[Any]:
    """What the middleware let through."""
    return [m for _, m in peer.last if m.WhichOneof("content") == content]


@pytest.mark.parametrize(("role", "port"), [("edge", "child"), ("peer", "peer")])
def test_ten_thousand_detections_pass_without_an_error(role: str, port: str, tmp_path: Path) -> None:
    house, books = House(), Books()

    async def go() -> StrictPeer:
        async with middleware() as peer, running(way_to(peer.ports[port], tmp_path, role=role), house, books):
            while peer.received[f"{port} detection_report"] < 10_000:
                if house.pictures.empty():
                    house.show(list(range(1, 201)))
                await asyncio.sleep(0.01)
            return peer

    peer = asyncio.run(asyncio.wait_for(go(), 3 * PATIENCE_S))
    assert peer.errors == []
    assert peer.swallowed == 0
    detections = of(peer, "detection_report")
    stamps = [m.timestamp.ToNanoseconds() for m in detections]
    assert len(set(stamps)) <= len(house.asked)  # one time a picture
    assert len({m.detection_report.report_id for m in detections}) == len(detections) >= 10_000
    assert len({m.detection_report.object_id for m in detections}) == 200
    assert books.failures == []
    assert books.messages >= 10_000 + 2
    assert books.states[-1][1].startswith("registered with ")


def test_registers_first_says_how_it_does_and_goes_in_order(tmp_path: Path) -> None:
    house, books = House(), Books()

    async def go() -> StrictPeer:
        async with middleware() as peer:
            listener = await Voice.call(peer.ports["peer"])
            way = way_to(peer.ports["child"], tmp_path, status_interval_s=0.5)
            async with running(way, house, books):
                first = await listener.hear("status_report")
                assert first.status_report.info == 1
                unchanged = await listener.hear("status_report", 2)
                assert unchanged.status_report.info == 2
                house.troubles = ("the core does not keep up",)
                await until(lambda: any(m.status_report.system == 2 for m in of(peer, "status_report")))
            last = await until(lambda: [m for m in of(peer, "status_report") if m.status_report.system == 5])
            assert last[-1].status_report.info == 1
            await listener.end()
        return peer

    peer = asyncio.run(go())
    assert peer.errors == []
    assert [m.WhichOneof("content") for _, m in peer.last][:2] == ["registration", "status_report"]
    told = next(m.status_report for m in of(peer, "status_report") if m.status_report.system == 2)
    assert told.status[0].status_value == "the core does not keep up"


def test_a_notice_is_an_alert_that_is_acknowledged_by_its_answer(tmp_path: Path) -> None:
    house, books = House(), Books()

    async def go() -> list[Any]:
        async with middleware() as peer:
            fusion = await Voice.call(peer.ports["peer"])
            async with running(way_to(peer.ports["child"], tmp_path), house, books) as task:
                node = (await fusion.hear("registration")).node_id
                house.show([7])
                await fusion.hear("detection_report")
                house.notices = (notice(3),)
                alert = await fusion.hear("alert")
                assert alert.alert.alert_type == alert.alert.ALERT_TYPE_WARNING
                detected = of(peer, "detection_report")[0].detection_report
                assert alert.alert.associated_detection[0].object_id == detected.object_id
                house.notices = (notice(3, "imminent"),)
                await fusion.hear("alert", 2)
                answer = {"alert_id": alert.alert.alert_id, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"}
                fusion.send(message(PARENT, node, alert_ack=answer))
                await until(lambda: house.acknowledged)
                assert not task.done()
                house.notices = (notice(3, "imminent", ended_ms=1.0),)
                await fusion.hear("alert", 3)
            await fusion.end()
            assert peer.errors == []
            return [m.alert for m in of(peer, "alert")]

    alerts = asyncio.run(go())
    assert house.acknowledged == [(3, "command")]
    assert [a.status for a in alerts] == [1, 1, 5]
    assert len({a.alert_id for a in alerts}) == 1
    assert [a.alert_type for a in alerts][:2] == [2, 3]


def test_tasks_are_answered_honestly(tmp_path: Path) -> None:
    house, books = House(), Books()
    commands: list[tuple[dict[str, Any], list[int]]] = [
        ({"request": "Status"}, [1, 3]),
        ({"request": "Reset"}, [2]),
        ({"detection_report_rate": "DISCRETE_THRESHOLD_LOW"}, [1]),
        ({"mode_change": "Other"}, [2]),
        ({"look_at": {"range_bearing": {"azimuth": 1.0, "coordinate_system": 1, "datum": 1}}}, [2]),
        ({"request": "Stop"}, [1, 3]),
    ]

    async def go() -> None:
        async with middleware() as peer:
            fusion = await Voice.call(peer.ports["peer"])
            async with running(way_to(peer.ports["child"], tmp_path), house, books):
                node = (await fusion.hear("registration")).node_id
                await fusion.hear("status_report")
                count = 0
                for i, (command, answers) in enumerate(commands):
                    task = {"task_id": ulid(i), "control": "CONTROL_START", "command": command}
                    fusion.send(message(PARENT, node, task=task))
                    count += len(answers)
                    await fusion.hear("task_ack", count)
                    found = [m.task_ack for m in fusion.heard if m.WhichOneof("content") == "task_ack"]
                    mine = [a for a in found if a.task_id == ulid(i)]
                    assert [a.task_status for a in mine] == answers, command
                    assert all(a.reason for a in mine if a.task_status == 2)
                house.show([1])
                await asyncio.sleep(0.2)
                assert peer.received["child detection_report"] == 0  # it was asked to stop
                start = {"task_id": ulid(99), "control": "CONTROL_START", "command": {"request": "Start"}}
                fusion.send(message(PARENT, node, task=start))
                house.show([1])
                await fusion.hear("detection_report")
                assert 5.0 in house.asked
            await fusion.end()
            assert peer.errors == []

    asyncio.run(go())


def test_what_breaks_a_rule_is_answered_with_the_packet_and_the_reasons(tmp_path: Path) -> None:
    house, books = House(), Books()

    async def go() -> Any:
        heard: list[Voice] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            heard.append(Voice(reader, writer))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server, running(way_to(server.sockets[0].getsockname()[1], tmp_path), house, books) as task:
            fusion = await until(lambda: heard and heard[0])
            node = (await fusion.hear("registration")).node_id
            fusion.send(message(PARENT, node, registration_ack={"acceptance": True}))
            await fusion.hear("status_report")
            bad = message(PARENT, node, task={"task_id": "no ulid", "control": "CONTROL_START"})
            fusion.send(bad, b"\xff\xff\xff")
            error = await fusion.hear("error")
            assert error.error.packet == bad.SerializeToString()
            assert "no ulid" in error.error.error_message[0]
            assert (await fusion.hear("error", 2)).error.packet == b"\xff\xff\xff"
            assert not task.done()
            about = message(node, "", registration_ack={"acceptance": True}).SerializeToString()
            complaint = {"packet": "", "error_message": ["it is late"]}
            answer = message(PARENT, node, error=complaint)
            answer.error.packet = about
            fusion.send(answer)
            await until(lambda: books.failures)
            await until(lambda: "refused" in books.states[-1][1])
            await fusion.end()

    asyncio.run(go())
    assert books.failures == ["refused registration_ack: it is late"]


def test_a_registration_that_is_refused_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    async def go() -> None:
        voices: list[Voice] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            voice = Voice(reader, writer)
            voices.append(voice)
            registration = await voice.hear("registration")
            no = {"acceptance": False, "ack_response_reason": ["not on the list"]}
            voice.send(message(PARENT, registration.node_id, registration_ack=no))

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            way = way_to(server.sockets[0].getsockname()[1], tmp_path)
            with pytest.raises(OSError, match="not on the list"):
                async with asyncio.timeout(PATIENCE_S):
                    await way.run(cast(Any, House()), Books())
            await voices[0].end()

    asyncio.run(go())


def test_a_peer_that_is_killed_is_registered_with_again_and_told_what_stands(tmp_path: Path) -> None:
    house, books = House(), Books()

    async def go() -> None:
        async with middleware() as peer:
            way, ports = way_to(peer.ports["child"], tmp_path), dict(peer.ports)
            house.notices = (notice(3),)
            async with running(way, house, books) as task:
                house.show([7])
                await until(lambda: of(peer, "detection_report") and of(peer, "alert"))
                await peer.kill()
                with pytest.raises(OSError, match=r"ended the connection|reset"):
                    await asyncio.wait_for(task, PATIENCE_S)
        again = StrictPeer(ports)
        await again.open()
        async with running(way, house, books):
            house.show([7])
            await until(lambda: of(again, "detection_report") and of(again, "alert"))
        assert again.errors == []
        first, second = of(peer, "registration")[0], of(again, "registration")[0]
        assert first.node_id == second.node_id
        assert of(peer, "alert")[0].alert.alert_id == of(again, "alert")[0].alert.alert_id
        assert of(peer, "detection_report")[0].detection_report.object_id == (
            of(again, "detection_report")[0].detection_report.object_id
        )
        await again.kill()

    asyncio.run(go())


def test_a_peer_that_reads_slowly_loses_what_is_old_and_nothing_else_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowsky.serve.outputs.sapient.line.STALL_S", 1.0)
    house, books = House(), Books()

    async def go() -> None:
        held = asyncio.Event()
        voices: list[Voice] = []

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            voice = Voice(reader, writer)
            registration = await voice.hear("registration")
            voice.send(message(PARENT, registration.node_id, registration_ack={"acceptance": True}))
            await voice.hear("status_report")
            voice.stop()
            voices.append(voice)
            await held.wait()

        line = socket.create_server(("127.0.0.1", 0))
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server = await asyncio.start_server(serve, sock=line, limit=1024)
        async with server, running(way_to(line.getsockname()[1], tmp_path), house, books) as task:
            await until(lambda: books.states and books.states[-1][0] == "running")
            for _ in range(4):
                house.show(list(range(1, 5001)))
            with pytest.raises(OSError, match="has read nothing"):
                await asyncio.wait_for(task, PATIENCE_S)
            held.set()
            await voices[0].end()

    asyncio.run(go())
    assert books.lost > 2000
    # every detection of the picture begun is one or the other; then there are registration, status and good-bye
    assert books.messages + books.lost == 5000 + 3
