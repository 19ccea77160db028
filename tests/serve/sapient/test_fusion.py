"""lowsky as fusion node: sensors that call it, and those behind a middleware, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from lowsky.serve.clock import Clock
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.config.sources import FormatSource
from lowsky.serve.roster import Roster
from lowsky.serve.sources.assembly import load, site_for, wire_source
from lowsky.serve.sources.sapient import SapientSource
from lowsky.wire.decoded import Context, Decoded, SensorStatus
from tests.serve.basin import Basin
from tests.serve.live import SITE
from tests.serve.sapient.nodes import CAMERA, RADAR, REGISTRATION, Voice, detection, message, scan, status, ulid
from tests.serve.sapient.test_edge import middleware, until


class Sink(Basin):
    """A basin that keeps what sensors said too."""

    def __init__(self) -> None:
        super().__init__(Clock())
        self.statuses: list[SensorStatus] = []

    def decoded(self, decoded: Decoded) -> None:
        super().decoded(decoded)
        self.statuses += decoded.statuses


def source(via: str, folder: Path, fields: str = f'sensors = {{"{RADAR}" = "radar"}}\n') -> SapientSource:
    """A source of the site `SITE`, as configured."""
    text = f'{SITE}[[sources]]\nkind = "sapient"\nname = "nodes"\nvia = "{via}"\n{fields}'
    config = parse_site(text, folder / "site.toml")
    [entry] = config.sources
    assert isinstance(entry, FormatSource)
    made = wire_source(entry, Context(site_for(config, load(config), Roster(None)), entry.name))
    assert isinstance(made, SapientSource)
    return made


@contextlib.asynccontextmanager
async def running(made: SapientSource, sink: Sink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(made.run(sink))
    try:
        await until(lambda: sink.states)
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def balanced(made: SapientSource, sink: Sink) -> dict[str, Any]:
    """The books by node, which add up to the source's."""
    books = {sender.id: sender for sender in made.senders()}
    for sender in books.values():
        assert sender.received == sender.used + sum(sender.ignored.values()) + sum(sender.rejected.values())
    counters = sink.counters
    assert counters.received == counters.used + counters.ignored.total() + counters.rejected.total()
    assert counters.received >= sum(sender.received for sender in books.values())
    return books


def test_a_sensor_registers_reports_alerts_and_goes(tmp_path: Path) -> None:
    made, sink = source("tcp-listen://127.0.0.1:0", tmp_path), Sink()

    async def go() -> None:
        async with running(made, sink):
            radar = await Voice.call(made.port)
            radar.send(message(RADAR, registration=REGISTRATION))
            ack = await radar.hear("registration_ack")
            assert ack.registration_ack.acceptance
            assert (ack.node_id, ack.destination_id) == (made.node_id, RADAR)
            radar.send(message(RADAR, status_report=status()))
            radar.send(*(message(RADAR, detection_report=detection(i, 10.0 + i)) for i in range(50)))
            radar.send(
                message(
                    RADAR, alert={"alert_id": ulid(5), "description": "door open", "alert_type": "ALERT_TYPE_WARNING"}
                )
            )
            answer = await radar.hear("alert_ack")
            assert (answer.alert_ack.alert_id, answer.alert_ack.alert_ack_status) == (ulid(5), 1)
            await until(lambda: sink.has(50))
            radar.send(message(RADAR, status_report=status("NEW", "GOODBYE")))
            await until(lambda: sink.statuses[-1:] and sink.statuses[-1].state == "off")
            await radar.end()
            await until(lambda: sink.states[-1] == "waiting")

    asyncio.run(go())
    books = balanced(made, sink)
    assert books[RADAR].sensor == "radar"
    assert books[RADAR].name == "Radar 1"
    assert books[RADAR].state == "gone"
    assert books[RADAR].message == "alert (warning): door open"
    assert (books[RADAR].received, books[RADAR].used) == (54, 52)
    assert [s.state for s in sink.statuses] == ["well", "off"]
    assert made.unknown_sensors() == {}


def test_ten_thousand_detections_of_a_sensor_are_used_without_an_error(tmp_path: Path) -> None:
    made, sink = source("tcp-listen://127.0.0.1:0", tmp_path), Sink()

    async def go() -> Voice:
        async with running(made, sink):
            radar = await Voice.call(made.port)
            radar.send(message(RADAR, registration=REGISTRATION))
            await radar.hear("registration_ack")
            for turn in range(10):
                radar.send(*(message(RADAR, detection_report=detection(1000 * turn + i)) for i in range(1000)))
                await asyncio.sleep(0.01)
            await until(lambda: sink.has(10_000))
            await radar.end()
            return radar

    radar = asyncio.run(go())
    assert radar.counts["error"] == 0
    assert balanced(made, sink)[RADAR].received == 10_001
    assert not sink.counters.rejected


