"""The assessment from tick to tick: a straight flight into a place and one past it."""

from __future__ import annotations

import numpy as np

from lowsky.assess import new_assessment
from lowsky.model.notice import EventKind, Level
from tests.assess.nights import FRAME, Night, picture

INTO = (0.0, 4500.0, 200.0, 0.0, -45.0, 0.0)  # enters the harbour after 93 s
PAST = (2000.0, 4500.0, 200.0, 0.0, -45.0, 0.0)


def test_who_flies_into_a_place_has_one_notice_that_rises_and_ends() -> None:
    night = Night()
    batches = night.fly({7: INTO}, 200)
    raised = [e for e in night.events if e.kind is EventKind.RAISED]
    assert [(e.notice, e.call, e.track, e.place) for e in raised] == [(1, 1, 7, 0)]
    levels = [int(b.level[0]) for b in batches if len(b)]
    assert max(levels) == Level.IMMINENT
    assert levels[-1] == Level.CLEAR
    assert night.events[-1].kind is EventKind.ENDED


def test_arrival_is_when_it_enters() -> None:
    night = Night()
    for batch in night.fly({7: INTO}, 80):
        if len(batch) and batch.arrival_ns[0]:
            entry_ns = night.time_ns - (night.time_ns - batch.time_ns[0])
            left_s = (93.33 + 1.0) - (entry_ns - 1_800_000_000_000_000_000) / 1e9
            assert abs((batch.arrival_ns[0] - entry_ns) / 1e9 - left_s) < 0.02 * left_s + 0.5
            assert batch.early_ns[0] < batch.arrival_ns[0] < batch.late_ns[0]


def test_who_flies_past_has_none_above_a_watch() -> None:
    night = Night()
    batches = night.fly({7: PAST}, 150)
    assert max((int(level) for b in batches for level in b.level), default=0) <= Level.WATCH


def test_without_places_nothing_is_kept() -> None:
    night = Night(places=())
    assert sum(map(len, night.fly({7: INTO}, 100))) == 0
    assert len(night.state.tables["objects"]) == 0
    assert new_assessment((), night.state.rules, FRAME).places == ()


def test_rows_of_a_batch_fit_together() -> None:
    night = Night()
    for batch in night.fly({7: INTO, 9: (300.0, 4000.0, 150.0, 0.0, -40.0, 0.0)}, 60):
        assert np.all(np.diff(batch.notice) > 0)
        assert set(batch.track.tolist()) <= {7, 9}
    assert len(picture(0, {})) == 0
