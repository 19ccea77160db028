"""Logging in and out, sessions and tokens, the first administrator, and what slows guessing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from lowsky.serve.accounts import AccountSettings
from lowsky.serve.accounts.first_page import WORDS
from lowsky.serve.accounts.passwords import CONCURRENT, WAITING, BusyError
from lowsky.serve.accounts.secret import at_rest
from lowsky.serve.route import Role
from tests.serve.doors import CHEAP, ORIGIN, PASSWORD, Door, Person, Socket

HOUR_S = 3600.0
NEW = "another long one"


def is_in(person: Person) -> bool:
    """Whether the server still knows the session."""
    return person.ask("GET", "/api/session").status_code == 200


def test_a_session_says_who_and_is_in_a_cookie_that_scripts_and_other_sites_cannot_have(door: Door) -> None:
    door.person(Role.OFFICER, "Kim")
    answer = door.try_login("KIM", PASSWORD)
    assert answer.json()["user"] == "kim"
    assert answer.json()["role"] == "officer"
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(r"lowsky_session=[\w-]{43}; HttpOnly; Max-Age=604800; Path=/; SameSite=strict", cookie)


def test_under_tls_the_cookie_is_secure_and_bound_to_the_host(door: Door) -> None:
    door.person(Role.VIEWER)
    cookie = door.try_login("viewer", PASSWORD, scheme="https").headers["set-cookie"]
    assert cookie.startswith("__Host-lowsky_session=")
    assert "; Secure" in cookie
    assert "domain" not in cookie.lower()
    over_http = {"cookie": cookie.partition(";")[0].removeprefix("__Host-")}
    assert door.ask("GET", "/api/session", over_http, scheme="https").status_code == 401


def test_what_is_stored_opens_nothing(door: Door) -> None:
    person, token = door.person(Role.ADMINISTRATOR), door.token(Role.VIEWER)
    link = door.accounts.first.make()
    stored = door.accounts.store.path.read_bytes() + b"".join(
        path.read_bytes() for path in door.accounts.store.path.parent.iterdir()
    )
    for secret in (person.cookie.partition("=")[2], token["authorization"].split()[1], link, PASSWORD, person.csrf):
        assert secret.encode() not in stored
    at_rest_as_cookie = at_rest(person.cookie.partition("=")[2]).hex()
    assert door.ask("GET", "/api/session", {"cookie": f"lowsky_session={at_rest_as_cookie}"}).status_code == 401


def test_a_login_makes_a_new_session_and_ends_the_one_it_came_with(door: Door) -> None:
    first = door.person(Role.VIEWER)
    planted = {"cookie": "lowsky_session=" + "A" * 43}
    second = door.log_in("viewer", headers=planted)
    assert second.cookie != planted["cookie"]
    assert door.ask("GET", "/api/session", planted).status_code == 401
    third = door.log_in("viewer", headers={"cookie": second.cookie})
    assert not is_in(second)
    assert is_in(third)
    assert is_in(first)


def test_a_session_ends_when_unused_and_at_last_anyway(make_door: Callable[..., Door]) -> None:
    door = make_door(settings=AccountSettings(idle_h=2, session_h=24))
    used, unused = door.person(Role.VIEWER), door.person(Role.OFFICER)
    for _ in range(23):
        door.clock.now_s += HOUR_S
        assert is_in(used)
        door.settle()
    assert not is_in(unused)
    door.clock.now_s += HOUR_S
    assert not is_in(used)


def test_logging_out_ends_the_session_and_takes_the_cookie(door: Door) -> None:
    here, there = door.person(Role.VIEWER), door.log_in("viewer")
    answer = here.ask("DELETE", "/api/session")
    assert answer.status_code == 204
    assert 'lowsky_session=""; ' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert not is_in(here)
    assert is_in(there)
    again = door.log_in("viewer")
    assert again.ask("DELETE", "/api/session?everywhere=1").status_code == 204
    assert not is_in(there)


def test_a_new_password_ends_all_other_sessions(door: Door) -> None:
    here, there = door.person(Role.OFFICER), door.log_in("officer")
    wrong = here.ask("PUT", "/api/session/password", json={"current": "not it at all", "password": NEW})
    assert wrong.status_code == 403
    assert is_in(there)
    right = here.ask("PUT", "/api/session/password", json={"current": PASSWORD, "password": NEW})
    assert right.status_code == 204
    assert is_in(here)
    assert not is_in(there)
    assert door.try_login("officer", PASSWORD).status_code == 401
    door.log_in("officer", NEW)


def test_a_password_that_an_administrator_sets_ends_all_sessions(door: Door) -> None:
    chief, officer = door.person(Role.ADMINISTRATOR), door.person(Role.OFFICER)
    assert chief.ask("PUT", "/api/users/officer", json={"password": NEW}).status_code == 200
    assert not is_in(officer)
    door.log_in("officer", NEW)
    assert chief.ask("PUT", "/api/users/administrator", json={"password": NEW}).status_code == 200
    assert is_in(chief)


def test_only_so_many_sessions_of_a_user(make_door: Callable[..., Door]) -> None:
    door = make_door(settings=AccountSettings(sessions_per_user=3))
    people = [door.person(Role.VIEWER)]
    for _ in range(3):
        door.clock.now_s += 1
        people.append(door.log_in("viewer"))
    assert [is_in(person) for person in people] == [False, True, True, True]


def test_a_token_ends_when_it_is_over_or_removed(door: Door) -> None:
    chief = door.person(Role.ADMINISTRATOR)
    made = chief.ask("POST", "/api/tokens", json={"name": "feed", "role": "viewer", "days": 2})
    headers = {"authorization": f"Bearer {made.json()['token']}"}
    assert door.ask("GET", "/api/site", headers).text == "reached token:feed"
    [listed] = chief.ask("GET", "/api/tokens").json()["tokens"]
    assert made.json()["token"] not in str(listed)
    door.clock.now_s += 2 * 24 * HOUR_S
    assert door.ask("GET", "/api/site", headers).status_code == 401
    lasting = door.token(Role.VIEWER)
    door.clock.now_s += 1000 * 24 * HOUR_S
    assert door.ask("GET", "/api/site", lasting).status_code == 200
    chief = door.log_in("administrator")
    assert chief.ask("DELETE", "/api/tokens/t-viewer").status_code == 204
    assert door.ask("GET", "/api/site", lasting).status_code == 401
    assert chief.ask("DELETE", "/api/tokens/t-viewer").status_code == 404


def test_a_bad_token_is_not_helped_by_a_good_cookie(door: Door) -> None:
    person = door.person(Role.ADMINISTRATOR)
    for value in ("Bearer nonsense", "Bearer ", "Basic YTpi", "", "Bearer " + "x" * 5000):
        answer = door.ask("GET", "/api/site", {"cookie": person.cookie, "authorization": value})
        assert answer.status_code == 401, value


def test_a_token_is_no_login(door: Door) -> None:
    token = door.token(Role.ADMINISTRATOR)
    assert door.ask("GET", "/api/session", token).json()["user"] == "token:t-administrator"
    assert door.ask("DELETE", "/api/session", token).status_code == 409
    body = {"current": PASSWORD, "password": NEW}
    assert door.ask("PUT", "/api/session/password", token, json=body).status_code == 409


def test_an_open_feed_is_closed_when_its_login_ends(door: Door) -> None:
    person = door.person(Role.VIEWER)
    socket = Socket(door, {"cookie": person.cookie, "origin": ORIGIN})
    socket.say("hello")
    assert socket.sent[-1]["text"] == "reached viewer"
    person.ask("DELETE", "/api/session")
    door.clock.now_s += 6
    socket.say("still there?")
    assert socket.closed_with == 4401
    assert [m["text"] for m in socket.sent if m["type"] == "websocket.send"] == ["reached viewer"]


@pytest.mark.parametrize(
    "name", ["nobody-here", "viewer", "", "\ud800", "a" * 5000, "Ⅷ" * 70, "'; DROP TABLE user; --"]
)
def test_wrong_logins_look_alike(door: Door, name: str) -> None:
    door.person(Role.VIEWER)
    content = b'{"user": "%s", "password": "wrong wrong wrong"}' % name.encode("utf-8", "replace")
    answer = door.ask("POST", "/api/session", {"content-type": "application/json"}, content=content)
    assert (answer.status_code, answer.json()) == (401, {"error": "name or password is not right"})
    assert "set-cookie" not in answer.headers


def test_an_unknown_name_costs_the_same_hash_as_a_known_one(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal time by construction: one hash is verified in any case, and for nobody one of exactly the same cost."""
    door.person(Role.VIEWER)
    hasher = door.accounts.passwords._hasher
    verified: list[str] = []

    class Watched:
        def verify(self, stored: str, password: str) -> bool:
            verified.append(stored)
            return hasher.verify(stored, password)

        def check_needs_rehash(self, stored: str) -> bool:
            return hasher.check_needs_rehash(stored)

    monkeypatch.setattr(door.accounts.passwords, "_hasher", Watched())
    for name in ("viewer", "nobody-here"):
        door.try_login(name, "wrong wrong wrong")
    known, unknown = verified
    assert known != unknown
    cost = f"$argon2id$v=19$m={CHEAP.memory_kib},t={CHEAP.passes},p={CHEAP.lanes}$"
    assert known.startswith(cost)
    assert unknown.startswith(cost)


