"""Places of people: bounded, forgotten in time, seen only by those who may, each look audited, never in the picture."""

from __future__ import annotations

import asyncio
import json
import math
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.model.people import FriendPlace, OperatorPlace
from lowsky.serve.accounts import Accounts
from lowsky.serve.answers.people import friend_infos, operator_infos
from lowsky.serve.config.site_file import parse_site
from lowsky.serve.feed.client import Client
from lowsky.serve.feed.hub import Hub
from lowsky.serve.people import Friends, Operators, store
from lowsky.serve.route import MAY, Role
from lowsky.serve.routes import ROUTES
from lowsky.wire.remoteid.encoder import (
    Location,
    System,
    encode_basic_id,
    encode_location,
    encode_operator_id,
    encode_pack,
    encode_system,
)
from tests.serve.live import PATIENCE_S, SITE, Live, free_port, started

MINUTE_NS = store.NS_PER_MINUTE
SERIAL = "9Z9Z9000000001"
HERE = (56.002, 11.003)  # of the operator


def operator(identity: str = "a", minute: float = 0.0, **changed: Any) -> OperatorPlace:
    time_ns = round(minute * MINUTE_NS)
    values: dict[str, Any] = dict(
        sensor=0, identity=identity, operator_id="", latitude_deg=56.0, longitude_deg=11.0, height_m=math.nan,
        source="takeoff", time_ns=time_ns, received_ns=time_ns,
    )  # fmt: skip
    return OperatorPlace(**{**values, **changed})


def friend(uid: str = "f", time_ns: int = 0, stale_ns: int = 10) -> FriendPlace:
    return FriendPlace(uid, "call", "a-f-G-U-C", 56.0, 11.0, math.nan, 5.0, time_ns, stale_ns, time_ns)


def test_the_newest_place_of_an_aircraft_is_kept() -> None:
    kept = Operators(60.0)
    kept.hear([operator("a", 1.0, latitude_deg=56.1), operator("b", 1.0), operator("a", 2.0, latitude_deg=56.2)])
    kept.hear([operator("a", 1.5, latitude_deg=56.3)])
    assert [(p.identity, p.latitude_deg) for p in kept.newest_first()] == [("a", 56.2), ("b", 56.0)]


def test_a_registration_told_before_stays() -> None:
    kept = Operators(60.0)
    kept.hear([operator("a", 1.0, operator_id="FIN1"), operator("a", 2.0)])
    assert [p.operator_id for p in kept.newest_first()] == ["FIN1"]
    assert kept.newest_first()[0].received_ns == 2 * MINUTE_NS


def test_places_of_aircraft_that_are_not_known_are_told_apart_by_where() -> None:
    kept = Operators(60.0)
    kept.hear([operator("", 1.0), operator("", 2.0, latitude_deg=56.000001), operator("", 2.0, latitude_deg=56.1)])
    assert len(kept) == 2


def test_what_may_no_longer_be_kept_is_forgotten() -> None:
    kept = Operators(60.0)
    kept.hear([operator("a", 0.0), operator("b", 30.0)])
    kept.changed = False
    kept.forget(59 * MINUTE_NS)
    assert (len(kept), kept.changed) == (2, False)
    kept.forget(60 * MINUTE_NS)
    assert ([p.identity for p in kept.newest_first()], kept.changed) == (["b"], True)
    kept.keep(1.0)
    kept.forget(60 * MINUTE_NS)
    assert len(kept) == 0
    nothing = Operators(0.0)
    nothing.hear([operator()])
    assert len(nothing) == 0


def test_friends_are_kept_until_they_are_stale() -> None:
    kept = Friends()
    kept.hear([friend("f", 1, 10), friend("g", 1, 20), friend("f", 0, 99)])
    kept.forget(10)
    assert [p.uid for p in kept.newest_first()] == ["g"]


