"""Goes through ASTERIX datablocks (EUROCONTROL-SPEC-0149 Part 1, section 4.3): records, blocks, what is between them.

The tables by which records are read are those of `asterix_items`. Bytes are never read outside [0, len(data)), whatever
they hold.
"""

from __future__ import annotations

import numpy as np

from .asterix_items import (
    CUT,
    EMPTY,
    FIRST,
    GARBAGE,
    LINKS,
    LONG,
    NOTHING,
    RANDOM,
    SHORT,
    UNDEFINED,
    UNKNOWN,
    skip_any,
    skip_random,
)
from .borrow import borrowed
from .cache import jit

# Columns of `rows`.
AT, END, CATEGORY, FAULT, ITEM, SUB, PIECE = 0, 1, 2, 3, 4, 5, 6
ROW_COLUMNS = 7
STATE = 5  # integers that `walk` keeps between calls


HEADER = 3


@jit
def walk_record(data, at, end, category, roots, nodes, links, found, row):
    """The octet after the record at `at`, or minus a fault; the number of the item (from 0) that had it, NOTHING: the
    field specification; and that of its subitem. Offsets go to found[row]."""
    after, names = at, 0
    while True:
        if after >= end:
            return -CUT, NOTHING, NOTHING
        octet = data[after]
        after += 1
        names |= octet & 0xFE
        if octet & 1 == 0:
            break
    if names == 0:
        return -EMPTY, NOTHING, NOTHING
    record, index = roots[category, 0], 0
    first, count = nodes[record, FIRST], nodes[record, LINKS]
    for s in range(at, after):
        octet = data[s]
        for bit in range(7, 0, -1):
            if octet >> bit & 1:
                link = links[first + index] if index < count else NOTHING
                start, sub = after, NOTHING
                if link == RANDOM:
                    after, sub = skip_random(data, after, end, record, nodes, links, found, row)
                elif link < 0:
                    return -UNDEFINED, index, NOTHING
                else:
                    after, sub = skip_any(data, after, end, link, nodes, links, found, row)
                if after < 0:
                    return after, index, sub
                if link == roots[category, 1] and link >= 0 and data[start] & 0x80:
                    record = roots[category, 2]
                    first, count = nodes[record, FIRST], nodes[record, LINKS]
            index += 1
    return after, NOTHING, NOTHING


@jit
def put_row(rows, n, at, end, category, fault, item, sub, piece):
    """Fill row n of `rows`."""
    rows[n, AT], rows[n, END], rows[n, CATEGORY], rows[n, FAULT] = at, end, category, fault
    rows[n, ITEM], rows[n, SUB], rows[n, PIECE] = item, sub, piece


@jit
def open_block(data, at, stop, roots):
    """What is at the head of a datablock: its end by its length, and the fault that forbids to read its records."""
    if stop - at < HEADER:
        return stop, GARBAGE
    length = np.int64(data[at + 1]) << 8 | data[at + 2]
    if length <= HEADER:
        return stop, SHORT
    return at + length, UNKNOWN if roots[data[at], 0] < 0 else 0


@jit
def go_on(data, pieces, roots, nodes, links, state, rows, found):
    """See `walk`."""
    n, piece, at, end, said = 0, state[0], state[1], state[2], state[3]
    category = data[state[4]] if end >= 0 else 0
    while piece < len(pieces) - 1 and n < len(rows):
        stop = pieces[piece + 1]
        if end < 0:
            if at >= stop:
                piece += 1
                continue
            said, fault = open_block(data, at, stop, roots)
            category, state[4] = data[at], at
            if fault:
                put_row(rows, n, at, min(said, stop), category, fault, NOTHING, NOTHING, piece)
                n, at = n + 1, min(said, stop)
                continue
            at, end = at + HEADER, min(said, stop)
        if at < end:
            for slot in range(found.shape[1]):
                found[n, slot] = NOTHING
            after, item, sub = walk_record(data, at, end, category, roots, nodes, links, found, n)
            broken = after < 0
            put_row(rows, n, at, end if broken else after, category, -after if broken else 0, item, sub, piece)
            n, at = n + 1, end if broken else after
            if broken:
                said = end
        elif said > end:
            put_row(rows, n, at, end, category, LONG, NOTHING, NOTHING, piece)
            n, said = n + 1, end
        else:
            end = -1
    state[0], state[1], state[2], state[3] = piece, at, end, said
    return n


