"""Every setting reaches the kernels, and the kernels read nothing that is not set."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowsky.kernels import layout
from lowsky.tracking.settings import FACTORS, NOT_RULES, MotionModel, Settings, rules_of

HEIGHT_M = 12.5
KERNELS = Path(layout.__file__).parent
PLAIN = [field.name for field in fields(Settings) if field.name not in NOT_RULES]


def _changed(settings: Settings) -> set[str]:
    """Names of the rules that differ from those of the defaults."""
    ours, default = rules_of(settings, HEIGHT_M), rules_of(Settings(), HEIGHT_M)
    return {name for name in layout.RULES.names or () if not np.array_equal(ours[name], default[name])}


@pytest.mark.parametrize("name", PLAIN)
def test_a_setting_reaches_its_rule_in_the_unit_of_the_kernels(name: str) -> None:
    rule, factor = FACTORS.get(name, (name, 1))
    value = 3.0 * getattr(Settings(), name) + 1.0
    changed: Any = {name: value}
    assert _changed(replace(Settings(), **changed)) == {rule}
    rules = rules_of(replace(Settings(), **changed), HEIGHT_M)
    assert rules[rule] == pytest.approx(value * factor, rel=1e-9)


def test_times_are_nanoseconds_and_densities_a_square_metre() -> None:
    rules = rules_of(Settings(lag_s=0.25, start_density_per_km2=2.0), HEIGHT_M)
    assert rules.lag_ns == 250_000_000
    assert rules.start_density_m2 == pytest.approx(2e-6)
    assert rules.origin_height_m == HEIGHT_M
    for name, (rule, _) in FACTORS.items():
        assert name.endswith("_s") == rule.endswith("_ns"), name


def test_models_and_switching_reach_theirs() -> None:
    models = tuple(MotionModel(0.1 * k, 0.2 * k, 1.0 + k, 2.0 + k, 3.0 + k) for k in range(3))
    settings = Settings(models=models, switching_per_s=((9.0, 1.0, 2.0), (3.0, 9.0, 4.0), (5.0, 6.0, 9.0)))
    assert _changed(settings) == {"models", "rates"}
    rules = rules_of(settings, HEIGHT_M)
    np.testing.assert_allclose(rules["models"], [[0.1 * k, 0.2 * k, 1.0 + k, 2.0 + k, 3.0 + k] for k in range(3)])
    np.testing.assert_allclose(rules["rates"], [[-3.0, 1.0, 2.0], [3.0, -7.0, 4.0], [5.0, 6.0, -11.0]])
    assert _changed(Settings(start_probability=(0.2, 0.3, 0.5))) == {"start_mu"}
    assert _changed(Settings(trace=True)) == set()


def test_rules_are_what_is_declared_and_nothing_else() -> None:
    declared = {FACTORS.get(name, (name, 1))[0] for name in PLAIN}
    assert declared | {"models", "rates", "start_mu", "origin_height_m"} == set(layout.RULES.names or ())


def test_every_rule_is_read_by_a_kernel() -> None:
    """A setting that nothing reads would be a promise not kept."""
    text = "\n".join(p.read_text() for p in sorted(KERNELS.glob("*.py")) if p.name != "layout.py")
    read = set(re.findall(r"\brules\.(\w+)", text))
    assert set(layout.RULES.names or ()) == read


def test_defaults_are_probabilities_and_ordered_thresholds() -> None:
    s = Settings()
    assert sum(s.start_probability) == pytest.approx(1.0)
    assert len(s.models) == len(s.switching_per_s) == len(s.start_probability) == layout.MODELS
    assert 0 < s.drop < s.hide < s.sure < 1
    assert s.speed_slow_mps < s.speed_fast_mps
    assert s.frame_s < s.lag_s