def test_the_password_of_nobody_lets_nobody_in(door: Door) -> None:
    assert door.try_login("nobody-here", "nobody has this password").status_code == 401


def test_guessing_at_one_name_soon_takes_long(door: Door) -> None:
    door.person(Role.VIEWER)
    statuses = [door.try_login("viewer", f"wrong wrong {i}").status_code for i in range(6)]
    assert statuses == [401] * 5 + [429]
    assert door.try_login("viewer", PASSWORD).status_code == 429  # the right one is not even looked at
    answer = door.try_login("nobody-here", PASSWORD)
    assert answer.status_code == 401  # other names from there are
    waits = []
    for _ in range(12):
        answer = door.try_login("viewer", "wrong wrong")
        wait_s = int(answer.headers["retry-after"])
        door.clock.now_s += wait_s
        assert door.try_login("viewer", "wrong wrong").status_code == 401
        waits.append(wait_s)
    assert waits == sorted(waits)
    assert waits[-1] >= 900
    door.clock.now_s += 901
    door.log_in("viewer")
    assert door.try_login("viewer", "wrong again").status_code == 401  # forgiven


def test_guessing_from_many_addresses_is_slowed_and_the_owner_is_not_locked_out(door: Door) -> None:
    door.person(Role.OFFICER)
    for i in range(20):
        assert door.try_login("officer", "wrong wrong", peer=f"192.0.2.{i}").status_code == 401
    refused = door.try_login("officer", PASSWORD, peer="192.0.2.99")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) <= 31
    door.log_in("officer")  # from where the owner has logged in before


