"""`lowsky user`, `lowsky token` and `lowsky audit`: what they do, print and audit, and how they refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from lowsky.cli.accountsfolder import accounts_folder
from lowsky.cli.main import main
from lowsky.model.errors import InputError
from lowsky.serve.accounts import FILE_NAME, Accounts
from lowsky.serve.accounts import accounts as accounts_module
from lowsky.serve.accounts.passwords import Cost, Passwords

PASSWORD = "a long enough one"
Printed = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A site whose accounts are in a folder of another name, and passwords that cost little."""
    cheap = Cost(1, 8, 1)
    monkeypatch.setattr(accounts_module, "Passwords", lambda cost: Passwords(cheap))
    (tmp_path / "site.toml").write_text('[site]\nid = "a"\n[accounts]\nfolder = "people"\n')
    return str(tmp_path / "site.toml")


def lowsky(site: str, words: str, monkeypatch: pytest.MonkeyPatch, typed: str = "") -> int:
    """Run a command with this on standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main([*words.split(), "--site", site])


def lines(site: str) -> list[dict[str, object]]:
    """The audit of the site."""
    return [json.loads(line) for line in (Path(site).parent / "people" / "audit.jsonl").read_text().splitlines()]


def test_a_user_is_made_changed_and_removed(site: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    assert lowsky(site, "user add Kim --role officer", monkeypatch, PASSWORD + "\n") == 0
    assert lowsky(site, "user role kim --role administrator", monkeypatch) == 0
    assert lowsky(site, "user password kim", monkeypatch, "another long one\r\n") == 0
    capsys.readouterr()
    assert lowsky(site, "user list", monkeypatch) == 0
    assert capsys.readouterr().out.startswith("kim  administrator  since ")
    accounts = Accounts(Path(site).parent / "people" / FILE_NAME, cost=Cost(1, 8, 1))
    assert accounts.passwords.verify(accounts.users.password_of("kim")[1], "another long one")[0]
    accounts.close()
    assert lowsky(site, "user remove kim", monkeypatch) == 2
    assert "last administrator" in capsys.readouterr().err
    told = [(line["action"], line["outcome"], line["target"], line["address"]) for line in lines(site)]
    assert told == [
        ("user add", "done", "Kim", "command line"),
        ("user role", "done", "kim", "command line"),
        ("user password", "done", "kim", "command line"),
        ("user remove", "refused", "kim", "command line"),
    ]
    assert PASSWORD not in str(lines(site))


@pytest.mark.parametrize(
    ("words", "typed", "reason"),
    [
        ("user add kim", PASSWORD, "role: '' is not one of"),
        ("user add kim --role root", PASSWORD, "role: 'root' is not one of"),
        ("user add kim --role viewer", "short", "at least 10 characters"),
        ("user add local --role viewer", PASSWORD, "used by the server"),
        ("user add", "", "needs the NAME"),
        ("user password nobody", PASSWORD, "there is no user 'nobody'"),
        ("user remove nobody", "", "there is no user 'nobody'"),
        ("token add", "", "needs the NAME"),
        ("token add feed --role boss", "", "role: 'boss'"),
        ("token add feed --days 0", "", "days: 0.0"),
        ("token remove feed", "", "there is no token 'feed'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(
    site: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed, words: str, typed: str, reason: str
) -> None:
    assert lowsky(site, words, monkeypatch, typed) == 2
    error = capsys.readouterr().err
    assert reason in error
    assert error.count("\n") == 1


def test_two_passwords_typed_at_a_terminal_must_be_the_same(
    site: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    typed = iter([PASSWORD, PASSWORD + "x", PASSWORD, PASSWORD])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    monkeypatch.setattr("sys.stdin", Terminal())
    assert main(["user", "add", "kim", "--role", "viewer", "--site", site]) == 2
    assert "not the same" in capsys.readouterr().err
    assert main(["user", "add", "kim", "--role", "viewer", "--site", site]) == 0


def test_a_token_is_shown_once_and_works(site: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    assert lowsky(site, "token add feed --role integrator --days 3", monkeypatch) == 0
    secret = capsys.readouterr().out.strip()
    accounts = Accounts(Path(site).parent / "people" / FILE_NAME)
    found = accounts.tokens.find(secret)
    assert found is not None
    assert (found.name, found.role.value, found.made_by) == ("feed", "integrator", "command line")
    accounts.close()
    assert lowsky(site, "token list", monkeypatch) == 0
    listed = capsys.readouterr().out
    assert listed.startswith("feed  integrator  made by command line, until ")
    assert secret not in listed
    assert lowsky(site, "token remove feed", monkeypatch) == 0
    assert secret not in str(lines(site))


def test_an_audit_is_verified(site: str, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    lowsky(site, "token add feed", monkeypatch)
    lowsky(site, "token remove feed", monkeypatch)
    path = Path(site).parent / "people" / "audit.jsonl"
    capsys.readouterr()
    assert main(["audit", "verify", str(path)]) == 0
    told = capsys.readouterr().out
    assert told.startswith("2 lines from ")
    assert "nothing was changed" in told
    head = str(lines(site)[-1]["hash"])
    assert head in told
    assert main(["audit", "verify", str(path), "--head", head]) == 0
    path.write_bytes(path.read_bytes().replace(b'"token add"', b'"token bad"'))
    assert main(["audit", "verify", str(path)]) == 1
    assert "line 1 (number 1) was changed" in capsys.readouterr().err
    assert main(["audit", "verify", str(path.with_name("gone.jsonl"))]) == 2


def test_the_folder_of_accounts_is_found_or_refused(site: str, tmp_path: Path) -> None:
    assert accounts_folder(Path(site)) == tmp_path / "people"
    assert accounts_folder(tmp_path) == tmp_path
    for text in ("[accounts]\nfolder = 3\n", "[accounts]\nnope = 1\n", "not toml", "[accounts]\nidle_h = -1\n"):
        (tmp_path / "bad.toml").write_text(text)
        with pytest.raises(InputError, match=r"bad\.toml: accounts"):
            accounts_folder(tmp_path / "bad.toml")
    with pytest.raises(InputError, match="does not exist"):
        accounts_folder(tmp_path / "gone.toml")
