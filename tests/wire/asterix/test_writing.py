"""Every item of every edition goes to bytes and back; what cannot be written is refused by name."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowsky.wire.asterix.description import CATEGORIES, EXPANSIONS, category, editions, name_of
from lowsky.wire.asterix.reading import newest, read_block, read_expansion, read_record
from lowsky.wire.asterix.writing import datablock, encode, write_record
from tests.wire.asterix.items import ALL_EDITIONS, item, lookup, record


@pytest.mark.parametrize("number", CATEGORIES)
@settings(max_examples=40)
@given(data=st.data())
def test_records_come_back_as_they_were(number: int, data: st.DataObject) -> None:
    edition = data.draw(st.sampled_from(editions(name_of(number))))
    layout = category(name_of(number), edition)
    items = data.draw(st.lists(record(layout), min_size=1, max_size=3))
    written = encode(number, items, edition)
    assert read_block(written, lookup({number: edition})) == items
    assert encode(number, items, edition) == written


@pytest.mark.parametrize(("number", "edition"), ALL_EDITIONS)
def test_every_item_of_every_edition_comes_back(number: int, edition: str) -> None:
    layout = category(name_of(number), edition)

    @settings(max_examples=3, database=None)
    @given(data=st.data())
    def comes_back(data: st.DataObject) -> None:
        for name, inner in layout.items.items():
            if name != layout.selector and any(name in p.order for p in layout.profiles[:1]):
                items = {name: data.draw(item(inner))}
                assert read_block(encode(number, [items], edition), lookup({number: edition})) == [items]

    comes_back()


@pytest.mark.parametrize("name", EXPANSIONS)
@settings(max_examples=60)
@given(data=st.data())
def test_expansion_fields_come_back(name: str, data: st.DataObject) -> None:
    layout = category(name)
    items = data.draw(record(layout))
    octets = write_record(layout, items)
    assert read_record(layout, octets, 0, len(octets)) == (items, len(octets))
    assert read_expansion(int(name[:3]), octets.hex()) == items


def test_a_track_by_hand() -> None:
    """Against the bytes written out by hand from the specification of category 062, sections 5.2.1 to 5.2.9."""
    items = {"010": {"SAC": 25, "SIC": 100}, "070": 30911.6640625, "105": {"LAT": 45.0, "LON": -90.0}, "040": 4980}
    assert encode(62, [items]).hex() == "3e0014" + "9908" + "1964" + "3c5fd5" + "00800000" + "ff000000" + "1374"
    assert newest(62) is category("062", "1.21")


@pytest.mark.parametrize(
    ("number", "items", "words"),
    [
        (48, {"040": {"RHO": 300.0, "THETA": 0.0}}, "040/RHO: 300.0 is not between 0 and 255.99"),
        (48, {"040": {"RHO": 1.0}}, "040/THETA has no value"),
        (48, {"040": {"RHO": float("nan"), "THETA": 0.0}}, "040/RHO: nan is no number"),
        (48, {"040": {"RHO": float("inf"), "THETA": 0.0}}, "040/RHO: inf is no number"),
        (48, {"040": {"RHO": "far", "THETA": 0.0}}, "040/RHO: 'far' is no number"),
        (48, {"041": 1}, "category 048 edition 1.32 has no item '041'"),
        (48, {}, "category 048 edition 1.32 needs an item"),
        (48, {"010": {"SAC": 1, "SIC": 1, "SOC": 1}}, "010: there is no field 'SOC'"),
        (48, {"020": {"TYP": 1, "SIM": 0}}, "020/RDP has no value"),
        (48, {"020": {"TIP": 1}}, "020: {'TIP': 1} is not made of the fields"),
        (48, {"240": "lower   "}, "240: 'lower   ' has a character"),
        (48, {"240": "TOOLONGNAME"}, "240: 'TOOLONGNAME' is no text of at most 8"),
        (48, {"070": {"V": 0, "G": 0, "L": 0, "MODE3A": "7778"}}, "070/MODE3A: '7778' has a character"),
        (48, {"250": [{"MBDATA": 0, "BDS1": 0, "BDS2": 0}] * 256}, "250: 256 elements are too many"),
        (48, {"030": []}, "030: [] is no list of elements"),
        (48, {"130": {"XYZ": 1}}, "130: {'XYZ': 1} is not made of the subitems"),
        (48, {"SP": "00" * 255}, "SP: 255 octets are too many"),
    ],
)
def test_what_cannot_be_written_is_named(number: int, items: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        encode(number, [items])


def test_blocks_have_limits_and_editions_are_known() -> None:
    with pytest.raises(ValueError, match="65536 octets"):
        datablock(48, bytes(65_533))
    with pytest.raises(ValueError, match="3 octets"):
        encode(48, [])
    with pytest.raises(KeyError, match=r"edition '9\.9' of category 048"):
        encode(48, [{"161": {"TRN": 1}}], "9.9")
    with pytest.raises(KeyError, match="category 247"):
        encode(247, [{"010": 1}])
