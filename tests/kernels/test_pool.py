"""The pool conserves rows, keeps each list in order of time, and waits again for what has not been worked."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from lowsky.kernels import pool
from lowsky.kernels.fates import keep
from lowsky.kernels.layout import FAR_NS, NEVER_NS, World
from lowsky.kernels.pool import LOOKS, REPORTS
from lowsky.kernels.timeline import earliest, oldest_waiting
from tests.kernels.worlds import CAMERA, RADAR_2D, RADAR_3D, START_NS, report, small_world

SENSORS = (RADAR_3D, RADAR_2D, CAMERA)


def _list(w: World, sensor: int, column: int = REPORTS) -> list[int]:
    """Pool rows of a list in order, checking its links and ends."""
    own, rows, before = w.lists[sensor, column], list[int](), -1
    j = int(own.head)
    while j >= 0:
        assert w.turns[j].before == before
        rows.append(j)
        before, j = j, int(w.turns[j].after)
    assert own.tail == before
    assert own.next == -1 or own.next in rows
    wait_ns = pool.LOOK_WAIT_NS if column == LOOKS else 0
    assert own.oldest_ns == (w.pool[own.next].time_ns + wait_ns if own.next >= 0 else FAR_NS)
    return rows


ACTS = st.one_of(
    st.tuples(st.just("keep"), st.integers(0, 2), st.integers(0, 20)),
    st.tuples(st.just("work"), st.integers(0, 2), st.integers(0, 5)),
    st.tuples(st.just("rewind"), st.integers(0, 2), st.integers(0, 20)),
    st.tuples(st.just("forget"), st.integers(0, 2), st.integers(0, 20)),
)


@given(st.lists(ACTS, max_size=60))
@examples(max_examples=40)
def test_a_list_is_what_was_put_into_it_in_order_of_time(acts: list[tuple[str, int, int]]) -> None:
    """Beside a plain model: a sorted list, of which what is up to a time has been worked."""
    w = small_world()
    model: dict[int, list[tuple[int, int]]] = {s: [] for s in SENSORS}
    worked, late = dict.fromkeys(SENSORS, -1), dict.fromkeys(SENSORS, 0)
    for serial, (act, which, at) in enumerate(acts, 1):
        s = SENSORS[which]
        if act == "keep":
            keep(w, report({1: 0.1}, sensor=s, time_ns=START_NS + at, raw=serial), REPORTS)
            model[s] = sorted([*model[s], (at, serial)], key=lambda one: one[0])
            if at <= worked[s]:
                late[s] += 1
        elif act == "work" and w.lists[s, REPORTS].next >= 0:
            to = int(w.lists[s, REPORTS].oldest_ns) - START_NS + at
            n = pool.pick_frame(w, w.lists[s, REPORTS], START_NS + to)
            waiting = [(t, raw) for t, raw in model[s] if worked[s] < t <= to]
            assert [int(w.pool[j].raw) for j in w.picked[:n]] == [raw for _, raw in waiting]
            pool.pass_row(w, s, REPORTS, w.picked[n - 1])
            worked[s], w.queues[s].worked_ns = to, START_NS + to
        elif act == "rewind":
            worked[s] = min(worked[s], at)
            w.queues[s].worked_ns = START_NS + worked[s] if worked[s] >= 0 else NEVER_NS
            pool.rewind(w)
            late[s] = 0
        elif act == "forget" and late[s] == 0:
            queues = w.queues.copy()
            queues["worked_ns"], queues["look_ns"] = NEVER_NS, NEVER_NS
            queues["worked_ns"][s] = START_NS + min(worked[s], at)
            pool.forget(w, queues)
            model[s] = [(t, raw) for t, raw in model[s] if t > min(worked[s], at)]
    held: list[int] = []
    for s in SENSORS:
        rows = _list(w, s)
        assert [int(w.pool[j].raw) for j in rows] == [raw for _, raw in model[s]]
        held += rows
    free = w.pool_free[: w.tally.waiting_free].tolist()
    assert sorted(held + free) == list(range(len(w.pool)))


def test_a_frame_too_great_for_the_room_is_seen_to_be() -> None:
    w = small_world()
    w = w._replace(picked=np.zeros(3, dtype=np.int32))
    for k in range(5):
        keep(w, report({1: 0.1 * k}, sensor=CAMERA), REPORTS)
    assert pool.pick_frame(w, w.lists[CAMERA, REPORTS], START_NS) == 3


def test_a_repeat_is_known_among_others_of_its_time() -> None:
    w = small_world()
    for k in range(4):
        keep(w, report({1: 0.1 * k, 2: 0.2}, sensor=CAMERA, time_ns=START_NS + k // 3), REPORTS)
    own = w.lists[CAMERA, REPORTS]
    assert pool.is_kept(w, own, report({1: 0.1, 2: 0.2}, sensor=CAMERA, time_ns=START_NS))
    for other in (
        report({1: 0.1, 2: 0.2}, sensor=CAMERA, time_ns=START_NS + 1),
        report({1: 0.1, 2: 0.3}, sensor=CAMERA, time_ns=START_NS),
        report({1: 0.1}, sensor=CAMERA, time_ns=START_NS),
        report({1: 0.1, 2: 0.2}, 2.0, sensor=CAMERA, time_ns=START_NS),
        report({1: 0.1, 2: 0.2}, sensor=CAMERA, time_ns=START_NS, identity=3),
    ):
        assert not pool.is_kept(w, own, other)


THINGS = st.tuples(
    st.sampled_from([0, 1, 2, 100_000_000, 100_000_001]), st.integers(0, 2), st.sampled_from([REPORTS, LOOKS])
)


@given(st.lists(THINGS, max_size=10))
@examples(max_examples=30)
def test_the_earliest_is_by_turn_then_reports_before_looks_then_sensor(things: list[tuple[int, int, int]]) -> None:
    w = small_world()
    for at, s, column in things:
        keep(w, report({1: 0.1}, sensor=s, time_ns=START_NS + at), column)
    turns = ((START_NS + at + (pool.LOOK_WAIT_NS if column == LOOKS else 0), column, s) for at, s, column in things)
    turn_ns, column, s = min(turns, default=(FAR_NS, REPORTS, -1))
    assert tuple(earliest(w)) == (s, column)
    assert oldest_waiting(w) == turn_ns
