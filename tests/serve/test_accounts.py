"""The store of accounts, its rules and its passwords, without any server round them."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.serve.accounts import Accounts, AccountSettings
from lowsky.serve.accounts.passwords import CONCURRENT, NICE, WAITING, BusyError, Cost, Passwords
from lowsky.serve.accounts.rules import LONGEST_PASSWORD, check_password, lookup_name, normal_name, role_of
from lowsky.serve.accounts.secret import at_rest, bound_to, new_secret, same
from lowsky.serve.accounts.store import SCHEMA, Store
from lowsky.serve.errors import ApiError
from lowsky.serve.route import Role
from tests.serve.doors import CHEAP, PASSWORD

# --- names and passwords ---


ALIKE = {
    "Kim": "kim",
    " kim ": "kim",
    "ＫＩＭ": "kim",
    "김철수": "김철수",
    "a.b-c_d@e+f": "a.b-c_d@e+f",
    "Straße": "strasse",
}
NO_NAMES = ["", " ", "a b", "-a", ".", "a/b", "a\0", "a" * 65, "local", "System", "<b>", "token:x", "\u202ea", "a\nb"]
GUESSED = ["", "short", "ninechars", "kim" * 4, "1234567890", "Password123", "aaaaaaaaaaaa", "ababababababab"]


@pytest.mark.parametrize(("name", "normal"), ALIKE.items())
def test_names_that_look_alike_are_one(name: str, normal: str) -> None:
    assert normal_name(name) == normal


@pytest.mark.parametrize("name", NO_NAMES)
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        normal_name(name)
    assert lookup_name(name) == ""


@given(st.text(max_size=100))
def test_any_text_is_a_name_or_none_and_normal_is_normal(name: str) -> None:
    normal = lookup_name(name)
    assert lookup_name(normal) == normal


@pytest.mark.parametrize("password", [*GUESSED, "x" * (LONGEST_PASSWORD + 1)])
def test_passwords_that_would_be_guessed_are_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(InputError, match="password") as refused:
        check_password(password, "kim")
    assert not password or password not in str(refused.value)


def test_the_name_is_no_password() -> None:
    check_password("a-long-name-of-mine", "kim")
    with pytest.raises(InputError, match="not be the name"):
        check_password("A-Long-Name-Of-Mine", "a-long-name-of-mine")


@pytest.mark.parametrize(
    "password", ["all small letters", "네 자리보다 훨씬 긴 비밀", "0123456789ab", "🙂🙃🙂🙃🙂😀🙃🙂🙃🙂😁"]
)
def test_any_long_password_will_do(password: str) -> None:
    check_password(password, "kim")


def test_a_role_is_one_of_four() -> None:
    assert [role_of(word).value for word in ("viewer", "officer", "integrator", "administrator")]
    for word in ("", "public", "root", "Viewer"):
        with pytest.raises(InputError, match="role"):
            role_of(word)


def test_a_hash_is_argon2id_at_the_cost_of_the_standard() -> None:
    """RFC 9106 section 4, second recommended option: t = 3, m = 64 MiB, p = 4; the library itself verifies it."""
    stored = Passwords().make(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PasswordHasher().verify(stored, PASSWORD)


def test_a_hash_fits_its_password_only_and_is_never_the_same() -> None:
    passwords = Passwords(CHEAP)
    stored = passwords.make(PASSWORD)
    assert stored != passwords.make(PASSWORD)
    assert passwords.verify(stored, PASSWORD) == (True, False)
    assert passwords.verify(stored, PASSWORD + "x") == (False, False)
    assert passwords.verify(None, PASSWORD) == (False, False)
    assert passwords.verify("not a hash", PASSWORD) == (False, False)
    assert passwords.verify(stored, "ａ long enough one") == (True, False)  # full-width a: another keyboard


@given(st.text(max_size=400))
def test_any_text_can_be_tried_as_a_password(password: str) -> None:
    passwords = Passwords(CHEAP)
    assert passwords.verify(passwords.make(PASSWORD), password)[0] == (password == PASSWORD)


def test_a_hash_of_yesterdays_cost_is_made_anew_at_login(tmp_path: Path) -> None:
    old = Accounts(tmp_path / "a.sqlite", cost=CHEAP)
    old.users.add("kim", Role.VIEWER, old.passwords.make(PASSWORD))
    old.close()
    new = Accounts(tmp_path / "a.sqlite", cost=Cost(passes=2, memory_kib=16, lanes=1))
    assert asyncio.run(new.log_in("kim", "wrong wrong", "here")) is None
    assert "m=8,t=1" in (new.users.password_of("kim")[1] or "")
    assert asyncio.run(new.log_in("kim", PASSWORD, "here"))
    assert "m=16,t=2" in (new.users.password_of("kim")[1] or "")
    assert asyncio.run(new.log_in("kim", PASSWORD, "here"))
    new.close()


def test_passwords_are_checked_a_few_at_a_time_and_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(CHEAP)
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    go_on, running, most = threading.Event(), [0], [0]

    def slow(password: str) -> str:
        assert threading.current_thread() is not threading.main_thread()
        if sys.platform == "linux":
            assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) == max(NICE, mine)
        running[0] += 1
        most[0] = max(most[0], running[0])
        go_on.wait(10)
        running[0] -= 1
        return password

    monkeypatch.setattr(passwords, "make", slow)

    async def go() -> list[object]:
        asked = [asyncio.create_task(passwords.make_soon(str(i))) for i in range(CONCURRENT + WAITING + 3)]
        await asyncio.sleep(0.05)
        asked[0].cancel()
        asked[-4].cancel()
        await asyncio.sleep(0)
        for _ in range(2):  # hanging up makes room only where nothing had begun
            with_room = passwords._asked
            asked.append(asyncio.create_task(passwords.make_soon("late")))
            await asyncio.sleep(0)
        assert with_room == CONCURRENT + WAITING
        go_on.set()
        return list(await asyncio.gather(*asked, return_exceptions=True))

    results = asyncio.run(go())
    passwords.close()
    assert os.getpriority(os.PRIO_PROCESS, 0) == mine
    assert most[0] == CONCURRENT
    assert sum(isinstance(result, BusyError) for result in results) == 4


# --- secrets ---


def test_secrets_are_long_and_new_each_time() -> None:
    made = {new_secret() for _ in range(1000)}
    assert len(made) == 1000
    assert {len(secret) for secret in made} == {43}  # 32 bytes in URL-safe base64


@given(st.text(max_size=300), st.text(max_size=300))
def test_secrets_of_any_kind_are_compared_and_bound(one: str, two: str) -> None:
    assert same(one, two) == (one == two)
    assert (bound_to(one, "csrf") == bound_to(two, "csrf")) == (one == two)
    assert len(at_rest(one)) == 32


# --- the store ---


def test_the_store_is_private_from_its_first_moment(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.sqlite"
    os.umask(before := os.umask(0))
    store = Store(path)
    with store.write() as db:
        db.execute("DELETE FROM first_link")
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    store.close()
    path.chmod(0o644)
    Store(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.umask(before)


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link.sqlite").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        Store(tmp_path / "link.sqlite")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_that_is_no_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"some notes of mine, long enough to look like a file" * 20)
    with pytest.raises(InputError, match="not a usable store"):
        Store(path)
    other = tmp_path / "b.sqlite"
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(InputError, match="not a store of accounts"):
        Store(other)


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    Store(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {len(SCHEMA) + 1}")
    db.close()
    with pytest.raises(InputError, match="newer lowsky"):
        Store(path)


@settings(max_examples=40)
@given(st.binary(min_size=1, max_size=200), st.integers(0, 30_000))
def test_a_damaged_store_is_an_error_and_not_a_crash(
    tmp_path_factory: pytest.TempPathFactory, damage: bytes, place: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.sqlite"
    path.unlink(missing_ok=True)
    store = Store(path)
    with store.write() as db:
        db.execute("INSERT INTO user VALUES ('kim', 'x', 'viewer', 0, 0, NULL)")
    store.close()
    data = bytearray(path.read_bytes())
    place %= len(data)
    data[place : place + len(damage)] = damage
    path.write_bytes(data)
    try:
        opened = Store(path)
    except InputError:
        return
    try:
        opened.read("SELECT name FROM user")
    except sqlite3.Error:
        pass  # the server answers such a request with 500 and goes on
    finally:
        opened.close()


def test_what_was_committed_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    code = f"""
import sys
from pathlib import Path
from lowsky.serve.accounts import Accounts
from lowsky.serve.accounts.passwords import Cost
from lowsky.serve.errors import ApiError
from lowsky.serve.route import Role
accounts = Accounts(Path({str(path)!r}), cost=Cost(1, 8, 1))
for i in range(10_000):
    accounts.users.add(f"user{{i}}", Role.VIEWER, "x")
    print(i, flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= 20:
                break
    finally:
        child.send_signal(signal.SIGKILL)
        told = [line, *child.communicate(timeout=10)[0].splitlines()]
    accounts = Accounts(path, cost=CHEAP)
    names = {user.name for user in accounts.users.all()}
    assert {f"user{i}" for i in range(int(told[-1].strip() or told[-2]) + 1)} <= names
    accounts.close()


def test_the_command_line_and_the_server_share_a_store(tmp_path: Path) -> None:
    server, other = (Accounts(tmp_path / "a.sqlite", cost=CHEAP) for _ in range(2))
    server.users.add("kim", Role.OFFICER, server.passwords.make(PASSWORD))
    secret = asyncio.run(server.log_in("kim", PASSWORD, "here")) or ""
    assert server.by_cookie(secret).who == "kim"
    other.users.set_role("kim", Role.VIEWER)
    assert server.by_cookie(secret).role is Role.VIEWER
    other.users.set_password("kim", "x")
    assert server.by_cookie(secret).role is Role.PUBLIC
    server.close()
    other.close()


def test_a_login_that_a_new_password_has_overtaken_makes_no_session(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite", cost=CHEAP)
    accounts.users.add("kim", Role.VIEWER, old := accounts.passwords.make(PASSWORD))
    accounts.users.set_password("kim", accounts.passwords.make("another long one"))
    assert accounts.sessions.begin("kim", "here", old) is None
    accounts.close()


def test_readers_do_not_wait_for_a_writer(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite", cost=CHEAP)
    with accounts.store.write() as db:
        db.execute("INSERT INTO user VALUES ('kim', 'x', 'viewer', 0, 0, NULL)")
        assert accounts.users.all() == []  # one that waited for the lock would raise
    assert [user.name for user in accounts.users.all()] == ["kim"]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        accounts.store.read("DELETE FROM user RETURNING name")
    accounts.close()


def test_a_store_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite", cost=CHEAP)
    accounts.users.add("kim", Role.VIEWER, accounts.passwords.make(PASSWORD))
    accounts.store._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(ApiError, match="cannot be written") as refused:
        asyncio.run(accounts.log_in("kim", PASSWORD, "here"))
    assert refused.value.status == 503
    accounts.close()


@pytest.mark.parametrize("setting", ["idle_h", "session_h", "first_link_h", "sessions_per_user"])
@pytest.mark.parametrize("value", [0, -1, 1e9])
def test_a_setting_out_of_range_is_refused(setting: str, value: float) -> None:
    with pytest.raises(ValueError, match=setting):
        msgspec.structs.replace(AccountSettings(), **{setting: value})


def test_whether_there_are_accounts_follows_from_the_address_unless_it_is_set(tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "a.sqlite", cost=CHEAP)
    assert accounts.are_on(loopback=False)
    assert not accounts.are_on(loopback=True)
    accounts.users.add("kim", Role.VIEWER, "x")
    assert accounts.are_on(loopback=True)  # who has made users means them
    accounts.settings = AccountSettings(on=False)
    assert not accounts.are_on(loopback=False)  # which `check_listen` then refuses
    accounts.close()
