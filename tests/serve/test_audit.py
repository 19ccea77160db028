"""The audit: nothing in it is changed unnoticed, nothing leaves before it is written, garbage is told from lines."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.serve.audit import Audit, Entry, FullError
from lowsky.serve.audit.chain import LONGEST_TEXT, START
from lowsky.serve.audit.reading import newest_entries, verify
from lowsky.serve.audit.writing import MOST_WAITING
from lowsky.serve.guard.settings import GuardSettings
from lowsky.serve.route import Role
from tests.serve.doors import Door


def entry(target: str = "x", **detail: str) -> Entry:
    """Something that was done."""
    return Entry("kim", "officer", "192.0.2.1", "POST /api/drill", "done", target, detail)


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """An audit with five lines."""
    made = Audit(tmp_path, lambda: 1_700_000_000.25)
    for i in range(5):
        made.write_now(entry(f"t{i}"))
    return made


def test_a_line_says_who_when_from_where_what_and_how_it_went(audit: Audit) -> None:
    line = json.loads(audit.path.read_text().splitlines()[2])
    assert line.pop("hash")
    assert line == {
        "number": 3,
        "time": "2023-11-14T22:13:20.250Z",
        "who": "kim",
        "role": "officer",
        "address": "192.0.2.1",
        "action": "POST /api/drill",
        "outcome": "done",
        "target": "t2",
        "detail": {},
    }
    assert stat.S_IMODE(audit.path.stat().st_mode) == 0o600


def test_the_chain_is_what_the_documentation_says(audit: Audit) -> None:
    """Computed anew without any of our code: SHA-256 of the hash before, a newline, and the line without its hash."""
    before = "0" * 64
    for line in audit.path.read_bytes().splitlines():
        body, told = line[: -len(',"hash":""}') - 64] + b"}", json.loads(line)["hash"]
        before = hashlib.sha256(before.encode() + b"\n" + body).hexdigest()
        assert told == before
        assert "hash" not in json.loads(body)
    assert audit.head == before


def test_an_untouched_audit_is_found_good(audit: Audit) -> None:
    verdict = verify([audit.path])
    assert (verdict.lines, verdict.problems, verdict.head) == (5, [], audit.head)
    assert verify([audit.path], audit.head).problems == []


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_any_flipped_bit_is_found(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "flipped"
    if not folder.exists():
        made = Audit(folder, lambda: 1_700_000_000.25)
        for i in range(5):
            made.write_now(entry(f"t{i}"))
        made.close()
    data = bytearray((folder / "audit.jsonl").read_bytes())
    data[place % len(data)] ^= 1 << bit
    changed = folder / "changed.jsonl"
    changed.write_bytes(data)
    assert verify([changed]).problems


def test_lines_that_are_missing_moved_or_made_up_are_found(audit: Audit, tmp_path: Path) -> None:
    lines = audit.path.read_bytes().splitlines(keepends=True)
    forged = lines[2].replace(b'"done"', b'"refused"')
    for wrong in (
        lines[:1] + lines[2:],
        lines[1:],
        [lines[1], lines[0], *lines[2:]],
        [*lines[:2], forged, *lines[3:]],
        [*lines, lines[-1]],
        [*lines, b"{}\n"],
        [*lines, b"\n"],
        [lines[-1][:-1]],
    ):
        path = tmp_path / "wrong.jsonl"
        path.write_bytes(b"".join(wrong))
        assert verify([path]).problems


def test_an_end_that_was_cut_off_is_found_with_a_hash_noted_earlier(audit: Audit, tmp_path: Path) -> None:
    noted = audit.head
    path = tmp_path / "cut.jsonl"
    path.write_bytes(b"".join(audit.path.read_bytes().splitlines(keepends=True)[:3]))
    assert verify([path]).problems == []
    assert "cut or written anew" in verify([path], noted).problems[0]


@given(st.binary(max_size=400))
def test_garbage_is_verified_without_failing(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "garbage.jsonl"
    path.write_bytes(data)
    verdict = verify([path])
    assert bool(verdict.problems) == bool(data)
    newest_entries(path, 10)


def test_an_audit_goes_on_after_a_stop_and_after_a_torn_line(audit: Audit) -> None:
    audit.close()
    again = Audit(audit.path.parent, lambda: 1_700_000_001.0)
    assert again.head == audit.head
    again.write_now(entry("after"))
    again.close()
    with audit.path.open("ab") as file:
        file.write(b'{"number":7,"time":"20')
    mended = Audit(audit.path.parent, lambda: 1_700_000_002.0)
    mended.write_now(entry("later"))
    verdict = verify([audit.path])
    assert verdict.problems == []
    told = [(line["action"], line["detail"]) for line in newest_entries(audit.path, 2)]
    assert told[1] == ("audit repaired", {"torn_bytes": "22"})


@pytest.mark.parametrize("end", [b"nonsense\n", b"{}\n", b'{"number":1}\n', b"[1]\n", b"\xff\n", b"x", b"x" * 100_000])
def test_what_is_no_audit_is_not_written_to(tmp_path: Path, end: bytes) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(end)
    with pytest.raises(InputError, match="does not end with a line of an audit"):
        Audit(tmp_path)
    assert path.read_bytes() == end


def test_full_files_are_put_aside_and_the_chain_goes_through_them(tmp_path: Path) -> None:
    audit = Audit(tmp_path, rotate_bytes=1_000)
    for i in range(30):
        audit.write_now(entry(f"t{i}"))
    files = sorted(tmp_path.glob("audit-*.jsonl"))
    assert len(files) >= 4
    assert all(path.stat().st_size < 2_000 for path in files)
    verdict = verify([*files, audit.path])
    assert verdict.problems == []
    assert verdict.lines == 30 + len(files)
    assert verify([files[2]]).problems == []  # one alone: what was before it stands in its first line
    assert verify([files[0], files[2]]).problems
    numbers = [line["number"] for line in newest_entries(audit.path, 25)]
    assert numbers == list(range(verdict.lines, verdict.lines - 25, -1))


def test_an_audit_whose_newest_file_is_lost_in_rotation_goes_on(tmp_path: Path) -> None:
    audit = Audit(tmp_path, rotate_bytes=1_000)
    for i in range(10):
        audit.write_now(entry(f"t{i}"))
    audit.close()
    os.rename(tmp_path / "audit.jsonl", tmp_path / "audit-9999999999.jsonl")
    again = Audit(tmp_path)
    again.write_now(entry("after"))
    assert verify([*sorted(tmp_path.glob("audit-*.jsonl")), again.path]).problems == []


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    """As the server and the command line do: each takes the chain where the other has left it, across rotations too."""
    one, two = Audit(tmp_path, rotate_bytes=2_000), Audit(tmp_path, rotate_bytes=2_000)
    for i in range(20):
        one.write_now(entry(f"one {i}"))
        two.write_now(entry(f"two {i}"), entry("again"))
    verdict = verify([*sorted(tmp_path.glob("audit-*.jsonl")), one.path])
    assert verdict.problems == []
    assert verdict.lines == 60 + len(list(tmp_path.glob("audit-*.jsonl")))


def test_many_at_once_are_all_written_and_share_their_syncs(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    monkeypatch.setattr(os, "fsync", syncs.append)

    async def go() -> None:
        await asyncio.gather(*(audit.write(entry(f"at once {i}")) for i in range(200)))

    asyncio.run(go())
    assert verify([audit.path]).lines == 205
    assert len(syncs) < 20


def test_what_does_not_fit_is_refused_and_never_dropped(audit: Audit) -> None:
    async def go() -> list[BaseException | None]:
        return await asyncio.gather(*(audit.write(entry()) for _ in range(MOST_WAITING + 5)), return_exceptions=True)

    results = asyncio.run(go())
    assert sum(isinstance(result, FullError) for result in results) == 5
    assert verify([audit.path]).lines == 5 + MOST_WAITING


@given(st.text(max_size=2000), st.dictionaries(st.text(max_size=20), st.text(max_size=600), max_size=30))
def test_any_text_can_be_audited(tmp_path_factory: pytest.TempPathFactory, text: str, detail: dict[str, str]) -> None:
    audit = Audit(tmp_path_factory.getbasetemp() / "any")
    audit.write_now(Entry(text, text, text, text, text, text, detail))
    audit.close()
    assert verify([audit.path]).problems == []
    [line] = newest_entries(audit.path, 1)
    assert len(line["who"]) <= LONGEST_TEXT + 1
    assert len(line["detail"]) <= 16


def test_the_very_first_line_has_nothing_before_it(tmp_path: Path) -> None:
    audit = Audit(tmp_path)
    assert audit.head == START
    assert verify([audit.path]).lines == 0


# --- in the server ---


def test_every_change_and_every_refusal_that_matters_is_a_line(door: Door) -> None:
    officer = door.person(Role.OFFICER)
    officer.ask("POST", "/api/calls/7/acknowledge")
    officer.ask("POST", "/api/users")
    officer.ask("POST", "/api/calls/7/acknowledge", {"x-csrf-token": "no"})
    officer.ask("GET", "/api/users")
    officer.ask("GET", "/api/site")
    door.ask("PUT", "/api/places")
    told = [(line["who"], line["action"], line["outcome"], line["target"]) for line in door.lines()[1:]]
    assert told == [
        ("officer", "POST /api/calls/{number:int}/acknowledge", "done", "/api/calls/7/acknowledge"),
        ("officer", "POST refused", "refused", "/api/users"),
        ("officer", "POST refused", "refused", "/api/calls/7/acknowledge"),
        ("officer", "GET refused", "refused", "/api/users"),
        ("", "PUT refused", "refused", "/api/places"),
    ]
    assert {line["address"] for line in door.lines()} == {"10.9.8.7"}


def test_what_cannot_be_audited_is_not_done_and_no_answer_says_so(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = door.person(Role.OFFICER)
    written = os.write

    def full(file: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    answer = officer.ask("POST", "/api/calls/7/acknowledge")
    assert answer.status_code == 503
    assert "reached" not in answer.text
    reached: list[str] = []
    monkeypatch.setattr(door.guard, "_app", lambda *_: reached.append("reached"))
    assert officer.ask("POST", "/api/calls/7/acknowledge").status_code == 503
    assert reached == []  # after a failure not even the handler is asked
    monkeypatch.undo()
    assert os.write is written
    assert officer.ask("POST", "/api/calls/7/acknowledge").status_code == 200
    assert verify([door.audit.path]).problems == []


def test_whoever_is_refused_cannot_fill_the_disk(make_door: Callable[..., Door]) -> None:
    door = make_door()
    for _ in range(100):
        door.ask("POST", "/api/drill")
        door.clock.now_s += 0.1
    assert 60 <= len(door.lines()) <= 75
    door.clock.now_s += 60
    door.ask("POST", "/api/drill")
    left_out = sum(int(line["detail"].get("left_out_before", 0)) for line in door.lines())
    assert left_out + len(door.lines()) == 101


def test_a_thousand_strangers_cannot_fill_it_either(make_door: Callable[..., Door]) -> None:
    door = make_door()
    for i in range(700):
        door.ask("POST", "/api/drill", peer=f"10.{i >> 8}.{i & 255}.1")
    assert len(door.lines()) == 500
    door.clock.now_s += 1
    door.ask("POST", "/api/drill")
    assert door.lines()[-1]["detail"]["left_out_before"] == "200"


def test_logins_that_nobody_looked_at_are_written_at_a_pace_and_wrong_ones_all(make_door: Callable[..., Door]) -> None:
    door = make_door(guard=GuardSettings(changes_burst=1000))
    for _ in range(100):
        door.try_login("kim", "wrong wrong")
    wrong = [line for line in door.lines() if line["detail"]["status"] == "401"]
    assert len(wrong) == 5
    assert len(door.lines()) == 5 + 60
