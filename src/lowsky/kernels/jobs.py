"""What helpers do: parts of whatever job the thread of the events shares out among the crew (kernels.crew)."""

from __future__ import annotations

from .atomics import add
from .cache import jit
from .candidates import compare_tracks, meet_tracks
from .chances import look_at_tracks
from .crew import COMPARE, DESCRIBE, HANDS, LOOK, MEET, REVISE, bounds, claim, finish, next_turn
from .description import describe_plots
from .revision import revise_tracks
from .rows import fill_rows


@jit
def do_part(w, job, first, last):
    """Do a job on the items from first to before last."""
    if job == MEET:
        meet_tracks(w, first, last)
    elif job == COMPARE:
        compare_tracks(w, first, last)
    elif job == REVISE:
        revise_tracks(w, first, last)
    elif job == DESCRIBE:
        describe_plots(w, first, last)
    elif job == LOOK:
        look_at_tracks(w, first, last)
    else:
        fill_rows(w, first, last)


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
def help_out(w):
    """Do parts of whatever is offered until nothing more is to come."""
    add(w.crew, HANDS, 1)
    turn = next_turn(w.crew, 0)
    while turn >= 0:
        take_parts(w, turn)
        turn = next_turn(w.crew, turn)
    add(w.crew, HANDS, -1)
