"""Bodies, addresses, frames and rates: too long, too slow, too many, or no sense at all; and the files of the pages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from lowsky.serve.accounts.first_page import form_fields
from lowsky.serve.api import pages
from lowsky.serve.api.pages import static_path
from lowsky.serve.dispatch import starlette_routes
from lowsky.serve.errors import ApiError
from lowsky.serve.guard.body import read_whole
from lowsky.serve.guard.refusal import Head, Refused
from lowsky.serve.guard.settings import MAX_ADDRESS_CHARACTERS, MAX_FRAME_BYTES, GuardSettings
from lowsky.serve.route import Role
from lowsky.serve.routes import ROUTES
from tests.serve.doors import ORIGIN, Door, Person, Socket

JSON = {"content-type": "application/json"}


@pytest.fixture
def chief(door: Door) -> Person:
    """An administrator in a browser."""
    return door.person(Role.ADMINISTRATOR)


# --- bodies ---


def test_no_route_takes_an_endless_body(door: Door) -> None:
    chief = door.token(Role.ADMINISTRATOR)
    for route in ROUTES:
        if not route.changes:
            continue
        assert route.max_body_bytes <= 1 << 20, route.path
        path = (
            route.path.replace("{number:int}", "1").replace("{id}", "a").replace("{user}", "a").replace("{name}", "a")
        )
        told = {"content-length": str(route.max_body_bytes + 1)}
        answer = door.ask(route.method, path, chief | JSON | told, content=b"")
        assert answer.status_code == 413, route.path
        assert answer.headers["connection"] == "close"


def test_a_body_that_does_not_tell_its_length_is_cut_off_too(door: Door) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while sent < 50 << 20:
            sent += 4096
            yield b" " * 4096

    answer = door.ask("POST", "/api/session", JSON, content=endless())
    assert answer.status_code == 413
    assert sent <= 4 * 4096


def test_a_body_that_drips_is_given_up(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(body_timeout_s=0.05))

    async def dripping() -> AsyncIterator[bytes]:
        while True:
            yield b" "
            await asyncio.sleep(0.02)

    answer = door.ask("POST", "/api/session", JSON, content=dripping())
    assert answer.status_code == 408
    assert answer.headers["connection"] == "close"


def test_who_hangs_up_in_the_middle_changes_nothing() -> None:
    async def receive() -> dict[str, Any]:
        return next(messages)

    messages: Iterator[dict[str, Any]] = iter(
        [{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}]
    )
    with pytest.raises(Refused) as refused:
        asyncio.run(read_whole(receive, Head(()), 100, 1.0))
    assert refused.value.status == 400


@pytest.mark.parametrize("length", ["-1", "1e3", "٣", "0x10", "9" * 30, "1, 1", " "])
def test_a_length_that_is_no_number_is_refused(door: Door, length: str) -> None:
    raw = [(b"content-length", length.encode()), (b"content-type", b"application/json")]
    answer = door.ask("POST", "/api/session", raw, content=b"")  # type: ignore[arg-type]
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}",
        b'{"user": 1}',
        b'{"user":"a","password":"b","x":1}',
    ],
    ids=lambda b: repr(b[:30]),
)
def test_a_body_that_makes_no_sense_is_told_in_one_sentence(door: Door, body: bytes) -> None:
    answer = door.ask("POST", "/api/session", JSON, content=body)
    assert answer.status_code in (413, 422)
    assert list(answer.json()) == ["error"]


TAKERS = [
    ("POST", "/api/session"),
    ("POST", "/first"),
    ("POST", "/api/users"),
    ("PUT", "/api/users/a"),
    ("POST", "/api/tokens"),
    ("PUT", "/api/session/password"),
    ("DELETE", "/api/tokens/a"),
    ("DELETE", "/api/session"),
]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), method_and_path=st.sampled_from(TAKERS))
def test_garbage_in_any_body_never_fails_the_server(
    lax_token: tuple[Door, dict[str, str]], body: bytes, method_and_path: tuple[str, str]
) -> None:
    door, token = lax_token
    for media in ("application/json", "application/x-www-form-urlencoded"):
        answer = door.ask(*method_and_path, token | {"content-type": media}, content=body)
        assert 400 <= answer.status_code < 500


@pytest.fixture
def lax_token(make_door: Callable[..., Door]) -> tuple[Door, dict[str, str]]:
    """A server that does not mind how often it is asked, and an administrator's token."""
    door = make_door(guard=GuardSettings(requests_burst=100_000, changes_burst=100_000))
    return door, door.token(Role.ADMINISTRATOR)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_are_refused(body: bytes) -> None:
    with contextlib.suppress(ApiError):
        assert all(isinstance(value, str) for value in form_fields(body).values())


def test_a_form_with_too_many_fields_is_refused() -> None:
    with pytest.raises(ApiError):
        form_fields(b"&".join(b"a%d=1" % i for i in range(100)))


# --- addresses ---


def test_an_address_has_an_end(chief: Person) -> None:
    assert chief.ask("GET", "/api/reports?sensor=" + "x" * MAX_ADDRESS_CHARACTERS).status_code == 414
    assert chief.ask("GET", "/api/objects/" + "9" * 1000).status_code < 500


@pytest.mark.parametrize("path", ["/api/site%00", "/api/site%0a", "/static/%01", "/%7f", "/api/users/%e2%80%ae"])
def test_characters_that_no_address_has_are_refused(chief: Person, path: str) -> None:
    assert chief.ask("GET", path).status_code in (400, 404)


