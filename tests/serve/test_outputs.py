"""What outputs are shown: geodetic rows with whole covariances, each object's end once; and how outputs are kept."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from lowsky.model.air import Air, joined, no_air
from lowsky.model.errors import InputError
from lowsky.model.geodesy import Frame, ecef_from_geodetic, enu_axes
from lowsky.model.picture import Status
from lowsky.model.report import report_batch
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.engine.rows import feed_table
from lowsky.serve.outputs import kinds
from lowsky.serve.outputs.air import air_of, with_ended
from lowsky.serve.outputs.contract import Books, House, OutputKind, OutputOptions
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.shown import MAX_BEARINGS
from tests.airs import picture_of
from tests.serve.showing import ORIGIN, SITE, S, Server


def air_at(numbers: list[int], time_ns: int = 200, far_m: float = 0.0) -> Air:
    picture = picture_of(numbers, time_ns, far_m)
    frame = Frame(ORIGIN)
    return air_of(picture, feed_table(picture, frame), frame, ["F00001"], time_ns)


def test_position_velocity_and_covariance_are_in_the_object_s_own_axes() -> None:
    frame, picture = Frame(ORIGIN), picture_of([7], 200, far_m=150_000.0)
    air = air_of(picture, feed_table(picture, frame), frame, ["F00001"], 200)
    # the same, the long way round the earth's centre
    turn = enu_axes(air.latitude_deg[0], air.longitude_deg[0]) @ frame.axes.T
    both = np.kron(np.eye(2), turn)
    there = ecef_from_geodetic(air.latitude_deg[0], air.longitude_deg[0], air.height_m[0])
    np.testing.assert_allclose(there, frame.axes.T @ picture.state[0, :3] + frame.origin_ecef_m, atol=1e-6)
    np.testing.assert_allclose(air.velocity_mps[0], turn @ picture.state[0, 3:], atol=1e-9)
    np.testing.assert_allclose(air.covariance[0], both @ picture.covariance[0] @ both.T, atol=1e-9)
    assert np.linalg.det(air.covariance[0]) == pytest.approx(np.linalg.det(picture.covariance[0]))
    assert abs(air.velocity_mps[0, 2] - picture.state[0, 5]) > 0.01  # up has tilted on the way


def test_a_row_that_says_nothing_is_in_no_output() -> None:
    picture = picture_of([3, 4], 200)
    picture.state[0, 1] = np.nan
    frame = Frame(ORIGIN)
    assert air_of(picture, feed_table(picture, frame), frame, [], 200).number.tolist() == [4]


def test_identities_are_words_and_absent_ones_empty() -> None:
    assert air_at([1, 2]).identity == ("F00001", "")


def test_what_is_gone_is_told_once_with_where_it_was() -> None:
    before, now = air_at([1, 2, 5]), air_at([2], 400)
    told = with_ended(now, before)
    assert told.number.tolist() == [1, 2, 5]
    assert [Status(s).name for s in told.status] == ["ENDED", "CONFIRMED", "ENDED"]
    assert told.latitude_deg[2] == before.latitude_deg[2]
    assert told.time_ns == 400
    assert told.identity[0] == "F00001"
    assert with_ended(air_at([2], 600), told).number.tolist() == [2]
    assert before.status.tolist() == [1, 1, 1]  # nobody else's rows were changed


def test_an_object_that_comes_back_is_there_again() -> None:
    told = with_ended(air_at([1], 600), with_ended(no_air(400), air_at([1])))
    assert told.status.tolist() == [Status.CONFIRMED]


def test_joining_nothing() -> None:
    assert len(joined(no_air(5), no_air(6))) == 0
    assert joined(no_air(5), air_at([1, 9])).number.tolist() == [1, 9]


def test_a_view_waits_for_its_period_and_gets_the_newest() -> None:
    server = Server()

    async def go() -> list[int]:
        seen = []
        waiting = asyncio.create_task(server.view.tick(1.0))
        await asyncio.sleep(0)
        for tick in range(50, 101):
            server.turn([1], tick * S // 5)
            for _ in range(5):
                await asyncio.sleep(0)
            if waiting.done():
                seen.append(waiting.result().time_ns)
                waiting = asyncio.create_task(server.view.tick(1.0))
                await asyncio.sleep(0)
        waiting.cancel()
        return seen

    assert asyncio.run(go()) == [s * S for s in range(10, 21)]
    assert server.view.skipped == 0


def test_a_slow_output_gets_the_newest_picture_and_the_others_are_counted() -> None:
    server = Server()

    async def go() -> list[Any]:
        server.turn([1, 2], 10 * S)
        first = await server.view.tick(1.0)
        for second in (11, 12, 13):
            server.turn([2], second * S)
        return [first, await server.view.tick(1.0)]

    first, second = asyncio.run(go())
    assert (first.time_ns, second.time_ns) == (10 * S, 13 * S)
    assert second.status.tolist() == [Status.ENDED, Status.CONFIRMED]
    assert server.view.skipped == 2


def test_a_wait_that_is_cancelled_loses_nothing() -> None:
    server = Server()

    async def go() -> list[int]:
        server.turn([1], 10 * S)
        await server.view.tick()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(server.view.tick(), 0.01)
        server.turn([], 11 * S)
        status: list[int] = (await server.view.tick()).status.tolist()
        return status

    assert asyncio.run(go()) == [Status.ENDED]


def test_directions_are_kept_for_a_while_and_not_without_end() -> None:
    server = Server()
    n = MAX_BEARINGS + 500
    heard = report_batch(
        n, sensor=np.ones(n), time_ns=np.arange(n), received_ns=10 * S + np.arange(n), azimuth_rad=np.full(n, 1.0)
    )
    server.turn([], 10 * S, heard)
    assert len(server.shown.bearings(0)) == MAX_BEARINGS
    assert len(server.shown.bearings(10 * S + n - 3)) == 2
    assert server.shown.bearings(0)[-1].sigma_azimuth_rad == SITE.sensors[1].sigma_azimuth_rad
    server.now_ns = 21 * S
    assert server.shown.bearings(0) == ()


class Fragile:
    """Breaks so often, then runs."""

    name, kind, to = "fragile", "test", "nowhere"

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.closed = False

    async def run(self, house: House, books: Books) -> None:
        books.say("running")
        if self.errors:
            raise self.errors.pop(0)
        books.sent(100, 2)
        books.dropped(3, "nobody took them")
        try:
            await asyncio.Event().wait()
        finally:
            self.closed = True


def test_an_output_that_breaks_is_run_again_and_everything_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await real(0)

    way = Fragile(OSError(111, "Connection refused"), RuntimeError("a defect"))
    keeper = OutputKeeper(way, Server().view)
    monkeypatch.setattr("lowsky.serve.outputs.keeper.asyncio.sleep", sleep)

    async def go() -> None:
        task = asyncio.create_task(keeper.keep())
        for _ in range(20):
            await real(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(go())
    info = keeper.info()
    assert pauses == [0.5, 1.0]
    assert (info.state, info.restarts, info.failures) == ("running", 2, 2)
    assert (info.messages, info.bytes, info.dropped) == (2, 100, 3)
    assert info.last_error == "nobody took them"
    assert way.closed
    assert msgspec.json.decode(msgspec.json.encode(info))["last_ms"] == 10_000.0


def test_an_output_that_does_not_close_does_not_hold_up_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowsky.serve.outputs.keeper.GOODBYE_S", 0.02)

    class Clinging:
        name, kind, to = "clinging", "test", "nowhere"

        async def run(self, house: House, books: Books) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.2)

    async def go() -> float:
        task = asyncio.create_task(OutputKeeper(Clinging(), Server().view).keep())
        await asyncio.sleep(0.01)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        took = loop.time() - begun
        await asyncio.sleep(0.25)
        return took

    assert asyncio.run(go()) < 0.2


def site_with(outputs: str) -> str:
    return f'[site]\nid = "x"\n{outputs}'


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('kind = "asterix"\nto = "udp://127.0.0.1:1"', "outputs[0].name"),
        ('name = "a b"\nkind = "asterix"\nto = "x"', "'a b' is not 1 to 40"),
        ('name = "a"\nto = "x"', "outputs[0].kind"),
        ('name = "a"\nkind = 5\nto = "x"', "outputs[0].kind"),
        ('name = "a"\nkind = "asterix"', "outputs[0].to"),
        ('name = "a"\nkind = "k"\nto = "x"\n[[outputs]]\nname = "a"\nkind = "k"\nto = "y"', "outputs[1].name: 'a' is"),
    ],
)
def test_a_table_that_is_wrong_is_named(table: str, words: str) -> None:
    with pytest.raises(InputError) as error:
        parse_site(site_with("[[outputs]]\n" + table), Path("/nowhere/site.toml"))
    assert words in str(error.value)
    assert str(error.value).startswith("/nowhere/site.toml, ")


class TestOptions(OutputOptions, frozen=True):
    """One option more."""

    __test__ = False
    period_s: float = 1.0


def test_kinds_are_found_and_their_options_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = OutputKind("test", "for a test", ("udp", "mqtts"), TestOptions, lambda options, setting: Fragile())
    monkeypatch.setattr(kinds, "_HOMES", {"test": "nowhere"})
    monkeypatch.setattr(kinds, "find_kind", lambda name: kind)
    given = {"name": "a", "kind": "test", "to": "udp://127.0.0.1:5000?ttl=3", "period_s": 2.0}

    def make(**other: Any) -> Any:
        return kinds.make_way(given | other, "site.toml, outputs[0]", Path("/nowhere"), SITE)

    assert make().name == "fragile"
    with pytest.raises(InputError, match=r"outputs\[0\].period_s: Expected `float`, got `str`"):
        make(period_s="often")
    with pytest.raises(InputError, match="unknown field `perod_s`"):
        make(perod_s=1.0)
    with pytest.raises(InputError, match=r"outputs\[0\].kind: 'tset' is not one of test"):
        make(kind="tset")
    with pytest.raises(InputError, match=r"outputs\[0\].to: .* names no port"):
        make(to="udp://127.0.0.1")
    with pytest.raises(InputError, match=r"outputs\[0\].password_file: udp:// takes no such field"):
        make(password_file="x")