def test_trying_many_names_from_one_address_is_slowed(door: Door) -> None:
    statuses = [door.try_login(f"name{i}", "wrong wrong", peer="192.0.2.1").status_code for i in range(21)]
    assert statuses == [401] * 20 + [429]
    assert door.try_login("name1", "wrong wrong", peer="192.0.2.2").status_code == 401


def test_an_ipv6_client_is_counted_by_its_network(door: Door) -> None:
    door.person(Role.VIEWER)
    for i in range(5):
        assert door.try_login("viewer", "wrong wrong", peer=f"2001:db8:1:2::{i}").status_code == 401
    assert door.try_login("viewer", PASSWORD, peer="2001:db8:1:2:ffff::1").status_code == 429
    assert door.try_login("viewer", PASSWORD, peer="2001:db8:1:3::1").status_code == 200


def test_too_many_logins_at_once_are_asked_to_come_again(door: Door) -> None:
    door.person(Role.VIEWER)
    door.accounts.passwords._asked = CONCURRENT + WAITING
    answer = door.try_login("viewer", PASSWORD)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    with pytest.raises(BusyError):
        door.do(door.accounts.passwords.make_soon("x"))
    door.accounts.passwords._asked = 0
    for _ in range(10):
        door.log_in("viewer")  # it has not counted as a failure


def test_every_login_is_audited_without_any_secret(door: Door) -> None:
    person = door.person(Role.VIEWER)
    door.try_login("viewer", "wrong wrong")
    door.try_login("secret typed as name", "wrong wrong")
    person.ask("DELETE", "/api/session")
    told = [(line["action"], line["outcome"], line["target"], line["who"]) for line in door.lines()]
    assert told == [
        ("login", "done", "viewer", "viewer"),
        ("login", "refused", "viewer", ""),
        ("login", "refused", "(unknown name)", ""),
        ("logout", "done", "viewer", "viewer"),
    ]
    text = door.audit.path.read_text()
    for secret in (PASSWORD, "wrong wrong", "secret typed", person.cookie.partition("=")[2], person.csrf):
        assert secret not in text


# --- the first administrator ---


def give_first(
    door: Door, key: str, name: str = "chief", password: str = PASSWORD, again: str | None = None
) -> Person | int:
    """Fill in the form of the first link: who is logged in then, or the status."""
    form = {"key": key, "user": name, "password": password, "again": password if again is None else again}
    answer = door.ask("POST", "/first", {"origin": ORIGIN, "sec-fetch-site": "same-origin"}, data=form)
    if answer.status_code != 303:
        return answer.status_code
    return Person(door, answer.headers["set-cookie"].partition(";")[0], "")


