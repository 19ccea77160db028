"""Where the accounts of a site are, for the commands about them, and the audit of what these commands do."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lowsky.model.errors import InputError

if TYPE_CHECKING:
    from lowsky.serve.accounts import Accounts

Record = Callable[[str, str, str], AbstractContextManager[None]]
"""`with record(action, target, role):` audits what is done inside, and how it went."""


def add_site(parser: argparse.ArgumentParser) -> None:
    """The argument that says which site is meant."""
    parser.add_argument(
        "--site",
        type=Path,
        default=Path("site.toml"),
        metavar="PATH",
        help="site.toml of the site, or the folder of its accounts (default: %(default)s)",
    )


def accounts_folder(site: Path) -> Path:
    """The folder of a site's accounts.

    Raises:
        InputError: if there is no such file, or its table [accounts] cannot be used.
    """
    import msgspec

    from lowsky.serve.accounts import AccountSettings

    if site.is_dir():
        return site
    try:
        table = tomllib.loads(site.read_text(encoding="utf-8")).get("accounts", {})
        settings = msgspec.convert(table, AccountSettings)
    except FileNotFoundError:
        raise InputError(f"{site}: does not exist; --site names the site.toml or the folder of accounts") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise InputError(f"{site}: accounts: {error}") from None
    return site.absolute().parent / settings.folder


@contextlib.contextmanager
def opened(site: Path) -> Iterator[tuple[Accounts, Record]]:
    """Accounts and audit of a site, closed afterwards."""
    from lowsky.serve.accounts import FILE_NAME, Accounts
    from lowsky.serve.audit import Audit, Entry

    folder = accounts_folder(site)
    accounts = Accounts(folder / FILE_NAME)
    audit = Audit(folder)

    @contextlib.contextmanager
    def record(action: str, target: str, role: str) -> Iterator[None]:
        detail = {"login": _login()} | ({"given_role": role} if role else {})
        try:
            yield
        except InputError as error:
            detail["why"] = str(error)
            audit.write_now(Entry("system", "", "command line", action, "refused", target, detail))
            raise
        audit.write_now(Entry("system", "", "command line", action, "done", target, detail))

    try:
        yield accounts, record
    finally:
        accounts.close()
        audit.close()


def day(time_s: float | None) -> str:
    """A moment for people, UTC; "-" for none."""
    return "-" if time_s is None else datetime.fromtimestamp(time_s, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _login() -> str:
    """Who is logged in at this machine, as the operating system says."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
