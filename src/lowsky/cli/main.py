"""The command `lowsky`: finds the command's module, hands it its arguments, and turns errors into one sentence.

Every command is a module with
    SUMMARY: str                    one line for the list of commands
    add_arguments(parser) -> None   its arguments, and an epilog with an example that works
    run(args) -> int                the exit status
A module is imported only when its command is called, and imports anything heavy inside `run`, so that help is quick.

Exit status: 0 done; 2 input or arguments that cannot be used, with one sentence on standard error; 130 interrupted;
141 when the reader of the output has gone. A traceback is always a defect of lowsky.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Protocol, TextIO, cast

from lowsky import __version__
from lowsky.model.errors import InputError

EXIT_INPUT, EXIT_INTERRUPTED, EXIT_NO_READER = 2, 130, 141

COMMANDS: dict[str, str] = {
    "track": "lowsky.cli.track",
    "score": "lowsky.cli.score",
    "explain": "lowsky.cli.explain",
    "plot": "lowsky.cli.plot",
    "simulate": "lowsky.cli.simulate",
    "tour": "lowsky.cli.tour",
    "init": "lowsky.cli.init",
    "run": "lowsky.cli.run",
    "demo": "lowsky.cli.demo",
    "user": "lowsky.cli.user",
    "token": "lowsky.cli.token",
    "audit": "lowsky.cli.audit",
    "record": "lowsky.cli.record",
    "replay": "lowsky.cli.replay",
    "export": "lowsky.cli.export",
    "query": "lowsky.cli.query",
    "decode": "lowsky.cli.decode",
    "listen": "lowsky.cli.listen",
    "warm": "lowsky.cli.warm",
}


class Command(Protocol):
    """What a command's module offers."""

    SUMMARY: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...
    def run(self, args: argparse.Namespace) -> int: ...


def load_command(name: str) -> Command:
    """The module of command `name`, imported now.

    Raises:
        InputError: if there is no such command; the nearest name is offered.
    """
    if name not in COMMANDS:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"commands are {', '.join(COMMANDS)}"
        raise InputError(f"{name!r} is not a command of lowsky; {hint}")
    return cast(Command, importlib.import_module(COMMANDS[name]))


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of command `name`, complete with arguments and epilog.

    Raises:
        InputError: if there is no such command.
    """
    command = load_command(name)
    parser = argparse.ArgumentParser(
        prog=f"lowsky {name}",
        description=command.SUMMARY,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    command.add_arguments(parser)
    return parser


def overview() -> str:
    """The text of `lowsky --help`: every command with its summary."""
    width = max(map(len, COMMANDS)) + 2
    rows = [f"  {name:<{width}}{load_command(name).SUMMARY}" for name in COMMANDS]
    return "\n".join(
        [
            "usage: lowsky COMMAND [arguments]",
            "",
            "One low-altitude air picture out of the raw reports of many unlike sensors.",
            "",
            "commands:",
            *rows,
            "",
            "options:",
            f"  {'--version':<{width}}print the version",
            "",
            "`lowsky COMMAND --help` shows the arguments of a command and an example that works.",
        ]
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line (default: the process's own arguments) and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    with warnings.catch_warnings():
        warnings.showwarning = _show_notice
        try:
            status = _dispatch(arguments)
            sys.stdout.flush()
            return status
        except InputError as error:
            return _say(str(error))
        except BrokenPipeError:
            # Standard output is closed for good; what is still buffered must not raise again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return EXIT_NO_READER
        except OSError as error:
            if error.filename is None:
                raise
            return _say(f"{os.fspath(error.filename)}: {error.strerror}")
        except KeyboardInterrupt:
            print("lowsky: interrupted", file=sys.stderr)
            return EXIT_INTERRUPTED


def _dispatch(arguments: list[str]) -> int:
    if not arguments:
        print(overview(), file=sys.stderr)
        return EXIT_INPUT
    first, *rest = arguments
    if first in ("-h", "--help", "help"):
        print(overview())
        return 0
    if first == "--version":
        print(f"lowsky {__version__}")
        return 0
    args = command_parser(first).parse_args(rest)
    return load_command(first).run(args)


def _say(sentence: str) -> int:
    print(f"lowsky: {sentence}", file=sys.stderr)
    return EXIT_INPUT


def _show_notice(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Warnings on the command line are notices to a person: one line, no place in the code."""
    print(f"lowsky: notice: {message}", file=file or sys.stderr)
