"""`lowsky listen`: which sources speak, how much, how late, and what is wrong with it."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .listening.figures import View

SUMMARY = "show which sources speak: rates, lag, faults, unknown senders"

EPILOG = """\
examples:
  lowsky listen site.toml
  lowsky listen udp://0.0.0.0:8600 --format asterix --seconds 30
  lowsky listen --server http://localhost:8420 --once

With a site.toml its sources are opened here, without the tracker: a server that has them open must be asked instead
(--server). With an address every sender is a stranger, and its name is shown: what to write behind sensors = { }.
A table that renews itself on a terminal, lines elsewhere; it ends with Ctrl-C.
"""

DRAIN_S = 0.2


class Listened(Protocol):
    """What can be asked for its sources."""

    def open(self) -> None: ...
    async def close(self) -> None: ...
    def drain(self) -> None: ...
    async def answers(self) -> tuple[dict[str, Any], list[dict[str, Any]]]: ...


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and how long."""
    parser.add_argument("what", nargs="?", metavar="SITE.TOML|ADDRESS", help="a site's sources, or one address")
    parser.add_argument("--format", default="", metavar="NAME", help="of an address: the format that comes from it")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="of an address: an option")
    parser.add_argument("--server", metavar="URL", help="ask a server that runs")
    parser.add_argument("--token-file", type=Path, metavar="FILE", help="with --server: file with an API token")
    parser.add_argument(
        "--every", type=float, default=1.0, metavar="S", help="how often to show (default: %(default)s)"
    )
    parser.add_argument("--once", action="store_true", help="show once, after the first interval")
    parser.add_argument("--seconds", type=float, metavar="S", help="stop after so long")
    parser.add_argument("--json", action="store_true", help="one JSON object each time")
    parser.epilog = EPILOG


def run(args: argparse.Namespace) -> int:
    """Show until it is enough."""
    import asyncio

    from lowsky.model.errors import InputError

    if (args.what is None) == (args.server is None):
        raise InputError("listen to one thing: a site.toml, an address, or --server URL")
    if not 0.1 <= args.every <= 3600.0:
        raise InputError(f"--every: {args.every:g} is not between 0.1 and 3600")
    with contextlib.suppress(KeyboardInterrupt), _quiet():
        asyncio.run(_show(_listened(args), args))
    return 0


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No log: what it would say stands in the table."""
    import logging

    import structlog

    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def _listened(args: argparse.Namespace) -> Listened:
    from .decode import read_options

    if args.server is not None:
        from .listening.remote import RemoteSources

        return RemoteSources(args.server, args.token_file.read_text().strip() if args.token_file else "")
    from .listening.local import of_address, of_site

    if "://" in args.what or args.what.startswith(("serial:", "file:")):
        return of_address(args.what, args.format, read_options(args.option))
    return of_site(Path(args.what))


async def _show(listened: Listened, args: argparse.Namespace) -> None:
    import asyncio

    from .listening.figures import view_of

    loop = asyncio.get_running_loop()
    listened.open()
    begin_s = last_s = loop.time()
    try:
        with _Screen(args.json) as screen:
            before, _ = await listened.answers()
            while True:
                while (left_s := last_s + args.every - loop.time()) > 0.0:
                    await asyncio.sleep(min(left_s, DRAIN_S))
                    listened.drain()
                now, sensors = await listened.answers()
                now_s = loop.time()
                screen.show(view_of(before, now, sensors, now_s - last_s))
                before, last_s = now, now_s
                if args.once or (args.seconds is not None and now_s - begin_s >= args.seconds):
                    return
    finally:
        await listened.close()


class _Screen:
    """A table that renews itself on a terminal; lines, or JSON, elsewhere."""

    def __init__(self, as_json: bool) -> None:
        self._json, self._live = as_json, None if as_json or not sys.stdout.isatty() else _live()

    def __enter__(self) -> _Screen:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._live is not None:
            self._live.stop()

    def show(self, view: View) -> None:
        """Show it now."""
        from .listening.shown import lines_of, table_of

        if self._live is not None:
            self._live.update(table_of(view), refresh=True)
        elif self._json:
            print(json.dumps(view.as_dict()), flush=True)
        else:
            print("\n".join(lines_of(view)), flush=True)


def _live() -> Any:
    from rich.live import Live

    return Live(auto_refresh=False)
