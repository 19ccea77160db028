"""The fixtures of two decoders by others, field by field; what is broken is an error, never more."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.asterix.bits import Value, scale_beside
from lowsky.wire.asterix.description import category, name_of
from lowsky.wire.asterix.faults import AsterixError
from lowsky.wire.asterix.layout import Compound, Field, Fixed
from lowsky.wire.asterix.reading import read_block, read_expansion, records
from lowsky.wire.asterix.writing import encode
from tests.wire.asterix.items import datablocks, edition_of, lookup

LIBASTERIX = """cat010_ed1.1 cat015_ed1.2 cat016_ed1.0 cat019_ed1.3 cat020_ed1.10 cat021_ed2.6 cat034_ed1.29 cat034_raw
    cat048_ed1.32 cat048_raw cat062_ed1.20 cat062cat065_raw cat063_ed1.7 cat065_ed1.6 cat205_ed1.0 cat21_re cat240_ed1.3
    cat_034_048""".split()
ASTERIX_DECODER = [
    stem for stem in LIBASTERIX if stem not in ("cat015_ed1.2", "cat016_ed1.0", "cat062_ed1.20", "cat205_ed1.0")
]
NOT_LIBASTERIX = {(10, "202"): 4.0, (10, "210"): 4.0}  # its scale does not fit the ranges of these items
NOT_THE_SAME_WAY = {
    "an address, octets or letters as hexadecimal or blank text": """10/220 10/245 20/220 20/245 21/080 21/170 48/220
        48/240 240/030 240/050 240/051 240/052""",
    "Comm-B data, resolution advisories and bit lists opened or cut otherwise": """10/250 20/100 20/250 20/260 20/400
        21/250 21/260 21/RE 48/250 48/260 19/552""",
    "another unit: ns, Mach/1000, knots, feet": "21/074 21/076 21/150 48/200 48/210 62/135 62/136 62/380 62/390",
    "rounded scale": "10/270 34/120",
    "another edition": "48/020 63/060 65/040",
    "another sign": "19/620 20/500",
}
DIFFERENT = {word for words in NOT_THE_SAME_WAY.values() for word in words.split()}


def _source(shared: Path, stem: str) -> Path:
    folder = shared / "data" / "asterix"
    for name in (f"random/{stem}.ast", f"samples/{stem}.ast", f"samples/{stem.removesuffix('_raw')}.raw"):
        if (folder / name).is_file():
            return folder / name
    raise FileNotFoundError(stem)


def _read(path: Path) -> list[tuple[int, dict[str, Value]]]:
    find = lookup(edition_of(path))
    return [(block[0], items) for block in datablocks(path.read_bytes()) for items in read_block(block, find)]


def _expected(shared: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (shared / "data/asterix/expected" / name).read_text("utf-8").splitlines()]


def _same(ours: Value, theirs: Any, factor: float = 1.0) -> bool:
    """Equal, but for characters that are none, which they leave out."""
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(_same(ours[k], theirs[k], factor) for k in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(_same(a, b, factor) for a, b in zip(ours, theirs, strict=True))
    if isinstance(theirs, str):
        return ours in (theirs, theirs.ljust(8)) or ours.replace("?", "") == theirs
    return bool(ours == (theirs if factor == 1.0 else theirs * factor))


def _plain(items: dict[str, Value], number: int, edition: str) -> dict[str, Value]:
    """The same with fields that depend on others as the bits they are, as libasterix gives them."""
    layout = category(name_of(number), edition)
    parts: list[tuple[dict[str, Value], Fixed]] = []
    for name, value in items.items():
        inner = layout.items[name]
        subitems = dict(s for s in inner.subitems if s) if isinstance(inner, Compound) else {"": inner}
        values = value if isinstance(inner, Compound) else {"": value}
        parts += [(values[k], part) for k, part in subitems.items() if k in values and isinstance(part, Fixed)]
    for values, fixed in parts:
        for field in fixed.fields:
            if field.depends:
                values[field.name] = _bits(values, field)
    return items


def _bits(values: dict[str, Value], field: Field) -> int:
    said: float = values[field.name]
    return round(said / (scale_beside(field, values).lsb or 1.0))


@pytest.mark.parametrize("stem", LIBASTERIX)
def test_every_value_is_that_of_libasterix(shared: Path, stem: str) -> None:
    path = _source(shared, stem)
    expected = _expected(shared, f"{stem}.libasterix.jsonl")
    found = _read(path)
    assert [number for number, _ in found] == [record["cat"] for record in expected]
    for (number, items), record in zip(found, expected, strict=True):
        plain = _plain(items, number, edition_of(path).get(number, ""))
        assert plain.keys() == record["items"].keys()
        for name, theirs in record["items"].items():
            factor = NOT_LIBASTERIX.get((number, name), 1.0)
            assert _same(plain[name], theirs, factor), (number, name, plain[name], theirs)


def _values(item: Any) -> Iterator[Any]:
    """The values of an item as asterix-decoder gives it, without bits that mean nothing."""
    if isinstance(item, dict) and "val" in item:
        yield item["val"]
    elif isinstance(item, dict):
        for name, inner in item.items():
            if not name.lower().startswith(("fx", "spare")):
                yield from _values(inner)
    elif isinstance(item, list):
        for inner in item:
            yield from _values(inner)


def _leaves(value: Value) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    else:
        yield value


def _close(ours: list[Any], theirs: list[Any]) -> bool:
    def order(values: list[Any]) -> tuple[list[str], list[float]]:
        return sorted(v for v in values if isinstance(v, str)), sorted(v for v in values if not isinstance(v, str))

    (words, numbers), (their_words, their_numbers) = order(ours), order(theirs)
    return (
        words == their_words
        and len(numbers) == len(their_numbers)
        and all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(numbers, their_numbers, strict=True))
    )


@pytest.mark.parametrize("stem", ASTERIX_DECODER)
def test_values_are_those_of_asterix_decoder_but_for_known_ways_of_writing(shared: Path, stem: str) -> None:
    found = _read(_source(shared, stem))
    expected = _expected(shared, f"{stem}.asterix-decoder.jsonl")
    assert len(found) == len(expected)
    compared = 0
    for (number, items), record in zip(found, expected, strict=True):
        theirs = {name.removeprefix("I"): item for name, item in record.items() if name.startswith("I") or name == "RE"}
        assert items.keys() == theirs.keys()
        for name, item in theirs.items():
            if f"{number}/{name}" not in DIFFERENT:
                compared += 1
                assert _close(list(_leaves(items[name])), list(_values(item))), (number, name, items[name], item)
    assert compared >= len(found)


def test_drones_that_identify_themselves_are_read_as_they_were_written(shared: Path) -> None:
    lines = (shared / "data/asterix/cat129/cat129_ed1.2.jsonl").read_text().splitlines()
    assert len(lines) == 55
    for line in lines:
        case = json.loads(line)
        said, octets = case["fields"], bytes.fromhex(case["hex"])
        ((items),) = read_block(octets)
        assert items["010"] == {"SAC": said["sac"], "SIC": said["sic"]}
        assert items["050"] == said["country"]
        assert items["070"] == said["tod"]
        assert items["080"]["LAT"] == pytest.approx(said["lat"], abs=1e-7)
        assert items["080"]["LON"] == pytest.approx(said["lon"], abs=1e-7)
        for field, item in (("amsl", "090"), ("agl", "100"), ("acc", "110"), ("man", "020"), ("model", "030")):
            if said.get(field) is not None:
                assert items[item] == (said[field] if isinstance(said[field], str) else pytest.approx(said[field]))
        if said.get("vel") is not None:
            assert [items["185"]["VX"], items["185"]["VY"]] == pytest.approx(said["vel"])
        assert encode(129, [items]) == octets


def test_expansion_field_of_a_recorded_report(shared: Path) -> None:
    """As asterix-decoder reads it."""
    expected = _expected(shared, "cat21_re.asterix-decoder.jsonl")
    for (_, items), record in zip(_read(_source(shared, "cat21_re")), expected, strict=True):
        found = read_expansion(21, items["RE"])
        assert found is not None
        assert _close(list(_leaves(found)), list(_values(record["IRE"])))
    assert read_expansion(34, "00") is None
    assert read_expansion(48, "ff") is None


def _outcome(data: bytes) -> tuple[list[tuple[int, int]], AsterixError | None]:
    """First octet and end of the records of a datablock, and what ended them."""
    found: list[tuple[int, int]] = []
    try:
        for _, start, end in records(data):
            found.append((start, end))
    except AsterixError as error:
        return found, error
    return found, None


def test_nothing_broken_is_read_beyond_its_fault(shared: Path) -> None:
    """Each ends in an error, or in the records before the fault."""
    for line in (shared / "data/asterix/robustness.jsonl").read_text().splitlines():
        case = json.loads(line)
        data = bytes.fromhex(case["hex"])
        found, error = _outcome(data)
        if error is not None:
            assert 0 <= error.octet <= len(data), case["case"]
        else:
            assert found[-1][1] == int.from_bytes(data[1:3], "big") <= len(data), case["case"]


@given(data=st.binary(max_size=200), number=st.sampled_from([1, 10, 21, 48, 62, 240]))
def test_garbage_is_read_or_refused(data: bytes, number: int) -> None:
    block = bytes([number]) + (len(data) + 3).to_bytes(2, "big") + data
    found, error = _outcome(block)
    assert [start for start, _ in found] == [3, *(end for _, end in found)][: len(found)]
    if error is None:
        assert found[-1][1] == len(block)
    else:
        assert str(error).startswith("octet ")
