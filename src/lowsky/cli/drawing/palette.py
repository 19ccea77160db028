"""Colours of the night map, and the sizes of its text.

No pure white on a dark ground, at least 4.5:1 of contrast for text (WCAG 2.2, 1.4.3). Blue against orange is told
apart with every common colour blindness (Okabe and Ito, 2008), and every meaning that has a colour has a form as well.
"""

from __future__ import annotations

PAGE = "#0d1319"  # strip and side panel
GROUND = "#121a22"  # map
GRID = "#1d2833"
EDGE = "#2c3a47"
TEXT = "#c9d3db"
FAINT_TEXT = "#8b9aa8"
TRACK = "#6fb3e8"  # confirmed
COASTING = "#e6a23c"
TRUTH = "#93a58c"
PLOT = "#5d6b78"
SENSOR = "#b7a6d9"

SMALL_PT, NORMAL_PT, LARGE_PT = 7.0, 8.5, 12.0
PIXELS_PER_INCH = 100
WIDTH_PX, HEIGHT_PX = 1280, 800


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", 0 to 1 (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
