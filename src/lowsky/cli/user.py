"""`lowsky user`: the people who may log in, from the command line, whether the server runs or not."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lowsky.model.errors import InputError

from .accountsfolder import add_site, opened

if TYPE_CHECKING:
    from lowsky.serve.accounts import Accounts

SUMMARY = "add, list and remove users, and set their passwords"

EPILOG = """\
example:
  lowsky user add kim --role officer
  lowsky user list

  add        makes a user; asks for the password, or reads it from standard input when that is not a terminal
  list       prints everybody with role, since when, and the last login
  password   sets a new password; all logins of the user end
  role       gives the user another role
  remove     removes the user; all its logins end

Roles: a viewer sees everything; an officer also acknowledges, sets kinds and places; an integrator sees everything and
configures sensors; an administrator may do all of it and manages users and tokens.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with whom, where."""
    parser.add_argument("what", choices=["add", "list", "password", "role", "remove"], help="what to do")
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="name of the user")
    parser.add_argument("--role", default="", metavar="ROLE", help="viewer, officer, integrator or administrator")
    add_site(parser)
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Do it, audit it, and say so."""
    from lowsky.serve.accounts.rules import role_of

    if args.what == "list":
        return _list(args.site)
    if not args.name:
        raise InputError(f"lowsky user {args.what} needs the NAME of a user")
    role = role_of(args.role) if args.what in ("add", "role") else None
    with opened(args.site) as (accounts, record):
        users, done = accounts.users, f"user {args.what}"
        with record(done, args.name, args.role):
            if args.what == "add" and role is not None:
                users.add(args.name, role, _new_password(accounts, args.name, new=True))
            elif args.what == "role" and role is not None:
                users.set_role(args.name, role)
            elif args.what == "password":
                users.set_password(args.name, _new_password(accounts, args.name, new=False))
            else:
                users.remove(args.name)
    print(f"{args.name}: {'is removed' if args.what == 'remove' else 'done'}")
    return 0


def _list(site: Path) -> int:
    from .accountsfolder import day

    with opened(site) as (accounts, _):
        for user in accounts.users.all():
            last = f"last login {day(user.login_s)}" if user.login_s is not None else "never logged in"
            print(f"{user.name}  {user.role.value}  since {day(user.created_s)}, {last}")
    return 0


def _new_password(accounts: Accounts, name: str, new: bool) -> str:
    """The hash of a password that has been asked for.

    Raises:
        InputError: if name or password cannot be one, or the two that were typed differ.
    """
    from lowsky.serve.accounts.rules import check_password, normal_name

    if not new and accounts.users.password_of(name)[1] is None:
        raise InputError(f"name: there is no user {name!r}")
    normal = normal_name(name)
    if sys.stdin.isatty():
        password = getpass.getpass(f"password for {normal}: ")
        if getpass.getpass("again: ") != password:
            raise InputError("password: the two are not the same")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if new:
        accounts.users.check_new(name, password)
    check_password(password, normal)
    return accounts.passwords.make(password)
