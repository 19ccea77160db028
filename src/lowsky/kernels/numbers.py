"""Public numbers belong to births: a track that is born again of the same report gets its number again.

When the tracker goes back to a snapshot, tracks that had been given a number since begin anew. The numbers given lately
are kept outside of what goes back, by the running number of the first report of their track. Where a report that came
late is now the first of an object, the track of the old birth is gone: its number is lost, and the next track without
one that is shown near the place where it was seen last takes it over.
"""

from __future__ import annotations

import math

import numpy as np

from .borrow import bare
from .cache import jit
from .layout import HELD

NEAR_M, NEAR_SIGMAS = 60.0, 3.0  # a lost number is taken over within the sum of both


@bare
def place_of(w, birth):
    """Row of w.numbers of the track that began with the report of that serial, or -1."""
    numbers, low, high = w.numbers, 0, w.tally.sorted
    while low < high:
        middle = (low + high) // 2
        if numbers[numbers[middle].order].birth < birth:
            low = middle + 1
        else:
            high = middle
    if low < w.tally.sorted and numbers[numbers[low].order].birth == birth:
        return numbers[low].order
    for n in range(w.tally.sorted, w.tally.numbered):
        if numbers[n].birth == birth:
            return n
    return -1


@jit
def sort_births(w):
    """Sort what was given since the last time in with the rest, so that the number of a birth is found at once."""
    n = w.tally.numbered
    if w.tally.sorted == n:
        return
    births = np.empty(n, np.int64)
    for k in range(n):
        births[k] = w.numbers[k].birth
    order = np.argsort(births, kind="mergesort")
    for k in range(n):
        w.numbers[k].order = order[k]
    w.tally.sorted = n


@bare
def number_again(w, i, birth):
    """Note that track i began with the report of that serial; it gets the number that this birth had before."""
    t = w.tracks[i]
    t.birth = birth
    if w.tally.numbered > 0:
        n = place_of(w, birth)
        t.number = w.numbers[n].number if n >= 0 else 0


@jit
def numbers_again(w):
    """Give all tracks without a number the one that their births have."""
    if w.tally.numbered == 0:
        return
    for i in range(w.tally.highest):
        if w.tracks[i].used and w.tracks[i].number == 0:
            number_again(w, i, w.tracks[i].birth)


@bare
def hold(w, number):
    """Note that a track, or a group, has a number, if it was given lately."""
    if w.tally.numbered > 0 and number >= w.numbers[0].number:
        n = row_of(w, number)
        if n >= 0:
            w.numbers[n].held = 1


@bare
def find_lost(w):
    """Which of the numbers that were given lately and shown at the last tick has no track now?"""
    numbers = w.numbers
    for n in range(w.tally.numbered):
        numbers[n].held = 0
    for i in range(w.tally.highest):
        t = w.tracks[i]
        if t.used:
            hold(w, t.number)
            if t.members > 1:
                for q in range(HELD):
                    hold(w, t.inside[q])
    for n in range(w.tally.numbered):
        lost = numbers[n].lost == 1 or numbers[n].shown_ns == w.tally.shown_ns
        numbers[n].lost = 1 if lost and numbers[n].held == 0 else 0


@bare
def row_of(w, number):
    """Row of w.numbers of a public number, or -1."""
    low, high = 0, w.tally.numbered
    while low < high:
        middle = (low + high) // 2
        if w.numbers[middle].number < number:
            low = middle + 1
        else:
            high = middle
    return low if low < w.tally.numbered and w.numbers[low].number == number else -1


@bare
def nearest_lost(w, state, sigma_m, time_ns):
    """Row of the lost number that was seen last nearest to a state (6,), and near enough, or -1."""
    best, best_m = -1, NEAR_M + NEAR_SIGMAS * sigma_m
    for n in range(w.tally.numbered):
        lost = w.numbers[n]
        if lost.lost == 1:
            dt_s = (time_ns - lost.shown_ns) * 1e-9
            east_m = state[0] - lost.state[0] - dt_s * lost.state[3]
            north_m = state[1] - lost.state[1] - dt_s * lost.state[4]
            if math.hypot(east_m, north_m) < best_m:
                best, best_m = n, math.hypot(east_m, north_m)
    return best


@bare
def give_number(w, t, state, sigma_m, time_ns):
    """Give a number to track t, which is shown for the first time: that of its birth, a lost one, or a new one."""
    n = place_of(w, t.birth)
    if n < 0:
        n = nearest_lost(w, state, sigma_m, time_ns)
        if n >= 0:
            w.numbers[n].birth, w.numbers[n].given_ns, w.numbers[n].lost = t.birth, time_ns, 0
            w.tally.sorted = 0
    if n < 0:
        n = w.tally.numbered
        w.tally.numbered += 1
        given = w.numbers[n]
        given.number, given.birth, given.given_ns, given.lost = w.tally.next_number, t.birth, time_ns, 0
        w.tally.next_number += 1
    t.number = w.numbers[n].number


@jit
def part_twins(w, shown):
    """Take the number from one of two tracks of `shown` (n,), in order of number, that have the same; was there any?

    A lost number may come back with its old track: who took it over keeps it.
    """
    found = False
    for k in range(1, len(shown)):
        a, b = w.tracks[shown[k - 1]], w.tracks[shown[k]]
        if a.number > 0 and a.number == b.number:
            n = row_of(w, a.number)
            if n >= 0 and w.numbers[n].birth == b.birth:
                a.number = 0
            else:
                b.number = 0
                shown[k] = shown[k - 1]
            found = True
    return found


@bare
def note_shown(w, t, state, time_ns):
    """Remember where a number that was given lately is shown."""
    if w.tally.numbered > 0 and t.number >= w.numbers[0].number:
        n = row_of(w, t.number)
        if n >= 0:
            w.numbers[n].shown_ns = time_ns
            for c in range(6):
                w.numbers[n].state[c] = state[c]
