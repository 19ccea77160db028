"""`lowsky decode`: prints what is in a file, or comes from an address, message by message."""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from io import BufferedIOBase

    from lowsky.serve.net.link import Link

    from .reading.items import Item, Readers

SUMMARY = "print what a file holds or an address sends, message by message"

EPILOG = """\
examples:
  lowsky decode night.pcap
  lowsky decode plots.ast --format asterix --json
  lowsky decode udp://239.1.2.3:8600?interface=eth0 --format asterix --count 10
  lowsky decode mqtts://broker.example/rid/# --option user=me --option password_file=word --seconds 60

WHAT is a file, - for standard input, or an address as `via` in site.toml says it. Formats: asterix, remoteid, beast,
avr, sbs, readsb, ais, cot, sapient, jsonl; one that is not said is guessed. Captures (pcap, pcapng) are looked into:
every stream and every port may have a format of its own. --option takes what [[sources]] takes beside `via`. What
cannot be read stands in its place as an error; a summary goes to standard error.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to read, how, how much, and the form of the answer."""
    parser.add_argument("what", metavar="WHAT", help="a file, - for standard input, or an address")
    parser.add_argument("--format", default="", metavar="NAME", help="the format (default: guessed)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the format or the address"
    )
    parser.add_argument("--port", type=int, default=0, help="of a capture: only packets from or to this port")
    parser.add_argument("--count", type=int, default=0, metavar="N", help="stop after so many messages")
    parser.add_argument("--seconds", type=float, metavar="S", help="of an address: stop after so long")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Print, then say what there was."""
    from lowsky.model.errors import InputError

    from .reading.items import Readers

    notes: Counter[str] = Counter()
    given = read_options(args.option)
    address = "://" in args.what or args.what.startswith(("serial:", "file:"))
    link, options = _link(args.what, given) if address else (None, given)
    readers = Readers(args.format, options)
    show = _printer(args.json)
    try:
        if link is not None:
            _follow(link, readers, notes, args, show)
        else:
            _print_file(args, readers, notes, show)
    except InputError as error:
        raise InputError(f"{args.what}: {error}") from None
    except KeyboardInterrupt:
        print(file=sys.stderr)
    sys.stdout.flush()
    _summarise(readers, notes)
    return 0


def _print_file(args: argparse.Namespace, readers: Readers, notes: Counter[str], show: Callable[[Item], None]) -> None:
    from .reading.files import items_of_file

    def all_of(file: BufferedIOBase) -> None:
        for item in items_of_file(file, readers, notes, args.port):
            show(item)
            if item.number == args.count:
                return

    if args.what == "-":
        with open(sys.stdin.fileno(), "rb", closefd=False) as file:
            all_of(file)
    else:
        with Path(args.what).open("rb") as file:
            all_of(file)


def _follow(
    link: Link, readers: Readers, notes: Counter[str], args: argparse.Namespace, show: Callable[[Item], None]
) -> None:
    """Print what comes until it ends, enough came, or Ctrl-C."""
    import asyncio

    from lowsky.model.errors import InputError

    from .reading.live import items_of_link

    told: list[str] = []
    shown = 0

    async def follow() -> None:
        nonlocal shown
        saying = asyncio.ensure_future(_say(told))
        try:
            async for item in items_of_link(link, readers, notes, args.seconds, told):
                show(item)
                shown += 1
                if shown == args.count:
                    return
        finally:
            saying.cancel()

    try:
        asyncio.run(follow())
        _tell(told)
    except BrokenPipeError:
        raise
    except (OSError, EOFError) as error:
        if not shown:
            raise InputError(str(error)) from None
        notes[f"the line broke: {error}"] += 1


async def _say(told: list[str]) -> None:
    """What the transport says of itself, as it says it."""
    import asyncio

    while True:
        _tell(told)
        await asyncio.sleep(0.1)


def _tell(told: list[str]) -> None:
    while told:
        print(f"lowsky: {told.pop(0)}", file=sys.stderr, flush=True)


def _printer(json: bool) -> Callable[[Item], None]:
    from .reading.shown import as_json, as_text

    if json:
        return lambda item: print(as_json(item))
    if not sys.stdout.isatty():
        return lambda item: print(as_text(item))
    return lambda item: print(f"\033[31m{as_text(item)}\033[0m" if item.error else as_text(item), flush=True)


def read_options(given: list[str]) -> dict[str, Any]:
    """Values as TOML writes them; what is none is a text."""
    from lowsky.model.errors import InputError

    found: dict[str, Any] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            raise InputError(f"--option: {text!r} is not NAME=VALUE")
        try:
            found[name] = tomllib.loads(f"x = {value}")["x"]
        except tomllib.TOMLDecodeError:
            found[name] = value
    return found


def _link(text: str, given: dict[str, Any]) -> tuple[Link, dict[str, Any]]:
    """The link of an address, and the options that are not its."""
    from lowsky.serve.net.link import read_link

    link, rest = read_link({"via": text} | given, "via", Path.cwd())
    link.check()
    return link, rest


def _summarise(readers: Readers, notes: Counter[str]) -> None:
    wrong = f", {readers.errors} of them could not be read" if readers.errors else ""
    print(f"lowsky: {readers.items} messages{wrong}", file=sys.stderr)
    for note, count in notes.items():
        if count:
            print(f"lowsky: {note}: {count}" if count > 1 else f"lowsky: {note}", file=sys.stderr)
