"""Identifiers: of the right shape, the same for the same thing, different for two."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.sapient.ids import Ids, is_ulid, is_uuid4, ulid, ulid_time_ns

LAST_NS = ((1 << 48) - 1) * 1_000_000


@given(time_ns=st.integers(0, LAST_NS), number=st.integers(0, (1 << 80) - 1))
def test_a_ulid_has_its_shape_and_keeps_its_time(time_ns: int, number: int) -> None:
    text = ulid(time_ns, number)
    assert is_ulid(text)
    assert ulid_time_ns(text) == time_ns // 1_000_000 * 1_000_000


def test_the_example_of_the_specification() -> None:
    # github.com/ulid/javascript: ulid(1469918176385) is 01ARYZ6S41TSV4RRFFQ69G5FAV
    assert ulid(1_469_918_176_385_000_000, 0)[:10] == "01ARYZ6S41"
    assert ulid_time_ns("01ARYZ6S41TSV4RRFFQ69G5FAV") == 1_469_918_176_385_000_000


@given(a=st.integers(0, LAST_NS), b=st.integers(0, LAST_NS))
def test_ulids_sort_by_their_time(a: int, b: int) -> None:
    if a // 1_000_000 < b // 1_000_000:
        assert ulid(a, (1 << 80) - 1) < ulid(b, 0)


@pytest.mark.parametrize(("time_ns", "number"), [(-1, 0), (LAST_NS + 1_000_000, 0), (0, 1 << 80), (0, -1)])
def test_what_is_no_ulid_is_refused(time_ns: int, number: int) -> None:
    with pytest.raises(ValueError, match="ULID"):
        ulid(time_ns, number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "81H4R63D7NVN8444Z5M77WEBY7",  # beyond 128 bits
        "01h4r63d7nvn8444z5m77weby7",
        "01H4R63D7NVN8444Z5M77WEBI7",  # no I, L, O, U
        "01H4R63D7NVN8444Z5M77WEBY",
        "01H4R63D7NVN8444Z5M77WEBY77",
        "01H4R63D7NVN8444Z5M77WEBY7\n",
        "a8654cdf-4328-47de-81fa-c495589e30c8",
    ],
)
def test_what_is_no_ulid_is_told(text: str) -> None:
    assert not is_ulid(text)
    with pytest.raises(ValueError, match="no ULID"):
        ulid_time_ns(text)


def test_uuids_are_of_version_4_in_lower_case() -> None:
    good = "a8654cdf-4328-47de-81fa-c495589e30c8"
    assert is_uuid4(good)
    for bad in (good.upper(), good.replace("47de", "17de"), good.replace("81fa", "c1fa"), good[:-1], "{" + good + "}"):
        assert not is_uuid4(bad), bad
    assert not is_uuid4(good.replace("-", ""))
    assert not is_uuid4(good + "\n")


@given(seed=st.binary(max_size=40), name=st.text(max_size=20))
def test_nodes_keep_their_uuid(seed: bytes, name: str) -> None:
    found = Ids(seed).node(name)
    assert found == Ids(seed).node(name)
    assert is_uuid4(found)
    assert uuid.UUID(found).version == 4


def test_two_things_have_two_identifiers() -> None:
    ids = Ids(b"seed")
    made = [ids.of("object", number, 10**18) for number in range(2000)]
    made += [ids.of("notice", number, 10**18) for number in range(2000)]
    made += [ids.next("report", 10**18) for _ in range(2000)]
    made += [Ids(b"other").of("object", number, 10**18) for number in range(2000)]
    assert len(set(made)) == len(made)
    assert all(map(is_ulid, made))
    assert ids.of("object", 7, 10**18) == Ids(b"seed").of("object", 7, 10**18)