def test_the_first_link_makes_one_administrator_and_is_spent(door: Door) -> None:
    key = door.accounts.first.make()
    page = door.ask("GET", f"/first?key={key}")
    assert page.status_code == 200
    assert key in page.text
    assert "<script" not in page.text
    chief = give_first(door, key)
    assert isinstance(chief, Person)
    assert chief.ask("GET", "/api/users").json()["users"][0]["role"] == "administrator"
    assert give_first(door, key, "second") == 410
    assert door.ask("GET", f"/first?key={key}").status_code == 410
    assert give_first(door, door.accounts.first.make(), "third") == 410
    assert [user.name for user in door.accounts.users.all()] == ["chief"]


def test_the_first_link_is_not_guessed_and_ends(door: Door) -> None:
    old = door.accounts.first.make()
    key = door.accounts.first.make()
    for wrong in ("", "x", old, key[:-1], key + "x", key.swapcase()):
        assert door.ask("GET", "/first", params={"key": wrong}).status_code == 410
        assert give_first(door, wrong) == 410
    door.clock.now_s += 25 * HOUR_S
    assert give_first(door, key) == 410


def test_a_refused_form_keeps_the_link(door: Door) -> None:
    key = door.accounts.first.make()
    assert give_first(door, key, password="short") == 422
    assert give_first(door, key, again="something else") == 422
    assert give_first(door, key, name="<script>alert(1)</script>") == 422
    answer = door.ask("POST", "/first", {"origin": ORIGIN}, data={"key": key, "user": '"><script>', "password": "x"})
    assert "<script" not in answer.text
    assert isinstance(give_first(door, key), Person)


def test_the_first_page_speaks_korean(door: Door) -> None:
    key = door.accounts.first.make()
    page = door.ask("GET", f"/first?key={key}", {"accept-language": "fr, ko-KR;q=0.9, en;q=0.8"})
    assert WORDS["ko"]["title"] in page.text
    assert '<html lang="ko">' in page.text
    assert set(WORDS["ko"]) == set(WORDS["en"])


# --- what administrators do ---


def test_the_last_administrator_stays(door: Door) -> None:
    chief = door.person(Role.ADMINISTRATOR)
    assert chief.ask("DELETE", "/api/users/administrator").status_code == 409
    assert chief.ask("PUT", "/api/users/administrator", json={"role": "viewer"}).status_code == 409
    made = chief.ask("POST", "/api/users", json={"user": "second", "role": "administrator", "password": NEW})
    assert made.status_code == 201
    assert chief.ask("DELETE", "/api/users/administrator").status_code == 204
    assert not is_in(chief)


def test_users_are_made_changed_and_logged_out(door: Door) -> None:
    chief = door.person(Role.ADMINISTRATOR)
    given = {"user": "Lee", "role": "viewer", "password": NEW}
    assert chief.ask("POST", "/api/users", json=given).json()["user"] == "lee"
    assert chief.ask("POST", "/api/users", json=given).status_code == 422
    assert chief.ask("POST", "/api/users", json=given | {"user": "x", "role": "root"}).status_code == 422
    assert chief.ask("POST", "/api/users", json=given | {"user": "x", "password": "short"}).status_code == 422
    lee = door.log_in("lee", NEW)
    assert chief.ask("PUT", "/api/users/lee", json={"role": "officer"}).json()["role"] == "officer"
    assert chief.ask("DELETE", "/api/users/lee/sessions").json() == {"ended": 1}
    assert not is_in(lee)
    assert chief.ask("PUT", "/api/users/nobody-here", json={"role": "officer"}).status_code == 404


def test_the_audit_can_be_read_in_pages(door: Door) -> None:
    chief = door.person(Role.ADMINISTRATOR)
    for i in range(5):
        chief.ask("POST", "/api/tokens", json={"name": f"t{i}", "role": "viewer"})
    newest = chief.ask("GET", "/api/audit?limit=2").json()
    assert [line["target"] for line in newest["entries"]] == ["t4", "t3"]
    assert newest["head"] == newest["entries"][0]["hash"]
    older = chief.ask("GET", f"/api/audit?limit=100&before={newest['entries'][-1]['number']}").json()
    assert [line["number"] for line in older["entries"]] == [4, 3, 2, 1]
    assert chief.ask("GET", "/api/audit?limit=x").status_code == 422
