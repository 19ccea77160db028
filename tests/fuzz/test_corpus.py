"""Every input that was ever a defect, and some hundred mutations of each corpus, against the rules of their format."""

import json
import random
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.invariants import RECEIVED_NS, check_books, make_decoder
from fuzz.many import fuzz as fuzz_many
from fuzz.mutate import MAX_LENGTH, mutated
from fuzz.own import fuzz
from fuzz.run import count
from fuzz.targets import CORPUS, NAMES, Target, find_target
from lowsky.model.sensor import Origin, Site
from lowsky.wire.decoded import Decoded
from lowsky.wire.formats import format_names

ROOT = Path(__file__).resolve().parents[2]
INPUTS = [(name, seed) for name in NAMES for seed in find_target(name).seeds()]


@pytest.mark.parametrize(("name", "seed"), INPUTS, ids=[f"{name}/{seed}" for name, seed in INPUTS])
def test_the_corpus(name: str, seed: str) -> None:
    find_target(name).one((CORPUS / name / seed).read_bytes())


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=100)
@given(seed=st.integers(0, 2**64 - 1))
def test_mutations_of_the_corpus(name: str, seed: int) -> None:
    target = find_target(name)
    target.one(mutated(random.Random(seed), list(target.seeds().values()), target.dictionary))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=50)
@given(data=st.binary(max_size=200))
def test_noise(name: str, data: bytes) -> None:
    find_target(name).one(data)


def test_every_format_that_comes_in_has_a_target_with_a_corpus() -> None:
    assert set(format_names()) <= set(NAMES)
    assert {p.name for p in CORPUS.iterdir() if p.is_dir()} <= set(NAMES)
    assert all(find_target(name).seeds() for name in NAMES)


@given(seed=st.integers(0, 2**32), corpus=st.lists(st.binary(max_size=50), max_size=3))
def test_mutations_are_bounded_and_the_same_again(seed: int, corpus: list[bytes]) -> None:
    first, again = (mutated(random.Random(seed), corpus, (b"word",)) for _ in range(2))
    assert first == again
    assert len(first) <= MAX_LENGTH


def broken(data: bytes) -> None:
    if b"word" in data:
        raise ValueError("found")


def test_the_own_engine_finds_counts_and_names_a_defect() -> None:
    script = (
        "from fuzz.own import fuzz; from fuzz.targets import Target; from tests.fuzz.test_corpus import broken;"
        "found = fuzz(Target('none', broken, (b'word',), None), 0.5, 7);"
        "print(found.executions, *found.defects)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={"PYTHONPATH": "src:."}, capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    executions, what = done.stdout.split(" ", 1)
    assert int(executions) >= 64
    assert what.startswith("ValueError 'found' at test_corpus.py:")


def test_executions_add_up_by_format(tmp_path: Path) -> None:
    path = tmp_path / "new" / "executions.json"
    for name, n in (("a", 3), ("b", 1), ("a", 4)):
        count(path, name, n)
    assert json.loads(path.read_text()) == {"a": 7, "b": 1}


def test_a_format_that_is_none() -> None:
    with pytest.raises(KeyError):
        find_target("run")
    assert callable(fuzz)
    assert Target("x", broken, (), None).seeds() == {}


def test_in_company_the_culprit_is_found_and_what_needs_company_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful:
        """Cannot bear an odd input, nor to read a thousand."""

        def __init__(self) -> None:
            self.read = 0

        def push(self, data: bytes, received_ns: int) -> None:
            self.read += 1
            assert self.read < most, "too many"
            assert len(data) % 2 == 0 or not odd, "odd"

        def take(self) -> Decoded:
            return Decoded()

    monkeypatch.setattr("fuzz.many.make_decoder", lambda *_: Forgetful())
    odd, most = True, 10**9

    def one(data: bytes) -> None:
        assert len(data) % 2 == 0, "odd"

    found = fuzz_many(Target("jsonl", one, (), None), 5.0, 1, tmp_path / "kept.json")
    assert [len(data) % 2 for data in found.defects.values()] == [1]
    odd, most = False, 1000
    found = fuzz_many(Target("jsonl", lambda data: None, (), None), 5.0, 1, tmp_path / "kept.json")
    assert found.executions == 1000
    assert list(found.defects.values()) == [b""]
    assert len(json.loads((tmp_path / "kept.json").read_text())) == 250


@pytest.mark.parametrize("name", format_names())
def test_a_site_without_sensors_counts_what_comes(name: str) -> None:
    """Who only listens, to learn who speaks, has no sensors yet."""
    options, nobody = find_target(name).options, Site((), Origin(51.0, 4.0, 0.0))
    loose = msgspec.structs.replace(options, sensor="", sensors={})
    for data in find_target(name).seeds().values():
        decoder = make_decoder(name, loose, True, nobody)
        decoder.push(data, RECEIVED_NS)
        decoder.close(RECEIVED_NS)
        decoded = decoder.take()
        check_books(decoded)
        assert len(decoded.reports) == len(decoded.looks) == 0
