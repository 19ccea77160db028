"""Token buckets and growing delays against their closed forms, and their bounds in memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.serve.accounts.logins import Delays, Logins
from lowsky.serve.guard.rates import Buckets
from lowsky.serve.guard.settings import GuardSettings
from tests.serve.doors import Clock

STEPS = st.lists(st.floats(0.0, 3.0, allow_subnormal=False), max_size=80)


@given(STEPS, st.integers(1, 10), st.floats(0.1, 5.0))
def test_a_bucket_lets_through_its_burst_and_its_rate_and_no_more(steps: list[float], burst: int, per_s: float) -> None:
    clock = Clock(0.0)
    buckets = Buckets(per_s, burst, clock)
    let_in = 0
    for step in steps:
        clock.now_s += step
        let_in += buckets.take("a") == 0.0
    assert let_in <= burst + per_s * clock.now_s + 1e-6
    clock.now_s += burst / per_s + 1.0
    assert [buckets.take("a") == 0.0 for _ in range(burst + 1)] == [True] * burst + [False]


@given(st.floats(0.1, 100.0))
def test_who_waits_as_told_is_let_in(per_s: float) -> None:
    clock = Clock(0.0)
    buckets = Buckets(per_s, 1, clock)
    assert buckets.take("a") == 0.0
    wait_s = buckets.take("a")
    assert wait_s == pytest.approx(1.0 / per_s)
    clock.now_s += wait_s * 1.000001
    assert buckets.take("a") == 0.0


def test_what_costs_more_takes_more_and_never_more_than_there_can_be() -> None:
    clock = Clock(0.0)
    buckets = Buckets(2.0, 10, clock)
    assert buckets.take("a", 7.0) == 0.0
    assert buckets.take("a", 7.0) == pytest.approx(2.0)
    assert buckets.take("a", 3.0) == 0.0
    clock.now_s += 5.0
    assert buckets.take("a", 1e9) == 0.0


def test_clients_are_counted_apart_and_only_so_many_are_remembered() -> None:
    buckets = Buckets(1.0, 1, Clock(), most=100)
    assert all(buckets.take(f"client {i}") == 0.0 for i in range(1_000))
    assert len(buckets) == 100
    delays = Delays(1, 10.0, 100.0, Clock(), most=100)
    for i in range(1_000):
        delays.attempt(f"client {i}")
    assert len(delays) == 100


def test_a_delay_doubles_up_to_the_longest_and_is_forgotten() -> None:
    clock = Clock(0.0)
    delays = Delays(3, 60.0, 600.0, clock)
    waits = []
    for _ in range(12):
        waits.append(delays.wait_s("a"))
        clock.now_s += waits[-1]
        delays.attempt("a")
    assert waits == [0.0] * 3 + [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0]
    assert delays.wait_s("b") == 0.0
    clock.now_s += 600.0
    assert delays.wait_s("a") == 0.0
    delays.attempt("a")
    assert delays.wait_s("a") == 0.0  # it counts from one again


def test_a_thousand_failures_do_not_overflow() -> None:
    clock = Clock(0.0)
    delays = Delays(1, 900.0, 1e9, clock)
    for _ in range(5_000):
        delays.attempt("a")
    assert delays.wait_s("a") == 900.0


def test_success_forgives_and_what_nobody_looked_at_does_not_count() -> None:
    delays = Delays(1, 900.0, 3600.0, Clock())
    delays.attempt("a")
    assert delays.wait_s("a") > 0.0
    delays.undone("a")
    assert delays.wait_s("a") == 0.0
    delays.attempt("a")
    delays.succeeded("a")
    assert delays.wait_s("a") == 0.0
    delays.undone("never seen")


def test_attempts_at_the_same_moment_are_no_way_round() -> None:
    """An attempt counts from when it begins: of fifty at once, before any is found wrong, five are looked at."""
    logins = Logins(Clock())
    assert [logins.wait_s("192.0.2.1", "kim") == 0.0 for _ in range(50)] == [True] * 5 + [False] * 45


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("sfu")), max_size=60))
def test_right_logins_never_lock_anybody_out(events: list[tuple[str, str, str]]) -> None:
    """Whatever happens, a pair of address and name that has just logged in may log in again at once."""
    clock = Clock()
    logins = Logins(clock)
    for address, name, outcome in events:
        if logins.wait_s(address, name) == 0.0:
            if outcome == "s":
                logins.succeeded(address, name)
                assert logins.wait_s(address, name) == 0.0
                logins.succeeded(address, name)
            elif outcome == "u":
                logins.undone(address, name)
        clock.now_s += 1.0


@pytest.mark.parametrize("name", [n for n in GuardSettings.__struct_fields__ if n not in ("hosts", "trusted_proxies")])
@pytest.mark.parametrize("value", [0, -1, float("nan"), 1e9])
def test_a_setting_that_makes_no_sense_is_refused(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        GuardSettings(**{name: value})  # type: ignore[arg-type]
