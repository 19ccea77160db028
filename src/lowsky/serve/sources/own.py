"""Formats whose source is their own: those that answer, and so are more than bytes that come.

A module listed here has `source_of(entry, context) -> Source | None`; None: this link needs no answers, and the format
comes over it like any other.
"""

from __future__ import annotations

from importlib import import_module

from lowsky.wire.decoded import Context

from ..config.sources import FormatSource
from .contract import Source

_HOMES: dict[str, str] = {
    "cot": "lowsky.serve.sources.cot",
    "sapient": "lowsky.serve.sources.sapient",
}
"""Kind of source to the module that makes it: imported when a site has one."""


def own_source(entry: FormatSource, context: Context) -> Source | None:
    """The format's own source for a link, not started; None: it has none.

    Raises:
        InputError: "field: value reason".
    """
    home = _HOMES.get(entry.kind)
    if home is None:
        return None
    found: Source | None = import_module(home).source_of(entry, context)
    return found
