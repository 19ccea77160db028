"""Steps over the items of one ASTERIX record (EUROCONTROL-SPEC-0149 Part 1, section 4.3) and notes where each begins.

What a category is made of comes as tables of integers (`lowsky.wire.asterix.walk` makes them), so nothing here knows
any. Bytes are never read outside [at, end), whatever they hold.

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

from .cache import jit

NOTHING = -1
RANDOM = -2  # a link: random field sequencing

FIXED, EXTENDED, COUNTED, CHAINED, EXPLICIT, COMPOUND = 0, 1, 2, 3, 4, 5
KIND, A, B, SLOT, FIRST, LINKS = 0, 1, 2, 3, 4, 5
NODE_COLUMNS = 6

# What can be wrong; 0 is nothing.
CUT, UNDEFINED, EMPTY, NO_LENGTH, SHORT, LONG, GARBAGE, UNKNOWN = 1, 2, 3, 4, 5, 6, 7, 8


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
