"""BaseStation lines and aircraft.json."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.report import Quantity
from lowsky.wire.adsb.documents import ObjectSplitter
from lowsky.wire.formats import find_format
from tests.wire.adsb.made import T0, Heard, S, decoder

FOOT = 0.3048
KNOT = 1852 / 3600


def line(kind: str = "3", record: str = "MSG", address: str = "F00001", **told: object) -> bytes:
    """One line; fields by name."""
    names = "altitude speed track lat lon climb squawk alert emergency ident ground".split()
    rest = ",".join(str(told.get(name, "")) for name in names)
    when = f"{told.get('date', '2025/06/15')},{told.get('time', '15:06:40.000')}"
    return f"{record},{kind},1,1,{address},1,{when},{when},,{rest}\r\n".encode()


def lines(*told: tuple[float, bytes], **options: Any) -> Heard:
    heard, reading = Heard(), decoder("sbs", **options)
    for seconds, data in told:
        reading.push(data, T0 + round(seconds * S))
        heard.take(reading.take())
    return heard


def test_a_line_is_a_position_and_takes_the_velocity_before_it() -> None:
    place = line(altitude=3000, lat=51.01, lon=4.02, ground=0)
    heard = lines((0, line("4", speed=120.5, track=90, climb=-64)), (1, place), (2, place))
    assert heard.column("east_mps") == pytest.approx([120.5 * KNOT, np.nan], nan_ok=True)
    assert heard.column("up_mps") == pytest.approx([-64 * FOOT / 60, np.nan], nan_ok=True)
    assert heard.column("time_ns").tolist() == [T0 + S, T0 + 2 * S]
    assert heard.identities == ["F00001"] * 2
    assert np.isnan(heard.column("sigma_position_m")).all()
    assert not (heard.column("quantities").astype(int)[1] & Quantity.VELOCITY)


def test_own_velocity_ground_and_multilateration() -> None:
    heard = lines(
        (0, line("2", altitude=0, speed=10, track=180, lat=51, lon=4, ground=-1)),
        (0, line("3", "MLAT", "F00002", altitude=4000, speed=200, track=0, lat=51, lon=4)),
    )
    assert heard.column("north_mps") == pytest.approx([-10 * KNOT, 200 * KNOT])
    assert np.isnan(heard.column("height_m")).tolist() == [True, False]
    assert heard.column("sigma_position_m") == pytest.approx([np.nan, 100.0], nan_ok=True)
    assert lines((0, line("3", "MLAT", lat=51, lon=4)), mlat=False).ignored == {"MLAT": 1}


def test_times_of_lines_are_used_only_if_they_are_said_to_be_utc() -> None:
    told = (0, line(lat=51, lon=4, time="15:06:38.500"))
    assert lines(told).column("time_ns").tolist() == [T0]
    assert lines(told, latency_s=0.5).column("time_ns").tolist() == [T0 - S // 2]
    assert lines(told, clock="utc").column("time_ns").tolist() == [T0 - 3 * S // 2]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"MSG,3,1\n", "line malformed"),
        (b"hello\n", "line malformed"),
        (line("9"), "transmission type unknown"),
        (line(address="F0000"), "address is none"),
        (line(lat="north", lon=4), "latitude is no number"),
        (line(lat="nan", lon=4), "latitude is no number"),
        (line(lat=91, lon=4), "latitude_deg is not between -90 and 90"),
        (line(lat=51, lon=200), "longitude_deg is not between -180 and 180"),
        (line(lat=51, lon=-120), "lat, lon is over twice max_range_m from the sensor"),
        (line(lat=51, lon=4, altitude="9e9"), "height_m is not between -2000 and 1000000"),
        (b"x" * 3000 + b"\n", "line too long"),
    ],
)
def test_a_wrong_line_costs_only_itself(data: bytes, kind: str) -> None:
    heard = lines((0, data + line(lat=51, lon=4)))
    assert (heard.rejected, heard.used) == ({kind: 1}, 1)
    sentence = heard.taken[0].problems.messages[0]
    assert sentence.startswith("feed, ")


def test_a_line_without_utc_time_is_refused_only_where_times_are_wanted() -> None:
    for time in ("25:00:00.000", ""):
        assert lines((0, line(lat=51, lon=4, time=time)), clock="utc").rejected == {"time is none": 1}
    assert lines((0, line(lat=51, lon=4, date="9999/12/31")), clock="utc").rejected == {"time is none": 1}


def test_the_reader_of_lines() -> None:
    found = find_format("sbs")
    reader = found.reader(found.options(), False)
    first, second = reader.push(line(altitude=3000, lat=51.01, lon=4.02) + line("9"))
    assert first["latitude"] == 51.01 and first["altitude_ft"] == 3000.0 and first["address"] == "F00001"  # noqa: PT018
    assert list(second) == ["error"]


def document(*aircraft: Any, now: Any = T0 / 1e9) -> bytes:
    return json.dumps({"now": now, "messages": 1, "aircraft": list(aircraft)}).encode()


def plane(**told: Any) -> dict[str, Any]:
    return {"hex": "f00001", "lat": 51.01, "lon": 4.02, "seen_pos": 0.0, "seen": 0.0} | told


def documents(*told: tuple[float, bytes], **options: Any) -> Heard:
    heard, reading = Heard(), decoder("readsb", datagrams=True, **options)
    for seconds, data in told:
        reading.push(data, T0 + round(seconds * S))
        heard.take(reading.take())
    return heard


def test_an_aircraft_with_all_it_tells() -> None:
    told = plane(
        alt_baro=3000,
        alt_geom=3150,
        gs=120.5,
        track=90,
        baro_rate=-64,
        geom_rate=-32,
        nac_p=9,
        nac_v=2,
        gva=2,
        version=2,
    )
    heard = documents((0, document(told)))
    assert heard.identities == ["F00001"]
    assert heard.column("height_m") == pytest.approx([3150 * FOOT])
    assert heard.column("sigma_height_m") == pytest.approx([45 / 1.96])
    assert heard.column("sigma_position_m") == pytest.approx([30 / 2.4477])
    assert heard.column("sigma_velocity_mps") == pytest.approx([3 / 2.4477])
    assert heard.column("east_mps") == pytest.approx([120.5 * KNOT])
    assert heard.column("up_mps") == pytest.approx([-32 * FOOT / 60])
    older = plane(altitude=3000, speed=120.5, track=90, vert_rate=-64)
    heard = documents((0, document(older)))
    assert heard.column("east_mps") == pytest.approx([120.5 * KNOT])
    assert math.isclose(heard.column("height_m")[0], 3000 * FOOT, abs_tol=60)


def test_positions_are_carried_on_to_their_receipt() -> None:
    heard = documents((1, document(plane(gs=200, track=0, seen_pos=1.0))))
    north_deg = 2 * 200 * KNOT / 111_270  # a degree of latitude at 51 degrees north
    assert heard.column("latitude_deg") == pytest.approx([51.01 + north_deg], abs=1e-6)
    assert heard.column("time_ns").tolist() == [T0 + S]
    still = documents((1, document(plane(seen_pos=1.0))))
    assert still.column("time_ns").tolist() == [T0 - S]
    here = documents((1, document(plane(seen_pos=1.0))), clock="receipt")
    assert here.column("time_ns").tolist() == [T0]


def test_a_position_is_given_out_once() -> None:
    def at(second: float, **told: Any) -> tuple[float, bytes]:
        return second, document(plane(**told), now=T0 / 1e9 + second)

    heard = documents(at(0), at(1, seen_pos=1.1), at(2, lat=51.02, seen_pos=0.1), at(3, seen_pos=3.0), at(4))
    assert heard.used == 3
    assert heard.ignored == {"position repeated": 1, "position older than the last": 1}


def test_what_is_left_out_is_counted_by_what_it_is() -> None:
    heard = documents(
        (0, document({"hex": "f00002", "seen": 1}, plane(type="tisb_icao"), plane(type="adsc"), plane(seen_pos=70.0))),
        (
            1,
            document(
                plane(type="mlat"), plane(hex="f00003", mlat=["lat", "lon"]), plane(alt_baro="ground", gs=5, track=0)
            ),
        ),
        (2, document()),
    )
    assert heard.ignored == {
        "without position": 1, "TIS-B": 1, "ADS-C": 1, "position old": 1, "position repeated": 1,
        "document without aircraft": 1,
    }  # fmt: skip
    assert heard.column("sigma_position_m") == pytest.approx([100.0, 100.0])
    assert documents((0, document(plane(type="tisb_icao"))), tisb=True).used == 1


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"hello", "no document"),
        (b'{"now":1', "document cut short"),
        (b"{}", "document without aircraft"),
        (b'{"now":1,,}', "document not JSON"),
        (document({"hex": 5}), "aircraft malformed"),
        (document(plane(hex="xyz")), "address is none"),
        (document(plane(nac_p=16)), "nac_p is none"),
        (document(plane(seen_pos=-1)), "seen_pos is negative"),
        (document(plane(lat=1e300)), "number beyond all limits"),
        (document(plane(lat=90.5)), "latitude_deg is not between -90 and 90"),
        (document(plane(), now=-5), "now is no time"),
        (document(plane(), now=T0 / 1e9 + 100), "time is over 60 s after the receipt"),
    ],
)
def test_a_wrong_document_costs_only_itself(data: bytes, kind: str) -> None:
    heard = documents((0, data), (0, document(plane(hex="f00009"))))
    assert (heard.rejected, heard.used) == ({kind: 1}, 1)


def test_aircraft_one_after_another() -> None:
    heard, reading = Heard(), decoder("readsb")
    stream = b"".join(json.dumps(plane(hex=f"f0000{i}", now=T0 / 1e9)).encode() + b"\n" for i in range(5))
    for i in range(0, len(stream), 7):
        reading.push(stream[i : i + 7], T0)
    heard.take(reading.take())
    assert (heard.used, heard.rejected) == (5, {})


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2))),
    st.lists(st.integers(0, 300), max_size=8),
)
def test_objects_are_found_however_the_stream_is_cut(objects: list[dict[str, Any]], cuts: list[int]) -> None:
    stream = b",\n".join(json.dumps(o).encode() for o in objects)
    splitter, found = ObjectSplitter(), []
    for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), len(stream)], strict=True):
        pieces, between, _ = splitter.push(stream[a:b])
        assert not between
        found += pieces
    found += splitter.push(stream[max([0, *cuts, len(stream)]) :])[0]
    assert [json.loads(o) for o in found] == objects


def test_an_object_without_end_is_bounded() -> None:
    splitter = ObjectSplitter(1000)
    assert splitter.push(b'{"a":"' + b"x" * 2000) == ([], 0, True)
    assert splitter.push(b'{"b":1}')[0] == [b'{"b":1}']
