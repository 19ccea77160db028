"""The tracker's tables lent to a kernel for the length of one call: none of them has an owner (kernels.borrow)."""

from __future__ import annotations

from .borrow import borrowed, merged
from .layout import World


@merged  # a function cannot return records
def lent(world):
    """The same tables for compiled code, uncounted: the first that a kernel does which is called from outside."""
    return World(
        world.rules,
        borrowed(world.sensors),
        borrowed(world.tracks),
        borrowed(world.spots),
        borrowed(world.free),
        borrowed(world.head),
        borrowed(world.ground),
        borrowed(world.queues),
        borrowed(world.lists),
        borrowed(world.pool),
        borrowed(world.turns),
        borrowed(world.pool_free),
        borrowed(world.numbers),
        borrowed(world.lines),
        borrowed(world.clues),
        borrowed(world.scores),
        borrowed(world.background),
        borrowed(world.corrections),
        borrowed(world.sights),
        borrowed(world.pairs),
        borrowed(world.links),
        borrowed(world.course),
        world.tally,
        world.work,
        world.frame,
        borrowed(world.crew),
        borrowed(world.near),
        borrowed(world.meetings),
        borrowed(world.picked),
        borrowed(world.plots),
        borrowed(world.candidates),
        borrowed(world.edges),
        borrowed(world.joints),
        borrowed(world.undo),
        borrowed(world.undo_of),
        borrowed(world.saved),
        borrowed(world.trace),
        borrowed(world.rows),
    )
