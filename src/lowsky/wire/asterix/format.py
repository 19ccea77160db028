"""ASTERIX as one of the formats that come in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from lowsky.kernels import asterix as kernel
from lowsky.kernels import asterix_items as steps

from ..formats import Format
from .decoder import TABLES_KEPT, AsterixDecoder
from .faults import FAULTS
from .framing import Framer
from .naming import named
from .options import AsterixOptions
from .reading import read_record
from .tables import Tables, make_tables
from .walk import Walker, subject

LIKE_OCTETS = 4096
MOST_LIKE = 0.8  # other formats have marks that are no accident


class AsterixReader:
    """Records as their items, named with their units."""

    def __init__(self, options: AsterixOptions, datagrams: bool) -> None:
        self._categories = options.categories()
        self._walker = Walker(_tables(tuple(sorted(options.editions.items()))))
        self._framer = None if datagrams else Framer(self._walker)

    def push(self, data: bytes) -> Iterator[dict[str, Any]]:
        """The records that `data` completes."""
        if self._framer is None:
            yield from self._read(data)
            return
        framed = self._framer.push(data)
        yield from self._lost(framed.losses)
        yield from self._read(framed.blocks)

    def close(self) -> Iterator[dict[str, Any]]:
        """What has begun."""
        if self._framer is not None:
            framed = self._framer.close()
            yield from self._lost(framed.losses)
            yield from self._read(framed.blocks)

    def _lost(self, times: int) -> Iterator[dict[str, Any]]:
        for _ in range(times):
            yield {"error": "octets that are no datablock; the next datablock is looked for"}

    def _read(self, data: bytes) -> Iterator[dict[str, Any]]:
        octets = np.frombuffer(data, dtype=np.uint8)
        for rows in self._walker.walk(octets, np.array([0, len(octets)], dtype=np.int64)):
            for row in rows.table.tolist():
                yield self._record(data, row)

    def _record(self, data: bytes, row: list[int]) -> dict[str, Any]:
        number, fault = row[kernel.CATEGORY], row[kernel.FAULT]
        if fault == steps.UNKNOWN:
            return {"category": number, "error": f"category {number:03d} is not described"}
        if fault:
            about = subject(self._walker.tables, row)
            return {"category": number, "error": f"octet {row[kernel.AT]}: {about} {FAULTS[fault]}"}
        layout = self._categories[number]
        items, _ = read_record(layout, data, row[kernel.AT], row[kernel.END])
        return {"category": number, "edition": layout.edition, "items": named(layout, items)}


def _likeness(head: bytes) -> float:
    """The share of the octets that are whole datablocks filled by records of their categories."""
    data = np.frombuffer(head[:LIKE_OCTETS], dtype=np.uint8)
    walker = Walker(_tables(()))
    whole = 0
    for rows in walker.walk(data, np.array([0, len(data)], dtype=np.int64)):
        for row in rows.table.tolist():
            if row[kernel.FAULT] and row[kernel.END] < len(data):
                return 0.0
            whole = row[kernel.END] if not row[kernel.FAULT] else whole
    return MOST_LIKE * whole / max(len(data), 1)


@lru_cache(maxsize=TABLES_KEPT)
def _tables(editions: tuple[tuple[str, str], ...]) -> Tables:
    """All categories in these editions."""
    return make_tables(AsterixOptions(editions=dict(editions)).categories(), {})


FORMAT = Format(
    name="asterix",
    title="ASTERIX",
    options=AsterixOptions,
    decoder=AsterixDecoder,
    reader=AsterixReader,
    likeness=_likeness,
)
