"""ASTERIX as a format: readable records, and which bytes look like it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.asterix.format import FORMAT
from lowsky.wire.asterix.options import AsterixOptions
from lowsky.wire.asterix.writing import encode
from lowsky.wire.formats import find_format, guess_format

PLOT = {
    "010": {"SAC": 25, "SIC": 201},
    "140": 27_354.5,
    "020": {"TYP": 1, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0},
    "040": {"RHO": 4.0, "THETA": 90.0},
    "130": {"PAM": -60.0},
    "250": [{"MBDATA": 5, "BDS1": 4, "BDS2": 0}],
    "RE": "ff",
}


def test_records_are_shown_with_the_names_and_units_of_the_specification() -> None:
    reader = FORMAT.reader(AsterixOptions(), True)
    (shown,) = reader.push(encode(48, [PLOT]))
    assert (shown["category"], shown["edition"]) == (48, "1.32")
    assert shown["items"] == {
        "010 Data Source Identifier": {"SAC": 25, "SIC": 201},
        "140 Time of Day [s]": 27_354.5,
        "020 Target Report Descriptor": {"TYP": 1, "SIM": 0, "RDP": 0, "SPI": 0, "RAB": 0},
        "040 Measured Position in Polar Co-ordinates": {"RHO [NM]": 4.0, "THETA [°]": 90.0},
        "130 Radar Plot Characteristics": {"PAM [dBm]": -60.0},
        "250 BDS Register Data": [{"MBDATA": 5, "BDS1": 4, "BDS2": 0}],
        "RE Reserved Expansion Field": PLOT["RE"],
    }
    json.dumps(shown)


def test_expansion_fields_are_opened_where_they_are_described() -> None:
    items = {"010": {"SAC": 1, "SIC": 2}, "RE": "08000100"}
    (shown,) = FORMAT.reader(AsterixOptions(), True).push(encode(48, [items]))
    assert shown["items"]["RE Reserved Expansion Field"] == {"ERR Extended Range Report [NM]": 1.0}


def test_dependent_fields_have_the_unit_of_their_value() -> None:
    mach = {"010": {"SAC": 1, "SIC": 2}, "150": {"IM": 1, "AS": 0.8}}
    (shown,) = FORMAT.reader(AsterixOptions(), True).push(encode(21, [mach]))
    assert shown["items"]["150 Air Speed"] == {"IM": 1, "AS [Mach]": 0.8}


def test_what_cannot_be_read_is_said_and_the_rest_is_read() -> None:
    good = encode(48, [PLOT])
    cut = bytes.fromhex("300006" + "01" + "0180")
    shown = list(FORMAT.reader(AsterixOptions(), True).push(cut + good + b"\xf7\x00\x05\x01\x02"))
    assert [("error" in one, one["category"]) for one in shown] == [(True, 48), (False, 48), (True, 247)]
    assert shown[0]["error"].endswith("of category 048 reaches beyond the end of its datablock")


def test_streams_are_read_in_pieces() -> None:
    stream = encode(48, [PLOT]) + b"\x00" + encode(48, [PLOT]) * 2
    reader = FORMAT.reader(AsterixOptions(), False)
    shown = [one for i in range(0, len(stream), 7) for one in reader.push(stream[i : i + 7])]
    shown += reader.close()
    assert sorted("error" in one for one in shown) == [False, False, False, True]


def test_recordings_look_like_asterix_and_other_bytes_do_not(shared: Path) -> None:
    folder = shared / "data" / "asterix"
    for path in [*folder.glob("samples/*.ast"), *folder.glob("samples/*.raw"), *folder.glob("random/*.ast")]:
        edition_matters = "cat0" in path.name
        found = guess_format(path.read_bytes()[:4096])
        assert found is not None or edition_matters, path.name
        if found is not None:
            assert found.name == "asterix", path.name
    for data in (b"", b'{"type":"report"}\n', b"!AIVDM,1,1,,A,13", b"<?xml version='1.0'?><event/>", bytes(100)):
        assert FORMAT.likeness(data) == 0.0
    assert find_format("asterix") is FORMAT


@given(data=st.binary(max_size=300))
def test_likeness_and_reader_take_anything(data: bytes) -> None:
    assert 0.0 <= FORMAT.likeness(data) < 1.0
    for datagrams in (True, False):
        reader = FORMAT.reader(AsterixOptions(), datagrams)
        for one in (*reader.push(data), *reader.close()):
            assert "items" in one or "error" in one


@pytest.mark.parametrize("number", [1, 48, 62])
def test_likeness_of_one_record_is_high(number: int) -> None:
    assert FORMAT.likeness(encode(number, [{"010": {"SAC": 1, "SIC": 2}}])) > 0.7
