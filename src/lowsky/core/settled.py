"""The settled picture: what was where at a second, once no report that may still come can change it.

It is written from the snapshot of that second: all that is valid before it has been worked in canonical order, however
it came, and nothing that is valid later. So it is the same as if every report had come at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..kernels.layout import TALLY
from ..kernels.snapshot import write_rows
from ..model.picture import Picture
from ..tracking.history import STATE_FIELDS, Snapshot
from ..tracking.memory import OF_TRACKS, grow_rows
from .changes import picture_of

if TYPE_CHECKING:
    from .state import CoreState

GIVEN = ("next_number", "numbered", "sorted")


def settled_picture(state: CoreState, snapshot: Snapshot) -> Picture:
    """The rows of a snapshot. Objects that were never shown while they were news are given numbers here."""
    while True:
        world = state.world
        tally = np.array([world.tally], dtype=TALLY).view(np.recarray)[0]
        for name in STATE_FIELDS:
            tally[name] = snapshot.tables["tally"][name][0]
        tracks = {name: snapshot.tables[name].view(np.recarray) for name in OF_TRACKS}
        first = int(tally["rows"])
        if write_rows(world._replace(tally=tally, **tracks), snapshot.label_ns, True):
            break
        state.world = grow_rows(world)
    for name in GIVEN:
        world.tally[name] = tally[name]
    return picture_of(world.rows[first : int(tally["rows"])], state)