@given(st.integers(store.MAX_OPERATORS - 2, store.MAX_OPERATORS + 3))
def test_the_tables_are_bounded(n: int) -> None:
    operators, friends = Operators(60.0), Friends()
    operators.hear(operator(str(i)) for i in range(n))
    friends.hear(friend(str(i)) for i in range(n))
    assert len(operators) == min(n, store.MAX_OPERATORS)
    assert len(friends) == min(n, store.MAX_FRIENDS)
    assert operators.newest_first()[0].identity == str(n - 1)


def test_answers_have_no_numbers_that_json_has_not() -> None:
    (told,) = operator_infos((operator(height_m=math.nan),), ("rid",))
    assert (told.height_m, told.sensor, told.place) == (None, "rid", "takeoff")
    (own,) = friend_infos((friend(),))
    assert (own.height_m, own.sigma_m) == (None, 5.0)


def drained(client: Client) -> list[str]:
    kinds = []
    while (message := client.next()) is not None:
        if isinstance(message, str):
            kinds.append(json.loads(message)["type"])
    return kinds


def test_a_guarded_text_goes_to_nobody_whose_look_is_not_audited() -> None:
    hub, role = Hub(), [Role.OFFICER]
    officer = Client(hub, "officer", 0.0, lambda least: role[0] in MAY[least])
    viewer = Client(hub, "viewer", 0.0, lambda least: Role.VIEWER in MAY[least])
    hub.say("operators", '{"type":"operators"}', Role.OFFICER)
    assert drained(officer) == drained(viewer) == ["hello"]
    assert officer.awaiting() == ("operators",)
    assert officer.awaiting() == ()  # asked once a version
    assert viewer.awaiting() == ()
    officer.cleared.add("operators")
    viewer.cleared.add("operators")
    assert drained(officer) == ["operators"]
    assert drained(viewer) == []
    role[0] = Role.VIEWER  # lost while connected
    hub.say("operators", '{"type":"operators"}', Role.OFFICER)
    assert drained(officer) == []
    hub.say("operators", '{"type":"operators","operators":[]}')  # there are none any more: everybody may know
    assert drained(officer) == drained(viewer) == ["operators"]


def test_who_may_see_people() -> None:
    roles = {route.path: route.role for route in ROUTES}
    assert roles["/api/operators"] is Role.OFFICER
    assert roles["/api/friends"] is Role.VIEWER
    assert Role.INTEGRATOR not in MAY[Role.OFFICER]


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_a_retention_that_cannot_be_is_refused(tmp_path: Path, minutes: float) -> None:
    text = f"{SITE}[people]\nkeep_minutes = {minutes}\n"
    with pytest.raises(InputError, match=r"people\.keep_minutes: .* is not between 0 and 1440"):
        parse_site(text, tmp_path / "site.toml")


# --- a real server ---

RECEIVER = """\
[[sensors]]
id = "rid"
kind = "cooperative"
lat = 56.0
lon = 11.0
height_m = 20.0
max_range_m = 10000.0
"""


def broadcast() -> bytes:
    """A pack of an aircraft and its operator, now."""
    now_s = time.time()
    place = Location(status=2, latitude_deg=56.01, longitude_deg=11.01, geodetic_height_m=120.0, time_s=now_s % 3600)
    where = System(latitude_deg=HERE[0], longitude_deg=HERE[1])
    parts = [encode_basic_id(1, 2, SERIAL.encode()), encode_operator_id(b"FIN87astrdge12k8")]
    return encode_pack([*parts, encode_location(place), encode_system(where)])


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, dict[str, dict[str, str]]]]:
    """A server with accounts that hears Remote ID, and the headers of a program of each role."""
    folder = tmp_path_factory.mktemp("people")
    (folder / "accounts").mkdir()
    accounts = Accounts(folder / "accounts" / "accounts.sqlite")
    roles = (Role.VIEWER, Role.OFFICER, Role.INTEGRATOR)
    headers = {r.value: {"Authorization": f"Bearer {accounts.tokens.add(r.value, r, 'test', None)}"} for r in roles}
    accounts.close()
    port = free_port(socket.SOCK_DGRAM)
    source = f'[[sources]]\nname = "rid"\nkind = "remoteid"\nvia = "udp://127.0.0.1:{port}"\nsensor = "rid"\n'
    site = SITE.replace("on = false", "on = true").replace("[[places]]", f"{RECEIVER}[[places]]", 1) + source
    with started(folder, site, rid=port) as live:
        yield live, headers


