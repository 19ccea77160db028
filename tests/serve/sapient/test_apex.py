"""lowsky and Apex, Dstl's SAPIENT middleware, with its default rules: see `apex` and the conftest beside this."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serve.sapient.apex import Apex
from tests.serve.sapient.houses import Books, House, notice
from tests.serve.sapient.nodes import RADAR, REGISTRATION, Voice, detection, message, scan, status, ulid
from tests.serve.sapient.test_edge import running, until, way_to
from tests.serve.sapient.test_fusion import Sink, balanced, source
from tests.serve.sapient.test_fusion import running as listening

PATIENCE_S = 120.0
SCANS, OBJECTS = 50, 200


@pytest.fixture
def apex(tmp_path: Path) -> Iterator[Apex]:
    middleware = Apex(Path(os.environ["LOWSKY_APEX"]).resolve(), tmp_path)
    middleware.start()
    yield middleware
    middleware.kill()


@pytest.mark.parametrize(("role", "port"), [("edge", "child"), ("peer", "peer")])
def test_ten_thousand_detections_pass_without_an_error(role: str, port: str, apex: Apex, tmp_path: Path) -> None:
    house, books = House(), Books()

    async def go() -> Voice:
        listener = await Voice.call(apex.ports["all" if role == "edge" else "parent"])
        async with running(way_to(apex.ports[port], tmp_path, role=role), house, books):
            for _ in range(SCANS):
                house.show(list(range(1, OBJECTS + 1)))
                await asyncio.sleep(0.5)
            await listener.hear("detection_report", SCANS * OBJECTS, PATIENCE_S)
            await asyncio.sleep(0.5)  # for an error that would come
        await listener.end()
        return listener

    listener = asyncio.run(go())
    assert books.failures == []
    assert books.lost == 0
    assert listener.counts["detection_report"] == SCANS * OBJECTS


def test_ten_thousand_detections_of_a_node_behind_it_are_used(apex: Apex, tmp_path: Path) -> None:
    made, sink = source(f"tcp://127.0.0.1:{apex.ports['peer']}", tmp_path), Sink()

    async def go() -> Voice:
        radar = await Voice.call(apex.ports["child"])
        radar.send(message(RADAR, registration=REGISTRATION), message(RADAR, status_report=status()))
        await radar.hear("registration_ack")
        async with listening(made, sink):
            for turn in range(SCANS):
                radar.send(*scan(RADAR, *(detection(1000 * turn + i) for i in range(OBJECTS))))
                await asyncio.sleep(0.5)
            async with asyncio.timeout(PATIENCE_S):  # it takes two milliseconds for each, and more where much else runs
                while not sink.has(SCANS * OBJECTS):
                    await asyncio.sleep(0.1)
            radar.send(message(RADAR, alert={"alert_id": ulid(5), "description": "door open"}))
            await radar.hear("alert_ack")
        await radar.end()
        return radar

    radar = asyncio.run(go())
    assert radar.counts["error"] == 0
    assert balanced(made, sink)[RADAR].used == SCANS * OBJECTS + 1
    assert not sink.counters.rejected


def test_it_is_killed_and_started_again(apex: Apex, tmp_path: Path) -> None:
    house, books = House(), Books()
    made, sink = source(f"tcp://127.0.0.1:{apex.ports['peer']}", tmp_path, "acknowledge = false\n"), Sink()
    house.notices = (notice(3),)
    way = way_to(apex.ports["child"], tmp_path, node_id="5700c573-8868-4f0e-81db-a2a9bcde042e")

    async def both(count: int, ended: bool) -> None:
        async with listening(made, sink) as source_task, running(way, house, books) as way_task:
            house.show([7])
            await until(lambda: [s for s in made.senders() if s.ignored.get("alert") == count])
            if ended:
                await asyncio.to_thread(apex.kill)
                done, _ = await asyncio.wait([source_task, way_task], timeout=20.0)
                assert [isinstance(task.exception(), OSError) for task in done] == [True, True]

    async def go() -> None:
        await both(1, True)
        await asyncio.to_thread(apex.start)
        await both(2, False)
        [node] = made.senders()
        assert node.name == "Harbour X"
        assert node.ignored["registration"] >= 2

    asyncio.run(go())
    assert books.failures == []
    assert [alert for alert in apex.log().splitlines() if "error in message" in alert] == []


def test_an_alert_is_acknowledged_and_a_task_answered_through_it(apex: Apex, tmp_path: Path) -> None:
    house, books = House(), Books()
    parent = "4700c573-8868-4f0e-81db-a2a9bcde042d"

    async def go() -> None:
        fusion = await Voice.call(apex.ports["peer"])
        async with running(way_to(apex.ports["child"], tmp_path), house, books):
            node = (await fusion.hear("registration")).node_id
            house.notices = (notice(3),)
            alert = await fusion.hear("alert")
            answer = {"alert_id": alert.alert.alert_id, "alert_ack_status": "ALERT_ACK_STATUS_ACCEPTED"}
            task = {"task_id": ulid(1), "control": "CONTROL_START", "command": {"request": "Status"}}
            fusion.send(message(parent, node, alert_ack=answer), message(parent, node, task=task))
            await fusion.hear("task_ack", 2)
            await until(lambda: house.acknowledged)
        await fusion.end()

    asyncio.run(go())
    assert house.acknowledged == [(3, "command")]
    assert books.failures == []
