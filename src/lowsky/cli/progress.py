"""A progress bar over the time of a recording; shown on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, from_ns: int, to_ns: int) -> Iterator[Callable[[int], None]]:
    """A bar from one time to another, moved by the function yielded, which takes the time reached."""
    if not sys.stderr.isatty():
        yield lambda time_ns: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=max(1, to_ns - from_ns))
        yield lambda time_ns: bar.update(task, completed=time_ns - from_ns)
