"""Other sites, other names, proxies: whose pages may ask, and whom the server takes for whom."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.serve.guard.addresses import Hosts, address_of, client_of, is_loopback, networks_of, origin_of, own_names
from lowsky.serve.guard.refusal import Head, Refused
from lowsky.serve.guard.settings import GuardSettings
from lowsky.serve.route import Role
from tests.serve.doors import ORIGIN, Door, Person, Socket

CHANGE = ("POST", "/api/calls/7/acknowledge")


@pytest.fixture
def officer(door: Door) -> Person:
    """An officer in a browser."""
    return door.person(Role.OFFICER)


def head(**headers: str) -> Head:
    """Headers by name, with - written as _."""
    return Head((name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items())


# --- what another site's page can make a browser do ---


def test_our_own_page_may_change(officer: Person) -> None:
    assert officer.ask(*CHANGE).status_code == 200


@pytest.mark.parametrize("proof", ["", "x", "0" * 64, "ü"])
def test_without_the_proof_of_this_session_nothing_changes(officer: Person, proof: str) -> None:
    headers = [("cookie", officer.cookie), ("origin", ORIGIN)]
    if proof:
        headers.append(("x-csrf-token", proof))
    raw = [(name.encode(), value.encode()) for name, value in headers]
    answer = officer.door.ask(*CHANGE, headers=raw)  # type: ignore[arg-type]
    assert answer.status_code == 403
    assert "x-csrf-token" in answer.json()["error"]


def test_the_proof_of_another_session_does_not_count(officer: Person) -> None:
    other = officer.door.person(Role.OFFICER, "other")
    assert officer.ask(*CHANGE, {"x-csrf-token": other.csrf}).status_code == 403
    later = officer.door.log_in("officer")
    assert officer.ask(*CHANGE, {"x-csrf-token": later.csrf}).status_code == 403


ELSEWHERE: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://10.0.0.1"},  # another port
    {"origin": "https://10.0.0.1:8420"},  # another scheme
    {"origin": "http://10.0.0.1:8420.evil.example"},
    {"origin": "http://evil.example/http://10.0.0.1:8420"},
    {"origin": "http://x@10.0.0.1:8420"},
    {"origin": "", "sec-fetch-site": "cross-site"},
    {"origin": "", "sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "nonsense"},
]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_another_site_changes_nothing_even_with_cookie_and_proof(officer: Person, headers: dict[str, str]) -> None:
    assert officer.ask(*CHANGE, headers).status_code == 403


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
def test_another_site_logs_nobody_in(door: Door, headers: dict[str, str]) -> None:
    door.person(Role.VIEWER)
    sent = {name: value for name, value in headers.items() if value}
    assert door.try_login("viewer", "a long enough one", sent).status_code == 403


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_form_of_another_site_is_no_json(door: Door, media: str) -> None:
    door.person(Role.VIEWER)
    body = b'{"user": "viewer", "password": "a long enough one"}'
    headers = {"content-type": media} if media else {}
    assert door.ask("POST", "/api/session", headers, content=body).status_code == 415


def test_another_site_embeds_nothing_but_may_link_to_the_pages(officer: Person) -> None:
    embed = {"origin": "", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"}
    link = {"origin": "", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    frame = link | {"sec-fetch-dest": "iframe"}
    for path in ("/api/objects", "/static/src/app.js", "/metrics"):
        for headers in (embed, link, frame):
            assert officer.ask("GET", path, headers).status_code == 403, path
    assert officer.ask("GET", "/", link).status_code == 200
    assert officer.ask("GET", "/", frame).status_code == 403
    assert officer.ask("GET", "/", embed).status_code == 403


def test_a_link_on_another_site_leads_to_the_page_and_not_to_the_login(officer: Person) -> None:
    """Browsers keep the cookie from a request that another site began; our own page then begins it once more."""
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    first = officer.door.ask("GET", '/?at=1&x="><script>', link)
    assert first.status_code == 200
    assert "<script" not in first.text
    there = re.search(r'content="0; url=(/[^"]*)"', first.text)
    assert there is not None
    assert there[1].startswith("/?at=1&amp;x=")
    assert officer.ask("GET", "/?at=1").text == "reached officer"
    assert officer.door.ask("GET", "/?at=1", {"sec-fetch-site": "same-origin"}).status_code == 303


def test_a_body_whose_end_is_told_in_two_ways_is_refused(door: Door) -> None:
    both = {"content-length": "5", "transfer-encoding": "chunked", "content-type": "application/json"}
    answer = door.ask("POST", "/api/session", both, content=b"0\r\n\r\n")
    assert answer.status_code == 400
    assert answer.headers["connection"] == "close"


def test_a_token_needs_no_proof_since_browsers_do_not_send_it_by_themselves(door: Door) -> None:
    token = door.token(Role.OFFICER)
    assert door.ask(*CHANGE, token).status_code == 200
    assert door.ask(*CHANGE, token | {"origin": "https://evil.example"}).status_code == 200


@pytest.mark.parametrize("headers", [*ELSEWHERE, {"origin": ""}], ids=str)
def test_a_websocket_opens_for_our_own_pages_only(officer: Person, headers: dict[str, str]) -> None:
    good = {"cookie": officer.cookie, "origin": ORIGIN, "sec-fetch-site": "same-origin"}
    ours = Socket(officer.door, good)
    assert ours.status == 101
    ours.end()
    assert Socket(officer.door, good | headers).status == 403


def test_a_program_with_a_token_opens_a_websocket_without_origin(door: Door) -> None:
    socket = Socket(door, door.token(Role.VIEWER))
    assert socket.status == 101
    socket.end()
    assert Socket(door, {}).status == 401
    assert Socket(door, {"origin": ORIGIN}).status == 401


def test_every_answer_tells_browsers_to_be_strict(officer: Person) -> None:
    door = officer.door
    link = door.accounts.first.make()
    for answer in (
        officer.ask("GET", "/"),
        officer.ask("GET", "/api/users"),
        door.ask("GET", "/nothing"),
        door.ask("GET", "/api/site"),
        door.ask("GET", f"/first?key={link}"),
        door.ask("GET", "/", host="evil.example"),
        officer.ask(*CHANGE),
    ):
        policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["base-uri"] == policy["object-src"] == "'none'"
        assert "unsafe" not in policy["style-src"] + policy["script-src"]
        assert "unsafe-eval" not in str(policy)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["cache-control"] == "no-store"
        assert "geolocation=()" in answer.headers["permissions-policy"]
        assert "server" not in answer.headers
        assert "access-control-allow-origin" not in answer.headers


# --- under which name ---


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8420", "10.0.0.1.evil.example", "localhost.evil.example", "sky.example.evil"]
)
def test_a_name_that_is_not_ours_is_refused(make_door: Callable[..., Door], host: str) -> None:
    door = make_door(guard=GuardSettings(hosts=("sky.example",)))
    answer = door.ask("GET", "/healthz", host=host)
    assert answer.status_code == 421
    assert "hosts" in answer.json()["error"]


@pytest.mark.parametrize(
    "host", ["sky.example", "SKY.example:443", "sky.example.", "localhost:1", "192.0.2.7:8420", "[::1]:80"]
)
def test_our_names_and_addresses_are_answered_to(make_door: Callable[..., Door], host: str) -> None:
    door = make_door(guard=GuardSettings(hosts=("sky.example",)))
    assert door.ask("GET", "/healthz", {"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "sky.example/x", "user@sky.example", "sky.example:port", "::1", "[::1", "é"]
)
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(Refused):
        Hosts(("sky.example",), loopback_only=False).check(head(host=host), "http")


def test_two_hosts_are_one_too_many() -> None:
    twice = Head([(b"host", b"localhost"), (b"Host", b"evil.example")])
    with pytest.raises(Refused, match="2 times"):
        Hosts((), loopback_only=False).check(twice, "http")


@pytest.mark.parametrize("name", ["http://sky.example", "sky.example:80", "sky example", "", "-x"])
def test_a_setting_that_is_no_host_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match="hosts"):
        Hosts((name,), loopback_only=False)


@pytest.mark.parametrize(
    ("called", "names"),
    [("radar", ("radar", "radar.local")), ("Radar.example", ("Radar.example",)), ("a b", ()), ("", ()), ("a:80", ())],
)
def test_the_machine_answers_to_its_own_name(
    called: str, names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: called)
    assert own_names() == names
    hosts = Hosts(own_names(), loopback_only=False)
    for name in names:
        assert hosts.check(head(host=f"{name.upper()}:8420"), "http").endswith(f"{name.lower()}:8420")


# --- without accounts ---

HERE: dict[str, Any] = {"peer": "127.0.0.1", "host": "localhost:8420"}


@pytest.mark.parametrize(
    "change",
    [
        {"host": "evil.example"},
        {"host": "192.168.1.5:8420"},
        {"host": "localhost.evil.example"},
        {"peer": "192.168.1.9"},
        {"peer": "::ffff:192.168.1.9"},
        {"headers": {"x-forwarded-for": "127.0.0.1"}},
        {"headers": {"forwarded": "for=127.0.0.1"}},
        {"headers": {"via": "1.1 proxy"}},
        {"headers": {"x-real-ip": "127.0.0.1"}},
    ],
    ids=str,
)
def test_without_accounts_nothing_comes_from_elsewhere(make_door: Callable[..., Door], change: dict[str, Any]) -> None:
    door = make_door(on=False)
    assert door.ask("GET", "/api/site", **HERE).text == "reached local"
    answer = door.ask("GET", "/api/site", **(HERE | change))
    assert answer.status_code in (403, 421)
    assert "reached" not in answer.text


def test_without_accounts_another_site_still_changes_nothing(make_door: Callable[..., Door]) -> None:
    door = make_door(on=False)
    session = door.ask("GET", "/api/session", **HERE).json()
    proof = {"x-csrf-token": session["csrf"]}
    assert door.ask(*CHANGE, **HERE).status_code == 403
    assert door.ask(*CHANGE, proof | {"origin": "http://evil.example"}, **HERE).status_code == 403
    assert door.ask(*CHANGE, proof, **HERE).status_code == 200
    elsewhere = Socket(door, {"host": "localhost:8420", "origin": "http://evil.example"}, peer="127.0.0.1")
    assert elsewhere.status == 403
    assert door.ask("POST", "/api/session", json={"user": "a", "password": "b"}, **HERE).status_code == 409


# --- behind a proxy ---

PROXIES = networks_of(("10.1.0.0/16", "2001:db8::1"))


def test_forwarded_headers_of_a_stranger_are_not_believed() -> None:
    client = client_of("192.0.2.1", "http", head(x_forwarded_for="127.0.0.1", x_forwarded_proto="https"), PROXIES)
    assert (client.address, client.scheme, client.loopback) == ("192.0.2.1", "http", False)


def test_only_the_hops_that_proxies_added_are_believed() -> None:
    told = head(x_forwarded_for="127.0.0.1, 203.0.113.5, 10.1.2.3", x_forwarded_proto="https")
    client = client_of("10.1.0.9", "http", told, PROXIES)
    assert (client.address, client.scheme) == ("203.0.113.5", "https")
    assert client_of("::ffff:10.1.0.9", "ws", told, PROXIES).address == "203.0.113.5"
    assert (
        client_of("2001:db8::1", "http", head(x_forwarded_for="[2001:db8:9::7]:99"), PROXIES).key == "2001:db8:9::/64"
    )
    assert client_of("10.1.0.9", "http", head(), PROXIES).address == "10.1.0.9"


@pytest.mark.parametrize(
    "told", [{"x_forwarded_for": "unknown"}, {"x_forwarded_proto": "gopher"}, {"x_forwarded_for": "1.2.3.4, x"}]
)
def test_a_proxy_that_talks_nonsense_is_refused(told: dict[str, str]) -> None:
    with pytest.raises(Refused):
        client_of("10.1.0.9", "http", head(**told), PROXIES)


def test_behind_a_proxy_cookie_origin_and_rates_are_those_of_the_client(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(trusted_proxies=("10.1.0.9",), hosts=("sky.example",)))
    door.person(Role.VIEWER)
    told = {"x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "https", "origin": "https://sky.example"}
    behind: dict[str, Any] = {"peer": "10.1.0.9", "host": "sky.example"}
    answer = door.try_login("viewer", "a long enough one", told, **behind)
    assert answer.headers["set-cookie"].startswith("__Host-")
    for _ in range(6):
        refused = door.try_login("viewer", "wrong wrong", told, **behind)
    assert refused.status_code == 429
    other = told | {"x-forwarded-for": "203.0.113.6"}
    assert door.try_login("viewer", "wrong wrong", other, **behind).status_code == 401
    assert door.lines()[-1]["address"] == "203.0.113.6"


@pytest.mark.parametrize("text", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", ""])
def test_a_proxy_must_be_an_address_or_a_network(text: str) -> None:
    with pytest.raises(InputError, match="trusted_proxies"):
        networks_of((text,))


# --- garbage ---


@given(st.text(max_size=80))
def test_any_text_is_an_origin_or_none(text: str) -> None:
    found = origin_of(text)
    assert found == "" or origin_of(found) == found


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_none(text: str) -> None:
    address_of(text)
    is_loopback(text)


@given(
    st.lists(
        st.tuples(st.sampled_from([b"host", b"x-forwarded-for", b"cookie", b"Origin"]), st.binary(max_size=60)),
        max_size=5,
    )
)
def test_any_headers_give_a_client_and_an_origin_or_a_refusal(headers: list[tuple[bytes, bytes]]) -> None:
    given_head = Head(headers)
    given_head.cookie("lowsky_session")
    with contextlib.suppress(Refused):
        assert client_of("10.1.0.9", "http", given_head, PROXIES).address
        assert Hosts((), loopback_only=False).check(given_head, "http").startswith("http://")


def test_a_cookie_that_is_there_with_two_values_is_none() -> None:
    assert head(cookie="a=1; lowsky_session=x; b=2").cookie("lowsky_session") == "x"
    assert head(cookie="lowsky_session=x; lowsky_session=y").cookie("lowsky_session") == ""
    assert head(cookie="xlowsky_session=x").cookie("lowsky_session") == ""
