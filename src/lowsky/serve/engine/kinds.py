"""What objects probably are, as the assessment holds it at the last tick: for the map, and told with its evidence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lowsky.assess import AssessState
from lowsky.assess.habits import kind_probabilities
from lowsky.model.kinds import Kind

from ..answers.objects import KindChance
from ..answers.words import KINDS
from ..feed.columns import Table

SHOWN = 0.5  # probability from which on a kind is named on the map; below, it is unknown there
TOLD = 0.01  # from which on it is listed in the details
SURE_ODDS = 1.0  # logarithm of the odds at which a course speaks for something


@dataclass(frozen=True, slots=True)
class KindTable:
    """n objects ordered by number: probabilities (n, kinds), and what they rest on."""

    number: NDArray[np.int64]
    probability: NDArray[np.float64]
    told: NDArray[np.uint8]  # Kind that a receiver vouches for or somebody has set
    speed_mps: NDArray[np.float64]
    steady: NDArray[np.float64]  # logarithm of the odds of a steered flight over a bird's, from its course
    rcs_dbsm: NDArray[np.float64]
    drifts: NDArray[np.uint8]

    def row_of(self, number: int) -> int | None:
        """Row of an object, None: it is not there."""
        at = int(np.searchsorted(self.number, number))
        return at if at < len(self.number) and self.number[at] == number else None


def kind_table(assessment: AssessState) -> KindTable:
    """The kinds of all objects that the assessment follows, copied."""
    objects = assessment.tables["objects"]
    order = np.argsort(objects["number"], kind="stable")
    objects = objects[order]
    return KindTable(
        number=objects["number"].copy(),
        probability=kind_probabilities(objects, assessment.rules),
        told=objects["told"].copy(),
        speed_mps=objects["speed_mps"].copy(),
        steady=objects["steady"].copy(),
        rcs_dbsm=objects["rcs_dbsm"].copy(),
        drifts=objects["drifts"].copy(),
    )


def put_kinds(table: Table, kinds: KindTable) -> None:
    """Write kind and probability into rows of the feed; a kind that was told stays and is certain."""
    told = table["kind"] != Kind.UNKNOWN
    if len(kinds.number) and len(table["number"]):
        numbers = table["number"].astype(np.int64)
        at = np.minimum(np.searchsorted(kinds.number, numbers), len(kinds.number) - 1)
        found = kinds.number[at] == numbers
        best = kinds.probability[at].argmax(axis=1)
        chance = kinds.probability[at, best]
        known = found & ~told & (chance >= SHOWN)
        table["kind"][known] = best[known]
        table["kind_probability"][known] = chance[known]
    table["kind_probability"][told] = 1.0


def kind_chances(kinds: KindTable, number: int) -> tuple[KindChance, ...]:
    """What an object may be, the most probable first, each with what speaks for it."""
    row = kinds.row_of(number)
    if row is None:
        return ()
    words = _evidence(kinds, row)
    chances = kinds.probability[row]
    return tuple(
        KindChance(KINDS[kind], round(float(chances[kind]), 3), words.get(kind, ""))
        for kind in np.argsort(-chances, kind="stable").tolist()
        if chances[kind] >= TOLD
    )


def _evidence(kinds: KindTable, row: int) -> dict[int, str]:
    """For each kind what speaks for it, in words."""
    if kinds.told[row]:
        return {int(kinds.told[row]): "a receiver vouches for it, or somebody has set it"}
    speed, odds, rcs = (float(column[row]) for column in (kinds.speed_mps, kinds.steady, kinds.rcs_dbsm))
    size = "" if math.isnan(rcs) else f", cross section {rcs:.0f} dBsm"
    pace = f"{speed:.0f} m/s on average"
    steered = "a steady course" if odds > SURE_ODDS else "its course"
    wandering = "a wandering course" if odds < -SURE_ODDS else "its course"
    return {
        int(Kind.FIXED_WING): pace,
        int(Kind.MULTIROTOR): f"{steered}, {pace}{size}",
        int(Kind.BIRD): f"{wandering}, {pace}{size}",
        int(Kind.BALLOON): "it rises all the time",
    }
