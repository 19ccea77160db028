"""The audit: who did what, when, from where, with what outcome; append-only JSON lines, each bound to the one before.

A line is a JSON object that ends with `hash`: the SHA-256 over the hash of the line before and the line without it. So
a line cannot be changed, left out or moved without every later hash changing. Whoever can write the file can still
write a whole new one, or cut its end off: keep the last hash elsewhere (`lowsky audit verify` prints it and takes it
with `--head`, the server logs it at every start). Files are rotated by size; the first line of
the next file carries the last hash on.
"""

from .chain import Entry
from .writing import Audit, FullError

__all__ = ["Audit", "Entry", "FullError"]