def asked(live: Live, headers: dict[str, str], path: str = "/api/operators") -> httpx.Response:
    return httpx.get(live.address + path, headers=headers, timeout=PATIENCE_S)


def looks(live: Live) -> list[dict[str, Any]]:
    lines = (live.folder / "accounts" / "audit.jsonl").read_text().splitlines()
    return [line for line in map(json.loads, lines) if line["action"] == "looked at operators"]


def heard(live: Live, headers: dict[str, str], seconds: float) -> list[dict[str, Any]]:
    """Text messages of a feed in some seconds, while the aircraft goes on broadcasting."""

    async def take() -> list[dict[str, Any]]:
        got: list[dict[str, Any]] = []
        address = live.address.replace("http", "ws", 1) + "/feed"
        async with websockets.connect(address, additional_headers=headers, max_size=None) as feed:
            end_s = asyncio.get_running_loop().time() + seconds
            while (left_s := end_s - asyncio.get_running_loop().time()) > 0:
                live.udp("rid", broadcast())
                try:
                    async with asyncio.timeout(min(left_s, 0.5)):
                        message = await feed.recv()
                except TimeoutError:
                    continue
                if isinstance(message, str):
                    got.append(json.loads(message))
        return got

    return asyncio.run(take())


def test_operators_are_for_officers_and_each_look_is_audited(guarded: tuple[Live, dict[str, dict[str, str]]]) -> None:
    live, headers = guarded

    def told_of() -> Any:
        live.udp("rid", broadcast())  # until the source listens
        return asked(live, headers["officer"]).json()["operators"]

    live.wait(told_of)
    (told,) = asked(live, headers["officer"]).json()["operators"]
    assert (told["identity"], told["operator_id"], told["sensor"]) == (SERIAL, "FIN87astrdge12k8", "rid")
    assert (told["lat"], told["lon"], told["height_m"], told["place"]) == (*HERE, None, "takeoff")
    before = len(looks(live))
    asked(live, headers["officer"])
    after = looks(live)
    assert len(after) == before + 1
    assert (after[-1]["who"], after[-1]["target"]) == ("token:officer", "/api/operators")
    for role in ("viewer", "integrator"):
        refused = asked(live, headers[role])
        assert refused.status_code == 403
        assert str(HERE[0]) not in refused.text
    assert asked(live, headers["viewer"], "/api/friends").json() == {"friends": []}


def test_the_feed_tells_operators_to_officers_only(guarded: tuple[Live, dict[str, dict[str, str]]]) -> None:
    live, headers = guarded
    before = len(looks(live))
    for role in ("viewer", "integrator"):
        assert not any(m["type"] == "operators" for m in heard(live, headers[role], 2.5))
    assert len(looks(live)) == before
    shown = [m for m in heard(live, headers["officer"], 2.5) if m["type"] == "operators"]
    assert shown[-1]["operators"][0]["identity"] == SERIAL
    (look,) = looks(live)[before:]
    assert look["target"] == "/feed"


def test_operators_are_nowhere_else(guarded: tuple[Live, dict[str, dict[str, str]]]) -> None:
    live, headers = guarded
    live.wait(lambda: asked(live, headers["officer"], "/api/reports").json()["reports"])
    for path in ("/api/reports", "/api/objects", "/api/sources", "/api/sensors", "/metrics", "/api/trails"):
        text = asked(live, headers["officer"], path).text
        assert str(HERE[0]) not in text, path
        assert "FIN87" not in text, path
    assert not any(str(HERE[0]) in line or "FIN87" in line for line in live.said)
    live.stop()
    for file in live.folder.rglob("*"):
        if file.is_file():
            assert b"FIN87" not in file.read_bytes(), file
