"""Every route with every role: who may use it gets through, nobody else does; what is not declared is not there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from starlette.routing import Mount, WebSocketRoute
from starlette.routing import Route as StarletteRoute

from lowsky.serve.dispatch import starlette_routes
from lowsky.serve.guard.match import Table
from lowsky.serve.guard.settings import GuardSettings
from lowsky.serve.route import WEBSOCKET, Role, Route
from lowsky.serve.routes import ROUTES
from tests.serve.doors import PEOPLE, Door, Person, Socket

# The roles of contract, written down once more on purpose: who changes a route's role must change it here too.
MAY_USE = {
    Role.PUBLIC: {"nobody", "viewer", "officer", "integrator", "administrator"},
    Role.VIEWER: {"viewer", "officer", "integrator", "administrator"},
    Role.OFFICER: {"officer", "administrator"},
    Role.INTEGRATOR: {"integrator", "administrator"},
    Role.ADMINISTRATOR: {"administrator"},
}
OPEN = {"/login", "/static/{path:path}", "/healthz", "/api/session", "/first"}
LAX = GuardSettings(requests_burst=100_000, changes_burst=100_000)
NO = {303, 401, 403}


def path_of(route: Route) -> str:
    """An address that the route's pattern matches."""
    return re.sub(r"\{\w+(:\w+)?\}", lambda match: "7" if match[1] == ":int" else "somebody", route.path)


@pytest.fixture(scope="module")
def lax(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A server that does not mind how often it is asked, with one user and one token of each role."""
    door = Door(tmp_path_factory.mktemp("door"), guard=LAX)
    for role in PEOPLE:
        door.person(role)
    yield door
    door.close()


@pytest.fixture(scope="module")
def tokens(lax: Door) -> dict[Role, dict[str, str]]:
    """The headers of a program of each role."""
    return {role: lax.token(role) for role in PEOPLE}


@pytest.fixture
def people(lax: Door) -> dict[str, Person]:
    """Somebody of each role, just logged in."""
    return {role.value: lax.log_in(role.value) for role in PEOPLE}


def test_only_these_routes_are_open() -> None:
    assert {route.path for route in ROUTES if route.role is Role.PUBLIC} == OPEN
    changing = {(route.method, route.path) for route in ROUTES if route.role is Role.PUBLIC and route.changes}
    assert changing == {("POST", "/api/session"), ("POST", "/first")}


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_route_by_every_role_of_people(route: Route, lax: Door, people: dict[str, Person]) -> None:
    for who in ("nobody", *people):
        let_in = _asked_by_person(lax, route, people.get(who))
        assert let_in == (who in MAY_USE[route.role]), who


def _asked_by_person(door: Door, route: Route, person: Person | None) -> bool:
    headers = {"origin": "http://10.0.0.1:8420"} | (person.headers if person else {})
    return _let_in(door, route, headers)


def _let_in(door: Door, route: Route, headers: dict[str, str]) -> bool:
    if route.method == WEBSOCKET:
        socket = Socket(door, headers, path_of(route))
        status = socket.status
        if status == 101:
            socket.end()
        return status == 101
    answer = door.ask(route.method, path_of(route), headers, json={} if route.request is not None else None)
    assert answer.status_code in NO or answer.status_code < 500
    is_login = route.path in ("/api/session", "/first") and route.method == "POST"
    return answer.status_code not in NO or (is_login and answer.status_code in (401, 410))


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_every_route_by_every_role_of_tokens(route: Route, lax: Door, tokens: dict[Role, dict[str, str]]) -> None:
    for role in PEOPLE:
        assert _let_in(lax, route, tokens[role]) == (role.value in MAY_USE[route.role]), role


@pytest.mark.parametrize("route", ROUTES, ids=lambda r: f"{r.method} {r.path}")
def test_refused_routes_do_not_reach_their_handler(route: Route, lax: Door) -> None:
    if route.role is Role.PUBLIC or route.method == WEBSOCKET:
        return
    answer = lax.ask(route.method, path_of(route))
    assert answer.status_code == (303 if route.media == "text/html" else 401)
    assert "reached" not in answer.text
    assert set(answer.json()) == {"error"}


def test_a_path_that_is_not_declared_is_404_for_everybody(lax: Door, people: dict[str, Person]) -> None:
    for path in (
        "/api",
        "/api/",
        "/api/objects/",
        "/api/objects/x",
        "/docs",
        "/admin",
        "/Api/site",
        "//api/site",
        "/feed/",
    ):
        assert lax.ask("GET", path).status_code == 404, path
        assert people["administrator"].ask("GET", path).status_code == 404, path


def test_a_websocket_is_only_where_it_is_declared(lax: Door, people: dict[str, Person]) -> None:
    for path in ("/", "/api/site", "/healthz", "/nothing"):
        assert Socket(lax, people["administrator"].headers, path).status == 404
    for method in ("GET", "WEBSOCKET"):
        assert people["administrator"].ask(method, "/feed").status_code == 404


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "PATCH", "PROPFIND", "GETS", "WEBSOCKET"])
def test_other_methods_do_nothing(lax: Door, people: dict[str, Person], method: str) -> None:
    answer = people["administrator"].ask(method, "/api/site")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_head_needs_what_get_needs(lax: Door, people: dict[str, Person]) -> None:
    assert lax.ask("HEAD", "/api/site").status_code == 401
    assert people["viewer"].ask("HEAD", "/api/users").status_code == 403
    assert people["viewer"].ask("HEAD", "/api/site").status_code == 200


def test_guard_and_dispatcher_read_the_same_table() -> None:
    """The dispatcher serves exactly the declared routes, and picks for each path the one that the guard has checked."""
    served = starlette_routes(ROUTES)
    assert not [route for route in served if isinstance(route, Mount)]
    assert len(served) == len(ROUTES)
    table = Table(ROUTES)
    for declared, route in zip(ROUTES, served, strict=True):
        assert isinstance(route, StarletteRoute | WebSocketRoute)
        assert route.path == declared.path
        kind = "websocket" if declared.method == WEBSOCKET else "http"
        assert table.find(kind, declared.method, path_of(declared)).path == declared.path


def test_who_is_not_logged_in_is_led_to_the_login_page(lax: Door) -> None:
    answer = lax.ask("GET", "/?place=harbour&at=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2F%3Fplace%3Dharbour%26at%3D1"


def test_a_role_that_is_taken_away_is_gone_at_once(door: Door) -> None:
    officer, viewer = door.person(Role.OFFICER), door.person(Role.VIEWER)
    assert officer.ask("POST", "/api/calls/7/acknowledge").status_code == 200
    door.accounts.users.set_role("officer", Role.VIEWER)
    assert officer.ask("POST", "/api/calls/7/acknowledge").status_code == 403
    door.accounts.users.remove("viewer")
    assert viewer.ask("GET", "/api/site").status_code == 401


def test_without_accounts_the_visitor_of_this_machine_is_an_officer(make_door: Callable[..., Door]) -> None:
    door = make_door(on=False, guard=LAX)
    here = ("127.0.0.1", "localhost:8420")
    session = door.ask("GET", "/api/session", None, *here).json()
    assert (session["user"], session["role"], session["accounts"]) == ("local", "officer", False)
    proof = {"x-csrf-token": session["csrf"]}
    for route in ROUTES:
        if route.method == WEBSOCKET:
            continue
        body: dict[str, str] | None = {} if route.request is not None else None
        status = door.ask(route.method, path_of(route), proof, *here, json=body).status_code
        assert (status != 403) == ("officer" in MAY_USE[route.role]), route.path
        assert status != 401