@jit
def walk(data, pieces, roots, nodes, links, state, rows, found):
    """Go through pieces of data that each begin with a datablock; the number of rows filled, at most len(rows).

    A record is a row, and so are a block that cannot be opened or is longer than its piece, and a broken record, with
    which the rest of its block is lost; other blocks are not. Unless all rows are filled, everything has been seen.

    Args:
        data: (n,) uint8.
        pieces: (p + 1,) int64 ascending: piece k is data[pieces[k]:pieces[k + 1]].
        state: (STATE,) int64: piece, octet, end of the block that is open (-1: none), its end by its length, its first
            octet; all 0 but [2] -1 at the start, kept between calls.
        rows: (r, ROW_COLUMNS) int64.
        found: (r, slots) int32: offsets in data, -1: not there.
    """
    return go_on(
        borrowed(data), borrowed(pieces), borrowed(roots), borrowed(nodes), borrowed(links), borrowed(state),
        borrowed(rows), borrowed(found),
    )


@jit
def fits(data, at, end, roots, nodes, links, found):
    """Whether the records of the datablock at `at` end with it; `found` (1, slots) is for their offsets."""
    after = at + HEADER
    while after < end:
        after, _item, _sub = walk_record(data, after, end, data[at], roots, nodes, links, found, 0)
        if after < 0:
            return False
    return True


@jit
def seek(data, start, most, ended, roots, nodes, links, found):
    """See `find_block`."""
    for at in range(start, len(data)):
        known = roots[data[at], 0] >= 0
        if known and len(data) - at < HEADER:
            if not ended:
                return -1 - at
            continue
        if not known:
            continue
        end, fault = open_block(data, at, len(data), roots)
        if fault or end > at + most:
            continue
        if end > len(data) or (end == len(data) and not ended):
            if not ended:
                return -1 - at
            continue
        if (end == len(data) or roots[data[end], 0] >= 0) and fits(data, at, end, roots, nodes, links, found):
            return at
    return -1 - len(data)


@jit
def find_block(data, start, most, ended, roots, nodes, links, found):
    """Where, from octet `start` on, the first datablock of a known category and at most `most` octets is that ends
    with its records and is followed by an octet that may begin another; -1 - (first octet of what may be such a block
    when more has come) if there is none. With `ended` nothing more comes: the end of the data may follow it, too."""
    return seek(
        borrowed(data), start, most, ended, borrowed(roots), borrowed(nodes), borrowed(links), borrowed(found)
    )


@jit
def extract(data, found, rows, fields, scales, out):
    """Fields of records as floats, NaN where the item is not there.

    Args:
        data: (n,) uint8.
        found: (r, slots) int32 of `walk`.
        rows: (m,) int64 rows of found.
        fields: (c, 4) int64: slot, first bit from the item's offset, bits (at most 53; 0: the offset itself is wanted),
            whether the first bit is a sign.
        scales: (c,) value of the last bit.
        out: (c, m) float64.
    """
    for c in range(len(fields)):
        slot, first, width, signed = fields[c, 0], fields[c, 1], fields[c, 2], fields[c, 3]
        last = (first + width + 7) // 8
        shift = 8 * last - first - width
        mask = (np.int64(1) << width) - 1
        for i in range(len(rows)):
            at = np.int64(found[rows[i], slot])
            if at < 0:
                out[c, i] = np.nan
                continue
            number = np.int64(0)
            for k in range(first // 8, last):
                number = number << 8 | data[at + k]
            number = number >> shift & mask
            if signed and number >> (width - 1):
                number -= mask + 1
            out[c, i] = number * scales[c] if width else at