TRAVERSALS = """
    ../pages.py ../../../../etc/passwd ..%2f..%2froute.py %2e%2e/%2e%2e/route.py ....//....//route.py ..\\..\\route.py
    ..%5c..%5croute.py /etc/passwd %2fetc%2fpasswd //etc/passwd .hidden a/../../route.py a/%2e%2e/../route.py
    ..%00/route.py %c0%ae%c0%ae/route.py ..%252froute.py ~root/.ssh/id_rsa C:/windows/win.ini file:///etc/passwd
    src/../../route.py
""".split()


@pytest.fixture
def static(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A folder of static files with a secret beside it and links out of it."""
    folder = tmp_path / "static"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.js").write_text("ours")
    (folder / ".hidden").write_text("SECRET")
    (tmp_path / "route.py").write_text("SECRET")
    (folder / "link.js").symlink_to(tmp_path / "route.py")
    (folder / "out").symlink_to(tmp_path)
    monkeypatch.setattr(pages, "STATIC", folder)
    return folder


@pytest.mark.parametrize("name", [*TRAVERSALS, "link.js", "out/route.py", "src", "", ".", "x" * 300])
def test_no_name_leads_out_of_the_static_files(static: Any, make_door: Callable[..., Door], name: str) -> None:
    door = make_door(app=Starlette(routes=starlette_routes(ROUTES)))
    assert door.ask("GET", "/static/src/app.js").text == "ours"
    for path in (f"/static/{name}", f"/static/src/{name}"):
        answer = door.ask("GET", path)
        assert answer.status_code in (400, 404), path
        assert "SECRET" not in answer.text
        assert "root:" not in answer.text


@given(st.text(max_size=60))
def test_any_name_of_a_static_file_is_found_inside_or_not_at_all(name: str) -> None:
    with contextlib.suppress(ApiError):
        assert static_path(name).is_relative_to(pages.STATIC)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=40), query=st.text(max_size=40))
def test_any_address_is_answered(lax_token: tuple[Door, dict[str, str]], path: str, query: str) -> None:
    door, token = lax_token
    name, value = quote(path, safe="", errors="replace"), quote(query, safe="", errors="replace")
    for address in (f"/{name}?before={value}", f"/api/users/{name}", f"/api/audit?limit={name}&before={value}"):
        assert door.ask("GET", address, token).status_code < 500


# --- frames ---


def test_a_message_that_is_too_long_ends_the_websocket(door: Door) -> None:
    socket = Socket(door, {"cookie": door.person(Role.VIEWER).cookie, "origin": ORIGIN})
    socket.say("x" * MAX_FRAME_BYTES)
    assert socket.closed_with is None
    socket.say("é" * (MAX_FRAME_BYTES // 2 + 1))
    assert socket.closed_with == 1009


def test_too_many_messages_end_the_websocket(door: Door) -> None:
    socket = Socket(door, {"cookie": door.person(Role.VIEWER).cookie, "origin": ORIGIN})
    for _ in range(200):
        socket._given.put_nowait({"type": "websocket.receive", "bytes": b"x"})
    socket.turn()
    assert socket.closed_with is None
    socket.say("one more")
    assert socket.closed_with == 1008


def test_so_many_websockets_of_a_client_and_no_more(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(sockets_per_client=2, sockets_per_address=3))
    one, two = door.person(Role.VIEWER, "one"), door.person(Role.VIEWER, "two")
    first = [Socket(door, {"cookie": one.cookie, "origin": ORIGIN}) for _ in range(3)]
    assert [socket.status for socket in first] == [101, 101, 429]
    second = [Socket(door, {"cookie": two.cookie, "origin": ORIGIN}) for _ in range(2)]
    assert [socket.status for socket in second] == [101, 429]
    first[0].end()
    third = Socket(door, {"cookie": two.cookie, "origin": ORIGIN})
    assert third.status == 101
    for socket in (first[1], second[0], third):
        socket.end()
    assert len(door.guard._places) == 0


# --- rates ---


def test_a_client_that_asks_too_often_waits_and_others_do_not(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(requests_per_s=2, requests_burst=5))
    statuses = [door.ask("GET", "/healthz").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert door.ask("GET", "/healthz").headers["retry-after"] == "1"
    assert door.ask("GET", "/healthz", peer="192.0.2.1").status_code == 200
    door.clock.now_s += 1.0
    assert [door.ask("GET", "/healthz").status_code for _ in range(3)] == [200, 200, 429]


def test_changes_have_a_rate_of_their_own_and_logins_are_counted_apart(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(changes_per_s=1, changes_burst=3))
    one, two = door.person(Role.OFFICER, "one"), door.person(Role.OFFICER, "two")
    change = ("POST", "/api/calls/7/acknowledge")
    assert [one.ask(*change).status_code for _ in range(4)] == [200] * 3 + [429]
    assert one.ask("GET", "/api/site").status_code == 200
    assert two.ask(*change).status_code == 200


def test_what_takes_long_counts_for_more(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(requests_per_s=1, requests_burst=60))
    viewer = door.person(Role.VIEWER)
    assert [viewer.ask("GET", "/api/coverage").status_code for _ in range(2)] == [200, 429]
    assert [viewer.ask("GET", "/api/site").status_code for _ in range(10)] == [200] * 10
    door.clock.now_s += 1
    assert [viewer.ask("GET", "/static/a.js").status_code for _ in range(11)] == [200] * 10 + [429]  # small files, many


def test_trying_tokens_is_slowed(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(requests_burst=10))
    statuses = [door.ask("GET", "/api/site", {"authorization": f"Bearer x{i}"}).status_code for i in range(12)]
    assert statuses == [401] * 10 + [429] * 2
