"""Places as people write them: what is taken, what is refused and how, and garbage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.model.place import Place, Shape, places_from_text, places_text
from lowsky.wire import places as wire
from lowsky.wire.places import places_from_records, read_places

POINT = {"id": "a", "shape": "point", "points": [[37.0, 127.0]], "radius_m": 300}
SQUARE = {"id": "s", "shape": "polygon", "points": [[0, 0], [0, 1], [1, 1]], "top_m": 500, "bottom_m": 20}
SHIP = {"id": "v", "shape": "vessel", "identity": "440123456", "radius_m": 350, "name": "Ship"}


def test_every_shape_is_read() -> None:
    corridor = {"id": "c", "shape": "corridor", "points": [[1, 2], [3, 4]], "radius_m": 80}
    places = places_from_records([POINT, SQUARE, SHIP, corridor], "here")
    assert [p.shape for p in places] == [Shape.POINT, Shape.POLYGON, Shape.VESSEL, Shape.CORRIDOR]
    assert places[1] == Place("s", "s", Shape.POLYGON, ((0.0, 0.0), (0.0, 1.0), (1.0, 1.0)), 0.0, 20.0, 500.0)
    assert places[2].name == "Ship"


def test_a_circle_may_be_written_short() -> None:
    short = {"id": "a", "kind": "fixed", "lat": 37.0, "lon": 127.0, "radius_m": 300}
    ship = {"id": "v", "kind": "vessel", "identity": "440123456", "radius_m": 350, "name": "Ship"}
    assert places_from_records([short, ship], "here") == places_from_records([POINT, SHIP], "here")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shape": "circle"}, ["shape", "circle"]),
        ({"shape": None}, ["'a'", "shape is missing"]),
        ({"radius_m": -1}, ["'a'", "radius_m", "-1"]),
        ({"radius_m": "wide"}, ["radius_m"]),
        ({"radios_m": 5}, ["radios_m"]),
        ({"points": [[91, 0]]}, ["'a'", "91"]),
        ({"points": [[1, 2], [3, 4]]}, ["'a'", "2 points"]),
        ({"points": [[1, 2, 3]]}, ["points"]),
        ({"lat": 5.0}, ["'a'", "lat and lon"]),
        ({"top_m": -2000}, ["'a'", "top_m"]),
        ({"identity": "x"}, ["'a'", "identity"]),
        ({"id": ""}, ["id"]),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        places_from_records([POINT | change], "site.toml, places")
    for word in ["site.toml, places", *words]:
        assert word in str(caught.value)


def test_an_id_stands_once() -> None:
    with pytest.raises(InputError, match="'a' is there twice"):
        places_from_records([POINT, POINT], "here")


def test_there_is_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_PLACES", 1)
    with pytest.raises(InputError, match="2 places are more than 1"):
        places_from_records([POINT, SQUARE], "here")


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "places.json"
    path.write_text(json.dumps({"places": [POINT, SHIP]}))
    assert read_places(path) == places_from_records([POINT, SHIP], "here")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"places": 5}', '{"places": [{}]}', "\xff", '{"place": []}'])
def test_a_file_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"places\.json"):
        read_places(path)


def test_a_file_that_is_too_long_or_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "places.json"
    with pytest.raises(InputError, match=r"places\.json cannot be read"):
        read_places(path)
    path.write_text(json.dumps({"places": [POINT]}))
    monkeypatch.setattr(wire, "MOST_BYTES", 10)
    with pytest.raises(InputError, match=r"places\.json is longer"):
        read_places(path)


@given(st.binary(max_size=200))
def test_garbage_ends_in_one_sentence(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("garbage") / "places.json"
    path.write_bytes(data)
    with pytest.raises(InputError):
        read_places(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted({*POINT, *SHIP})), inner),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.sampled_from(sorted({*POINT, *SQUARE, *SHIP})), JSON), max_size=2))
def test_records_are_places_or_an_error(records: list[dict[str, Any]]) -> None:
    try:
        places = places_from_records(records, "here")
    except InputError as error:
        message = str(error)
    else:
        message = "here: none"
        assert places_from_text(places_text(places)) == places
    assert message.startswith("here: ")


def test_places_survive_an_action() -> None:
    places = places_from_records([POINT, SQUARE, SHIP | {"name": "바다호"}], "here")
    assert places_from_text(places_text(places)) == places


@pytest.mark.parametrize("text", ["", "{}x", "[1]", "[{}]", '[{"id": "a"}]', "null", '[{"shape": 5}]'])
def test_an_action_that_holds_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        places_from_text(text)


def test_an_action_with_one_id_twice_is_refused() -> None:
    (place,) = places_from_records([POINT], "here")
    with pytest.raises(ValueError, match="one id"):
        places_from_text(places_text((place, place)))
