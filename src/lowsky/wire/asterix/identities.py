"""Identities as other formats of lowsky write them: a 24-bit address as six hexadecimal digits, else the callsign."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .bits import icao_text
from .targets import Targets

CALLSIGN = 1 << 48  # added to the bits of a callsign, so that it is no address
MAX_REMEMBERED = 100_000  # identities whose text is kept


class Identities:
    """Numbers to their text, remembered."""

    def __init__(self) -> None:
        self._text: dict[int, str | None] = {-1: None}

    def read(self, targets: Targets, data: NDArray[np.uint8], n: int) -> list[str | None]:
        """What each of n targets declares itself to be, None: nothing. `data` is what item offsets count in."""
        if targets.words:
            return _spelled(targets.words, data, n)
        key = np.full(n, -1.0)
        if targets.callsign is not None:
            key = np.where(np.isnan(targets.callsign), key, targets.callsign + CALLSIGN)
        if targets.address is not None:
            key = np.where(targets.address > 0.0, targets.address, key)  # 0 is no address
        numbers = key.astype(np.int64).tolist()
        text = self._text
        if len(text) > MAX_REMEMBERED:
            text.clear()
            text[-1] = None
        for number in set(numbers) - text.keys():
            text[number] = _text(number)
        return [text[number] for number in numbers]


def _text(number: int) -> str | None:
    if number < CALLSIGN:
        return f"{number:06X}"
    letters = icao_text(number - CALLSIGN, 48).strip()
    return letters if letters.isalnum() else None


def _spelled(words: list[NDArray[np.float64]], data: NDArray[np.uint8], n: int) -> list[str | None]:
    """Manufacturer, model and serial number of category 129, joined by "-"."""
    found: list[str | None] = []
    for i in range(n):
        parts = [_letters(data, column[i], size) for column, size in zip(words, (3, 3, 12), strict=True)]
        found.append("-".join(part for part in parts if part) if parts[-1] else None)
    return found


def _letters(data: NDArray[np.uint8], offset: float, size: int) -> str:
    if np.isnan(offset):
        return ""
    text = data[int(offset) : int(offset) + size].tobytes().decode("latin-1")
    return "".join(letter for letter in text if letter.isprintable()).strip()
