"""Goes through ASTERIX datablocks (EUROCONTROL-SPEC-0149 Part 1, section 4.3) and finds where each item begins.

What a category is made of comes as tables of integers (`lowsky.wire.asterix.walk` makes them), so nothing here knows
any. Bytes are never read outside [0, len(data)), whatever they hold.

Tables:
    nodes (N, 6)   a row an item, subitem or record: kind, a, b, slot, first link, links
                   FIXED a octets; EXTENDED parts of links[first + k] octets, a 1: the last has no FX; COUNTED a octets
                   of count, elements of b octets; CHAINED elements of b octets whose last bit says that another
                   follows; EXPLICIT;
                   COMPOUND links[first + k] is the node of subitem k, NOTHING if it is not defined.
    links (L,)     see nodes
    roots (256, 3) of each category: node (COMPOUND) of its records, NOTHING where it is not known; node of the item
                   whose first bit, if set, says that the record goes on as the third column's node, NOTHING: none.
A slot is the column of `found` in which the item's offset in the data is put, NOTHING: nowhere. An extended item uses a
slot for each of its parts, a repetitive one two: the item, its first element.
"""

from __future__ import annotations

import numpy as np

from .borrow import borrowed
from .cache import jit

NOTHING = -1
RANDOM = -2  # a link: random field sequencing

FIXED, EXTENDED, COUNTED, CHAINED, EXPLICIT, COMPOUND = 0, 1, 2, 3, 4, 5
KIND, A, B, SLOT, FIRST, LINKS = 0, 1, 2, 3, 4, 5
NODE_COLUMNS = 6

# What can be wrong; 0 is nothing.
CUT, UNDEFINED, EMPTY, NO_LENGTH, SHORT, LONG, GARBAGE, UNKNOWN = 1, 2, 3, 4, 5, 6, 7, 8

# Columns of `rows`.
AT, END, CATEGORY, FAULT, ITEM, SUB, PIECE = 0, 1, 2, 3, 4, 5, 6
ROW_COLUMNS = 7
STATE = 5  # integers that `walk` keeps between calls


HEADER = 3


@jit
def skip_extended(data, at, end, first, count, ends, links, slot, found, row):
    """The octet after an extended item at `at`, or minus a fault; octets beyond the known parts follow the same FX, but
    if it `ends` with the last known part, which then has no FX."""
    k = 0
    while True:
        after = at + (links[first + k] if k < count else 1)
        if after > end:
            return -CUT
        if slot >= 0 and k < count:
            found[row, slot + k] = at
        k += 1
        if data[after - 1] & 1 == 0 or (ends and k == count):
            return after
        at = after


@jit
def skip_counted(data, at, end, octets, size, slot, found, row):
    """The octet after an item of counted elements, or minus a fault."""
    if at + octets > end:
        return -CUT
    count = 0
    for k in range(octets):
        count = count << 8 | data[at + k]
    after = at + octets + count * size
    if after > end:
        return -CUT
    if slot >= 0:
        found[row, slot] = at
        if count > 0:
            found[row, slot + 1] = at + octets
    return after


@jit
def skip_chained(data, at, end, size, slot, found, row):
    """The octet after an item of elements that each say whether another follows, or minus a fault."""
    if slot >= 0:
        found[row, slot] = at
        found[row, slot + 1] = at
    while True:
        at += size
        if at > end:
            return -CUT
        if data[at - 1] & 1 == 0:
            return at


@jit
def skip_item(data, at, end, n, nodes, links, found, row):
    """The octet after the item of node n, which is no compound, or minus a fault; its offsets go to found[row]."""
    kind, slot = nodes[n, KIND], nodes[n, SLOT]
    if kind == FIXED:
        if slot >= 0:
            found[row, slot] = at
        after = at + nodes[n, A]
        return after if after <= end else -CUT
    if kind == EXTENDED:
        return skip_extended(data, at, end, nodes[n, FIRST], nodes[n, LINKS], nodes[n, A], links, slot, found, row)
    if kind == COUNTED:
        return skip_counted(data, at, end, nodes[n, A], nodes[n, B], slot, found, row)
    if kind == CHAINED:
        return skip_chained(data, at, end, nodes[n, B], slot, found, row)
    if at >= end:
        return -CUT
    if data[at] == 0:
        return -NO_LENGTH
    if slot >= 0:
        found[row, slot] = at
    after = at + data[at]
    return after if after <= end else -CUT


@jit
def skip_compound(data, at, end, n, nodes, links, found, row):
    """The octet after a compound item, or minus a fault, and the number of the subitem (from 0) that had it."""
    first, count = nodes[n, FIRST], nodes[n, LINKS]
    after = at
    while True:
        if after >= end:
            return -CUT, NOTHING
        after += 1
        if data[after - 1] & 1 == 0:
            break
    index = 0
    for s in range(at, after):
        octet = data[s]
        for bit in range(7, 0, -1):
            if octet >> bit & 1:
                link = links[first + index] if index < count else NOTHING
                if link < 0:
                    return -UNDEFINED, index
                after = skip_item(data, after, end, link, nodes, links, found, row)
                if after < 0:
                    return after, index
            index += 1
    return after, NOTHING


@jit
def skip_any(data, at, end, n, nodes, links, found, row):
    """The octet after the item of node n, or minus a fault, and the number of the subitem that had it."""
    if nodes[n, KIND] == COMPOUND:
        return skip_compound(data, at, end, n, nodes, links, found, row)
    return skip_item(data, at, end, n, nodes, links, found, row), NOTHING


@jit
def skip_random(data, at, end, record, nodes, links, found, row):
    """The octet after items that each name their number, or minus a fault, and the number (from 0) that had it."""
    if at >= end:
        return -CUT, NOTHING
    at += 1
    for _ in range(data[at - 1]):
        if at >= end:
            return -CUT, NOTHING
        index = data[at] - 1
        link = links[nodes[record, FIRST] + index] if 0 <= index < nodes[record, LINKS] else NOTHING
        if link < 0:
            return -UNDEFINED, index
        at, _sub = skip_any(data, at + 1, end, link, nodes, links, found, row)
        if at < 0:
            return at, index
    return at, NOTHING


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