def test_behind_a_middleware_all_nodes_are_heard_and_late_ones_too(tmp_path: Path) -> None:
    async def go() -> None:
        async with middleware() as peer:
            early = await Voice.call(peer.ports["child"])
            early.send(message(RADAR, registration=REGISTRATION), message(RADAR, status_report=status()))
            await early.hear("registration_ack")
            made, sink = source(f"tcp://127.0.0.1:{peer.ports['peer']}", tmp_path), Sink()
            async with running(made, sink):
                await until(lambda: sink.statuses)  # of the node that was there before us
                late = await Voice.call(peer.ports["child"])
                late.send(message(CAMERA, registration=REGISTRATION))
                await late.hear("registration_ack")
                for turn in range(10):
                    early.send(*scan(RADAR, *(detection(1000 * turn + i) for i in range(1000))))
                    await asyncio.sleep(0.09)
                late.send(message(CAMERA, detection_report=detection(1)))
                early.send(message(RADAR, alert={"alert_id": ulid(5), "description": "door open"}))
                await early.hear("alert_ack")
                await until(lambda: sink.has(10_000) and made.unknown_sensors().get(CAMERA, 0) > 1)
            await early.end()
            await late.end()
            assert peer.errors == []
            books = balanced(made, sink)
            assert books[RADAR].used == 10_001
            assert books[CAMERA].sensor is None
            assert books[CAMERA].rejected == {"sensor is no sensor of this site": 1}
            assert f'"{CAMERA}" = "radar-1"' in books[CAMERA].proposal
            assert 'kind = "radar_3d"' in books[CAMERA].proposal

    asyncio.run(go())


def test_what_breaks_a_rule_is_answered_and_the_connection_stays(tmp_path: Path) -> None:
    made, sink = source("tcp-listen://127.0.0.1:0", tmp_path), Sink()

    async def go() -> None:
        async with running(made, sink):
            radar = await Voice.call(made.port)
            early = message(RADAR, detection_report=detection(1))
            radar.send(early)
            error = await radar.hear("error")
            assert error.error.packet == early.SerializeToString()
            assert error.error.error_message[0] == "detection_report came before the registration"
            radar.send(message(RADAR, registration=REGISTRATION))
            await radar.hear("registration_ack")
            radar.send(message(CAMERA, detection_report=detection(2)))
            assert "registered on this connection" in (await radar.hear("error", 2)).error.error_message[0]
            radar.send(message(RADAR, detection_report=detection(3) | {"object_id": "no ulid"}), b"\x00\xff")
            assert "no ulid" in (await radar.hear("error", 3)).error.error_message[0]
            await radar.hear("error", 4)
            task = {"task_id": ulid(1), "control": "CONTROL_START", "command": {"request": "Status"}}
            radar.send(message(RADAR, task=task))
            assert (await radar.hear("task_ack")).task_ack.task_status == 2
            radar.send(message(RADAR, detection_report=detection(4)))
            await until(lambda: sink.has(1))
            await radar.end()

    asyncio.run(go())
    books = balanced(made, sink)
    assert sink.counters.received == 7
    assert sink.counters.rejected.total() == 4
    assert books[RADAR].used == 1


def test_a_second_connection_takes_the_node_over(tmp_path: Path) -> None:
    made, sink = source("tcp-listen://127.0.0.1:0", tmp_path), Sink()

    async def go() -> None:
        async with running(made, sink):
            first, second = await Voice.call(made.port), await Voice.call(made.port)
            for voice in (first, second):
                voice.send(message(RADAR, registration=REGISTRATION))
                await voice.hear("registration_ack")
            assert "another connection" in (await first.hear("error")).error.error_message[0]
            first.send(message(RADAR, detection_report=detection(1)))
            second.send(message(RADAR, detection_report=detection(2)))
            await until(lambda: sink.counters.received == 4)
            assert sink.count() == 1
            await first.end()
            await until(lambda: made.senders()[0].ignored.get("taken over by another connection"))
            assert made.senders()[0].state == "connected"
            await second.end()
            await until(lambda: made.senders()[0].state == "gone")

    asyncio.run(go())
    assert balanced(made, sink)[RADAR].received == 4
    assert [s.text for s in sink.statuses] == ["its connection ended"]


def test_a_length_that_cannot_be_is_the_end_of_that_connection_only(tmp_path: Path) -> None:
    made, sink = source("tcp-listen://127.0.0.1:0", tmp_path), Sink()

    async def go() -> None:
        async with running(made, sink) as task:
            radar, other = await Voice.call(made.port), await Voice.call(made.port)
            radar.send(message(RADAR, registration=REGISTRATION))
            await radar.hear("registration_ack")
            other.writer.write(b"\xff\xff\xff\xff")
            await other.hear("end")
            radar.send(message(RADAR, detection_report=detection(1)))
            await until(lambda: sink.has(1))
            assert not task.done()
            await radar.end()
            await other.end()

    asyncio.run(go())
    assert sink.faults == ["connection broken"]
    balanced(made, sink)


def test_a_middleware_that_is_killed_is_called_again(tmp_path: Path) -> None:
    async def go() -> None:
        sink = Sink()
        async with middleware() as peer:
            made = source(f"tcp://127.0.0.1:{peer.ports['peer']}", tmp_path)
            async with running(made, sink) as task:
                await until(lambda: peer.connected("peer"))
                await peer.kill()
                await asyncio.wait([task], timeout=20.0)
                assert isinstance(task.exception(), OSError)
            await peer.open()
            async with running(made, sink):
                radar = await Voice.call(peer.ports["child"])
                radar.send(message(RADAR, registration=REGISTRATION), message(RADAR, detection_report=detection(1)))
                await until(lambda: sink.has(1))
                await radar.end()

    asyncio.run(go())
