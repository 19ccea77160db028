"""`lowsky token`: API tokens for programs, from the command line, whether the server runs or not."""

from __future__ import annotations

import argparse

from lowsky.model.errors import InputError

from .accountsfolder import add_site, day, opened

SUMMARY = "add, list and remove API tokens"

EPILOG = """\
example:
  lowsky token add radar-feed --role integrator --days 365
  lowsky token list

  add      makes a token and prints its secret, this once; programs send it as `Authorization: Bearer SECRET`
  list     prints every token with role, maker, end and last use
  remove   the token is good for nothing from now on
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do, with which token, where."""
    parser.add_argument("what", choices=["add", "list", "remove"], help="what to do")
    parser.add_argument("name", nargs="?", default="", metavar="NAME", help="name of the token")
    parser.add_argument("--role", default="viewer", metavar="ROLE", help="as for users (default: %(default)s)")
    parser.add_argument("--days", type=float, default=None, metavar="DAYS", help="how long it is good; without: always")
    add_site(parser)
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Do it, audit it, and say so."""
    from lowsky.serve.accounts.rules import role_of

    if args.what != "list" and not args.name:
        raise InputError(f"lowsky token {args.what} needs the NAME of a token")
    role = role_of(args.role)
    with opened(args.site) as (accounts, record):
        if args.what == "list":
            for token in accounts.tokens.all():
                end = f"until {day(token.expires_s)}" if token.expires_s is not None else "without end"
                used = f"last used {day(token.used_s)}" if token.used_s is not None else "never used"
                print(f"{token.name}  {token.role.value}  made by {token.made_by}, {end}, {used}")
            return 0
        with record(f"token {args.what}", args.name, args.role if args.what == "add" else ""):
            if args.what == "add":
                print(accounts.tokens.add(args.name, role, "command line", args.days))
            else:
                accounts.tokens.remove(args.name)
                print(f"{args.name}: is removed")
    return 0
