"""What a frame does to many tracks, each for itself, shared out among the crew (kernels.crew)."""

from __future__ import annotations

from .atomics import add
from .cache import jit
from .candidates import compare_tracks, meet_tracks
from .crew import HANDS, await_all, bounds, claim, finish, is_alone, next_turn, offer
from .revision import revise_tracks

MEET, COMPARE, REVISE = 0, 1, 2
LEAST = 24  # items: fewer are done sooner than offered


@jit
def do_part(w, job, first, last):
    """Do a job on the items from first to before last."""
    if job == MEET:
        meet_tracks(w, first, last)
    elif job == COMPARE:
        compare_tracks(w, first, last)
    else:
        revise_tracks(w, first, last)


@jit
def take_parts(w, turn):
    """Do what parts of a job can be had."""
    part = claim(w.crew, turn, w.work.who)
    while part >= 0:
        job, first, last = bounds(w.crew, part)
        do_part(w, job, first, last)
        finish(w.crew)
        part = claim(w.crew, turn, w.work.who)


@jit
def share_out(w, job, n):
    """Do a job on n items, with all who help."""
    if n < LEAST or is_alone(w.crew):
        do_part(w, job, 0, n)
        return
    turn = offer(w.crew, job, n)
    take_parts(w, turn)
    await_all(w.crew, turn)


@jit
def help_out(w):
    """Do parts of whatever is offered until nothing more is to come."""
    add(w.crew, HANDS, 1)
    turn = next_turn(w.crew, 0)
    while turn >= 0:
        take_parts(w, turn)
        turn = next_turn(w.crew, turn)
    add(w.crew, HANDS, -1)
