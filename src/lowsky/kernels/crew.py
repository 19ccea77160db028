"""A crew: threads that do one job on many items at once, each item by one of them.

The thread that works the events offers a job on n items, cut into PARTS parts, takes parts itself like everybody, and
goes on when all are done. So it waits only for parts that somebody is at, and helpers that come late, or never, cost
nothing. Who takes which part depends on chance; what is done to an item does not depend on it, for items write to
places of their own and read nothing that others write. Each begins at a part of its own, so that from job to job an
item's numbers stay in the cache of the same processor.

One word holds the number of the job and which of its parts are taken. It changes only as a whole, so who looked at an
earlier job can take none of a later one. Other words are far from each other, each in a cache line of its own.
"""

from __future__ import annotations

import numpy as np

from .atomics import add, load, stand_back, store, swap
from .borrow import bare, merged

MEET, COMPARE, REVISE, DESCRIBE, LOOK, ROWS = 0, 1, 2, 3, 4, 5  # kinds of job
LEAST = 24  # items: fewer are done sooner than offered
PARTS = 16  # of a job
ALL = (1 << PARTS) - 1
APART = 16  # words: processors fetch two lines at once
TAKEN, DONE, STOP, HANDS, JOB = (APART * k for k in range(1, 6))  # places of words; JOB: its kind and number of items
WORDS = APART * 7
PATIENCE = 4000  # looks at a word before others may have the processor


@bare
def offer(crew, job, n):
    """Begin a job on n items; returns its number."""
    turn = (load(crew, TAKEN) >> PARTS) + 1
    crew[JOB], crew[JOB + 1] = job, n
    store(crew, TAKEN, turn << PARTS)
    return turn


@bare
def claim(crew, turn, who):
    """A part of a job that nobody has taken yet, -1 if there is none."""
    while True:
        word = load(crew, TAKEN)
        if word >> PARTS != turn or word & ALL == ALL:
            return -1
        part = (8 * who + 4 * (who // 2)) % PARTS
        while word & (1 << part):
            part = (part + 1) % PARTS
        if swap(crew, TAKEN, word, word | (1 << part)):
            return part


@bare
def bounds(crew, part):
    """What the job is, and the first item and that after the last one of a part of it that was claimed."""
    n = crew[JOB + 1]
    return crew[JOB], part * n // PARTS, (part + 1) * n // PARTS


@bare
def finish(crew):
    """Say that a part is done."""
    add(crew, DONE, 1)


@bare
def await_all(crew, turn):
    """Wait until all parts of a job, and so of all before it, are done."""
    looks = 0
    while load(crew, DONE) != turn * PARTS:
        looks += 1
        if looks > PATIENCE:
            stand_back()


@bare
def is_alone(crew):
    """Does nobody help?"""
    return load(crew, HANDS) == 0


@bare
def dismiss(crew):
    """Let all helpers go."""
    store(crew, STOP, 1)


@bare
def next_turn(crew, turn):
    """Wait for a job after the given one; returns its number, -1 if there is none to come."""
    looks = 0
    while load(crew, STOP) == 0:
        word = load(crew, TAKEN)
        if word >> PARTS != turn and word & ALL != ALL:
            return word >> PARTS
        looks += 1
        if looks > PATIENCE:
            stand_back()
    return -1


@merged
def share_out(w, job, n, does):
    """Do a job of a kind on n items with all who help: `does(w, first, last)` for each part of them.

    Who shares out knows one kind only, so that it is not compiled with all the others; helpers know all (kernels.jobs).
    """
    if n < LEAST or is_alone(w.crew):
        does(w, np.int64(0), n)
    else:
        turn = offer(w.crew, job, n)
        part = claim(w.crew, turn, np.int64(0))
        while part >= 0:
            _, first, last = bounds(w.crew, part)
            does(w, first, last)
            finish(w.crew)
            part = claim(w.crew, turn, np.int64(0))
        await_all(w.crew, turn)
