"""What may be turned while the tracker runs is, and nothing else."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.tracking.settings import Settings
from lowsky.tracking.turning import TURNABLE, turned, turned_text


def test_what_can_be_turned_are_settings_whose_defaults_are_allowed() -> None:
    assert set(TURNABLE) <= {field.name for field in fields(Settings)}
    assert turned(Settings(), turned_text(Settings())) == Settings()


@given(st.floats(0.01, 1000.0))
def test_a_turned_setting_is_read_back_as_it_was(rate: float) -> None:
    now = turned(Settings(), f'{{"false_tracks_per_hour": {rate!r}}}')
    assert now.false_tracks_per_hour == rate
    assert turned(Settings(), turned_text(now)) == now


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[1]", "no object"),
        ('{"gate": 3}', "gate"),
        ('{"false_tracks_per_hour": 0}', "between"),
        ('{"false_tracks_per_hour": NaN}', "between"),
        ('{"false_tracks_per_hour": true}', "no number"),
        ('{"false_tracks_per_hour": "2"}', "no number"),
    ],
)
def test_what_cannot_be_used_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        turned(Settings(), text)
