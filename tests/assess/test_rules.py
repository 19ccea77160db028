"""Rules refuse what cannot be one; docs/warnings.md names every rule with its default and nothing else."""

from __future__ import annotations

import math
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from lowsky.assess.rules import POSITIVE, SHARES, SIGNED, Rules, rules_from_text, rules_text
from lowsky.model.action import Action, ActionKind
from tests.assess.nights import Night, State, flown

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "warnings.md").read_text()
TABLE = PAGE.partition("<!-- rules")[2]
ROWS = dict(re.findall(r"^\| `(\w+)` \| ([^|]*) \|", TABLE, re.MULTILINE))


@pytest.mark.parametrize("name", [f.name for f in fields(Rules)])
def test_a_rule_stands_with_its_default(name: str) -> None:
    value = getattr(Rules(), name)
    if isinstance(value, tuple):
        assert ROWS[name] == ", ".join(kind.word for kind in value)
    else:
        assert float(ROWS[name]) == pytest.approx(value)


def test_no_rule_stands_that_is_none() -> None:
    assert set(ROWS) == {f.name for f in fields(Rules)}


def test_rules_in_the_text_exist() -> None:
    known = {f.name for f in fields(Rules)} | {"radius_m", "bottom_m", "top_m", "time_s", "arrival_s"}
    known |= {"arrival_early_s", "arrival_late_s", "raised_s", "acknowledged_s"}
    named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)*_(?:s|m|ns|mps|rad|up|down))`", PAGE))
    assert named <= known
    assert len(named & {f.name for f in fields(Rules)}) > 15


@pytest.mark.parametrize("path", re.findall(r"`((?:kernels|assess)/\w+\.py)`", PAGE))
def test_modules_in_the_text_exist(path: str) -> None:
    assert (ROOT / "src" / "lowsky" / path).is_file()


@pytest.mark.parametrize(
    "wrong",
    [
        {"look_s": -1.0},
        {"hold_s": math.nan},
        {"lost_s": math.inf},
        {"leg_s": 0.0},
        {"watch_up": 1.5},
        {"watch_down": 0.4},
        {"warning_horizon_s": 10.0},
        {"warning_horizon_s": 200.0},
    ],
)
def test_what_cannot_be_a_rule_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^\w+: .*(between|more than)") as caught:
        Rules(**wrong)
    assert any(name in str(caught.value) for name in wrong)


def test_levels_may_do_without_hysteresis_and_odds_may_be_negative() -> None:
    rules = Rules(watch_down=0.3, slow_odds=-2.0, look_s=0.0)
    assert (rules.watch_down, rules.slow_odds) == (rules.watch_up, -2.0)


def test_names_of_special_rules_are_names_of_rules() -> None:
    assert {f.name for f in fields(Rules)} >= SIGNED | POSITIVE | SHARES


def test_rules_can_be_changed_at_a_tick() -> None:
    """Whoever raises the horizon is warned earlier; what cannot be a rule changes nothing and is counted."""
    near, far = Rules(watch_horizon_s=20.0, warning_horizon_s=15.0, imminent_horizon_s=10.0), Rules()
    flight: State = (0.0, 6000.0, 200.0, 0.0, -45.0, 0.0)
    standing = []
    for rules in ([], [far]):
        night = Night(rules=near)
        night.fly({7: flight}, 40)
        actions = [Action(night.time_ns, ActionKind.SET_RULES, value=rules_text(r)) for r in rules]
        night.tick({7: flown(flight, 40)}, *actions)
        standing.append(len(night.tick({7: flown(flight, 41)})))
    assert standing == [0, 1]
    assert rules_from_text(rules_text(near)) == near
    before = night.state.rules
    for text in ('{"look_s": -1.0}', "none"):
        night.tick({}, Action(night.time_ns, ActionKind.SET_RULES, value=text))
    assert night.state.rules == before
    assert night.state.tally["without_effect"] == 2
