"""A score and its items as JSON, as Markdown, and as lines for a terminal table.

All three show the same rows. JSON has null where a figure cannot be computed or is not finite.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from .items import NOTE, Item
from .score import Score

FIGURES: tuple[tuple[str, str], ...] = (
    ("gospa_m", "GOSPA"),
    ("gospa_2d_m", "GOSPA, horizontal"),
    ("localisation_m", "localisation"),
    ("missed", "missed objects"),
    ("false", "false tracks at a time"),
    ("ospa_m", "OSPA"),
    ("ospa2_m", "OSPA(2)"),
    ("completeness", "completeness"),
    ("spurious", "spurious"),
    ("ambiguity", "ambiguity"),
    ("switches", "switches an object"),
    ("broken_share", "broken share"),
    ("longest_run_share", "longest run"),
    ("confirm_s", "time to confirm"),
    ("false_tracks_per_hour", "false tracks an hour"),
    ("count_error", "count error"),
    ("speed_rmse_mps", "velocity error"),
    ("nees_2d", "NEES, horizontal"),
)
SIAP_FIGURES: tuple[tuple[str, str], ...] = (
    ("completeness", "completeness"),
    ("ambiguity", "ambiguity"),
    ("spuriousness", "spuriousness"),
    ("position_accuracy_m", "positional accuracy"),
    ("velocity_accuracy_mps", "velocity accuracy"),
    ("number_changes_per_s", "rate of number changes"),
    ("longest_segment", "longest segment"),
)
UNITS = (
    ("_per_hour", "/h"),
    ("_per_object_hour", "/(object h)"),
    ("_per_s", "/s"),
    ("_mps", "m/s"),
    ("_m", "m"),
    ("_s", "s"),
)
NOT_KNOWN = "–"


def to_json(score: Score, items: tuple[Item, ...]) -> bytes:
    """One JSON object: the score's fields, and `items` with `items_note`. Not finite is null."""
    plain: dict[str, Any] = msgspec.to_builtins(score)
    plain["items"] = [msgspec.to_builtins(item) for item in items]
    plain["items_note"] = NOTE
    return msgspec.json.encode(_finite(plain))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def number(value: float | None, name: str = "") -> str:
    """A figure for reading: four significant digits, with the unit that its name carries."""
    if value is None or math.isnan(value):
        return NOT_KNOWN
    if math.isinf(value):
        return "never"
    unit = next((unit for end, unit in UNITS if name.endswith(end)), "")
    text = f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"
    return f"{text} {unit}".rstrip()


def figure_rows(score: Score) -> list[tuple[str, str]]:
    """Name and figure of every row of the first table."""
    rows = [(label, number(getattr(score, name), name)) for name, label in FIGURES]
    honest = score.consistency_2d
    if honest is not None:
        rows[-1] = (rows[-1][0], f"{rows[-1][1]} (2 is honest; {honest.inside:.1%} inside 95 %)")
    if score.consistency_3d is not None:
        full = score.consistency_3d
        rows.append(("NEES, three dimensions", f"{number(full.mean)} (3 is honest; {full.inside:.1%} inside 95 %)"))
    if score.kinds is not None:
        rows.append(("kind right", number(score.kinds.accuracy)))
        rows.append(("birds called drones", number(score.kinds.birds_as_drones)))
        rows.append(("drones called harmless", number(score.kinds.drones_as_harmless)))
    return rows


def siap_rows(score: Score) -> list[tuple[str, str]]:
    """Name and figure of the SIAP attributes."""
    return [(label, number(getattr(score.siap, name), name)) for name, label in SIAP_FIGURES]


def item_rows(items: tuple[Item, ...]) -> list[tuple[str, str, str]]:
    """Group, item and what was found."""
    return [(item.group, item.name, _found(item)) for item in items]


def _found(item: Item) -> str:
    if not item.figures:
        return f"not measured: {item.not_measured}"
    parts = [f"{_words(name)} {number(value, name)}" for name, value in item.figures.items()]
    return ", ".join(parts) + (f" ({item.note})" if item.note else "")


def _words(name: str) -> str:
    """A figure's name without its unit: "horizontal_p95_m" is "horizontal 95 %"."""
    end = next((end for end, _ in UNITS if name.endswith(end)), "")
    words = name.removesuffix(end).replace("_", " ").replace("nees 2d", "NEES")
    return words.replace("p95", "95 %").replace("p10", "10 %").replace("rmse", "RMS").replace("rms", "RMS")


def heading(score: Score) -> str:
    """One line that says what was scored."""
    cutoff = number(score.cutoff_m, "cutoff_m")
    return f"{score.objects} objects, {score.tracks} tracks, {score.scored_s} s scored, cut-off {cutoff}"


def to_markdown(score: Score, items: tuple[Item, ...]) -> str:
    """The whole report as Markdown."""
    return "\n".join(
        [
            f"Score: {heading(score)}",
            "",
            *_table(("figure", "value"), figure_rows(score)),
            "",
            *_table(("SIAP attribute", "value"), siap_rows(score)),
            "",
            *_table(("group", "item", "found"), item_rows(items)),
            "",
            NOTE,
            "",
        ]
    )


def _table(head: tuple[str, ...], rows: list[Any]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]
