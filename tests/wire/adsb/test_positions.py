"""Positions: the other direction of CPR, who is believed when, and what goes with a position."""

import math

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from lowsky.model.heights import Datum, ellipsoidal_height
from lowsky.model.report import Quantity
from lowsky.wire.adsb import cpr as ours
from lowsky.wire.adsb.frames import Floats
from lowsky.wire.adsb.memory import MAX_AIRCRAFT, Memory
from tests.wire.adsb.made import (
    ADDRESS,
    T0,
    S,
    airborne,
    avr,
    beast,
    cpr,
    decoder,
    frame,
    hear,
    short,
    status,
    surface,
    velocity,
    zones,
)  # fmt: skip

FOOT = 0.3048
KNOT = 1852 / 3600
OFFSETS = st.floats(-0.4, 0.4)


def as_fractions(pair: tuple[int, int]) -> tuple[Floats, Floats]:
    return np.array([pair[0] / 131072]), np.array([pair[1] / 131072])


@given(st.floats(-90, 90))
@example(10.470471299)
@example(86.5353699)
@example(87.0)
def test_zones_of_longitude(latitude: float) -> None:
    # one part in a million from an edge either side is right
    near = {zones(latitude + d) for d in (-1e-7, 0.0, 1e-7) if abs(latitude + d) <= 90}
    assert int(ours.longitude_zones(np.array([latitude]))[0]) in near


@given(st.floats(-89.9, 89.9), st.floats(-180, 180), st.booleans())
@example(52.2572, 3.91937, False)
@example(-89.9, 180.0, True)
@example(0.0, -180.0, False)
def test_pairs_lead_back(latitude: float, longitude: float, odd: bool) -> None:
    even_pair, odd_pair = cpr(latitude, longitude, 0), cpr(latitude, longitude, 1)
    flags = np.array([odd]), np.array([False])
    nowhere = np.array([np.nan]), np.array([np.nan])
    lat, lon = ours.pair_positions(as_fractions(even_pair), as_fractions(odd_pair), *flags, nowhere)
    assume(np.isfinite(lat[0]))  # the two are either side of an edge
    assert abs(lat[0] - latitude) < 6e-5
    assert abs(math.remainder(lon[0] - longitude, 360)) * math.cos(math.radians(latitude)) < 1e-4


@given(st.floats(-85, 85), st.floats(-180, 180), st.booleans(), OFFSETS, OFFSETS, st.booleans())
def test_one_message_near_a_place_leads_back(
    latitude: float, longitude: float, odd: bool, north: float, east: float, ground: bool
) -> None:
    told = as_fractions(cpr(latitude, longitude, int(odd), 90.0 if ground else 360.0))
    near = np.array([latitude + north]), np.array([longitude + east])
    lat, lon = ours.lone_positions(told, np.array([odd]), np.array([ground]), near)
    assert abs(lat[0] - latitude) < 3e-5
    assert abs(math.remainder(lon[0] - longitude, 360)) * math.cos(math.radians(latitude)) < 1e-4


@given(st.floats(-85, 85), st.floats(-180, 180), st.booleans())
def test_pairs_of_the_surface_lead_back_to_the_quadrant_of_the_receiver(lat: float, lon: float, odd: bool) -> None:
    even, odd_told = (as_fractions(cpr(lat, lon, i, 90.0)) for i in (0, 1))
    near = np.array([max(min(lat + 3, 90), -90)]), np.array([lon - 10])
    found = ours.pair_positions(even, odd_told, np.array([odd]), np.array([True]), near)
    assume(np.isfinite(found[0][0]))
    assert abs(found[0][0] - lat) < 3e-5
    assert abs(math.remainder(found[1][0] - lon, 360)) * math.cos(math.radians(lat)) < 3e-5


def test_the_example_of_the_literature() -> None:
    """J. Sun, The 1090 Megahertz Riddle, 2nd ed., 5.3.1."""
    heard = hear((0, bytes.fromhex("8D40621D58C386435CC412692AD6")), (1, bytes.fromhex("8D40621D58C382D690C8AC2863A7")))
    assert heard.column("latitude_deg") == pytest.approx([52.2572021], abs=1e-6)
    assert heard.column("longitude_deg") == pytest.approx([3.9193725], abs=1e-6)
    assert heard.identities == ["40621D"]


def test_one_message_alone_is_no_position() -> None:
    heard = hear((0, airborne(51, 4, 0)), (1, airborne(51, 4, 0)), (12, airborne(51, 4, 1)))
    assert (heard.used, heard.ignored) == (0, {"position without its pair": 3})


def test_after_a_pair_each_message_is_a_position_for_a_while() -> None:
    pair = ((0, airborne(51, 4, 0)), (1, airborne(51, 4, 1)))
    assert hear(*pair, (60, airborne(51.1, 4, 1))).used == 2
    assert hear(*pair, (122, airborne(51.1, 4, 1))).used == 1


def test_the_receivers_counter_tells_apart_what_is_played_at_once() -> None:
    second = 12_000_000
    near = [(0, beast(frame(airborne(51, 4, i)), ticks=1 + i * 9 * second)) for i in (0, 1)]
    far = [(0, beast(frame(airborne(51, 4, i)), ticks=1 + i * 11 * second)) for i in (0, 1)]
    assert hear(*near, name="beast").used == 1
    assert hear(*far, name="beast").used == 0
    assert hear(*far, name="beast", counter=False).used == 1


def test_a_jump_is_refused_until_four_agree() -> None:
    first = ((0, airborne(51, 4, 0)), (0.5, airborne(51, 4, 1)))
    jump = [(1 + i / 2, airborne(51.5, 4 + i * 1e-3, i % 2)) for i in range(6)]
    heard = hear(*first, *jump)
    # the first makes a pair with the last of the old place, which tells a third place; the next three make a run
    assert heard.rejected == {"position too far from the last": 4}
    assert heard.column("latitude_deg")[-1] == pytest.approx(51.5, abs=1e-4)
    assert all(abs(lat - 51) < 1e-3 or abs(lat - 51.5) < 1e-3 for lat in heard.column("latitude_deg"))


def test_one_wrong_position_among_right_ones_is_refused() -> None:
    right = [(i / 2, airborne(51 + i * 1e-3, 4, i % 2)) for i in range(10)]
    wrong = (2.25, airborne(51.3, 4, 1))
    heard = hear(*right[:5], wrong, *right[5:])
    assert heard.rejected == {"position too far from the last": 1}
    assert heard.used == 9


def test_the_same_message_heard_twice_counts_once() -> None:
    told = airborne(51, 4, 1)
    heard = hear((0, airborne(51, 4, 0)), (0.5, told), (0.6, told), (1.2, told))
    assert (heard.used, heard.ignored) == (2, {"position without its pair": 1, "position repeated": 1})


def test_surface_positions_need_the_receivers_place_and_carry_their_own_velocity() -> None:
    heard = hear((0, surface(51.02, 4.03, 0)), (20, surface(51.02, 4.03, 1)))
    assert heard.column("latitude_deg") == pytest.approx([51.02], abs=1e-5)
    assert heard.column("longitude_deg") == pytest.approx([4.03], abs=1e-5)
    assert heard.column("east_mps") == pytest.approx([15 * KNOT])
    assert heard.column("north_mps") == pytest.approx([0.0], abs=1e-12)
    assert np.isnan(heard.column("height_m")).all()
    nowhere = hear((0, surface(51.02, 4.03, 0)), (20, surface(51.02, 4.03, 1)), sensor="", sensors={})
    assert nowhere.used == 0


def test_a_velocity_goes_with_the_next_position_once() -> None:
    heard = hear(
        (0, airborne(51, 4, 0)), (0.4, velocity(80, -120, -11)), (0.5, airborne(51, 4, 1)), (1, airborne(51, 4.001, 0)),
        (1.1, velocity(81, -120)), (4, airborne(51, 4.002, 1)),
    )  # fmt: skip
    assert heard.column("east_mps") == pytest.approx([80 * KNOT, np.nan, np.nan], nan_ok=True)
    assert heard.column("north_mps") == pytest.approx([-120 * KNOT, np.nan, np.nan], nan_ok=True)
    assert heard.column("up_mps") == pytest.approx([-11 * 64 * FOOT / 60, np.nan, np.nan], nan_ok=True)
    assert heard.column("sigma_velocity_mps") == pytest.approx([3 / 2.4477, np.nan, np.nan], nan_ok=True)
    assert heard.ignored["velocity"] == 2


def test_airspeed_is_no_velocity() -> None:
    airspeed = (velocity(80, -120, -11) & ~(7 << 48)) | (3 << 48)
    heard = hear((0, airborne(51, 4, 0)), (0.4, airspeed), (0.5, airborne(51, 4, 1)))
    assert np.isnan(heard.column("east_mps")).all()
    assert heard.column("up_mps") == pytest.approx([-11 * 64 * FOOT / 60])
    assert not (heard.column("quantities").astype(int) & Quantity.VELOCITY).any()


def test_heights_by_pressure_keep_their_datum_and_geometric_ones_go_before() -> None:
    pair = [(i / 2, airborne(51, 4, i, feet=3000)) for i in (0, 1)]
    for qnh in (None, 990.0):
        height, sigma = ellipsoidal_height(3000 * FOOT, 51, 4, Datum.PRESSURE, qnh_hpa=qnh)
        heard = hear(*pair, qnh=qnh)
        assert heard.column("height_m") == pytest.approx([float(height)], abs=0.02)
        assert heard.column("sigma_height_m") == pytest.approx([math.hypot(15.0, float(sigma))], rel=1e-3)
    heard = hear((0, status(2, 9)), (0.1, velocity(1, 1, above_ft=-350)), *pair)
    assert heard.column("height_m") == pytest.approx([2650 * FOOT])
    assert heard.column("sigma_height_m") == pytest.approx([45 / 1.96])


@pytest.mark.parametrize("metres", [True, False])
def test_the_height_of_type_20_is_believed_where_another_tells_how_it_is_meant(metres: bool) -> None:
    def told(odd: int) -> int:
        if not metres:
            return airborne(51, 4, odd, feet=3000, code=20)
        y, x = cpr(51, 4, odd)
        return 20 << 51 | 914 << 36 | odd << 34 | y << 17 | x

    pair = [(1 + i / 2, told(i)) for i in (0, 1)]
    assert np.isnan(hear(*pair).column("height_m")).all()
    heard = hear((0, airborne(51, 4, 0, feet=2950)), *pair)
    assert heard.column("height_m")[-1] == pytest.approx(914.4, abs=0.5)


def test_sigmas_are_those_that_the_aircraft_declares() -> None:
    pair = [(i / 2, airborne(51, 4, i)) for i in (0, 1)]
    assert hear(*pair).column("sigma_position_m") == pytest.approx([0.05 * 1852 / 2.4477])  # NUCp 7 of type code 11
    for nacp, bound_m in ((11, 3.0), (9, 30.0), (5, 926.0), (0, 18520.0)):
        heard = hear((0, status(2, nacp)), *pair)
        assert heard.column("sigma_position_m") == pytest.approx([bound_m / 2.4477])


def test_replies_are_told_from_noise_by_addresses_heard_before() -> None:
    reply = short(bytes([0x20, 0, 0x17, 0x18]), laid_over=ADDRESS)
    call = short(bytes([0x5D]) + ADDRESS.to_bytes(3, "big"))
    assert hear((0, reply)).rejected == {"address not heard lately": 1}
    heard = hear((0, call), (1, reply), (70, reply))
    assert (heard.ignored, heard.rejected) == (
        {"all-call reply": 1, "altitude reply": 1},
        {"address not heard lately": 1},
    )
    long = bytes([0xA0, 0, 0x17, 0x18]) + bytes(7)
    heard = hear((0, call), (1, short(long, laid_over=ADDRESS)))
    assert heard.ignored == {"all-call reply": 1, "Comm-B altitude reply": 1}
    asked = short(bytes([0x5D]) + ADDRESS.to_bytes(3, "big"), laid_over=0x4B)
    assert hear((0, asked)).ignored == {"all-call reply": 1}


def test_who_speaks_for_an_aircraft_is_kept_apart() -> None:
    def two(first: int) -> list[tuple[float, bytes]]:
        return [(i / 2, frame(airborne(51, 4, i), first=first)) for i in (0, 1)]

    assert hear(*two(0x90)).identities == ["F00001"]  # ADS-B without transponder
    assert hear(*two(0x91)).identities == ["~F00001"]  # an address of its own making
    assert hear(*two(0x96)).identities == ["F00001"]  # ADS-R
    assert hear(*two(0x92)).ignored == {"TIS-B": 2}
    assert hear(*two(0x92), tisb=True).identities == ["F00001"]
    assert hear(*two(0x93)).ignored == {"TIS-B coarse or management": 2}
    mlat = [(s, beast(f, ticks=0xFF004D4C4154)) for s, f in two(0x92)]
    heard = hear(*mlat, name="beast")
    assert heard.identities == ["F00001"]
    assert heard.column("sigma_position_m") == pytest.approx([100.0])
    assert hear(*mlat, name="beast", mlat=False).ignored == {"MLAT": 2}


def test_positions_beyond_reach_are_refused_with_their_place() -> None:
    heard = hear(*((i / 2, airborne(20, 4, i)) for i in (0, 1)))
    assert heard.rejected == {"lat, lon is over twice max_range_m from the sensor": 1}
    assert "20.0000" in heard.taken[-1].problems.messages[0]


@pytest.mark.parametrize(("of_day", "expected"), [(54_399, T0 - S), (54_401, T0 + S), (0, None)])
def test_times_of_a_receiver_with_a_gps_clock(of_day: int, expected: int | None) -> None:
    """T0 is 15:06:40 UTC."""
    ticks = (of_day << 30) | 0 if of_day else (86_400 << 30)
    pair = [(0, beast(frame(airborne(51, 4, i)), ticks=ticks + i)) for i in (0, 1)]
    heard = hear(*pair, name="beast", clock="gps")
    if expected is None:
        assert heard.rejected.get("time is no time") == 1 or heard.used == 0
    else:
        assert heard.column("time_ns").tolist() == [expected + 1]


def test_latency_is_taken_off() -> None:
    heard = hear((0, airborne(51, 4, 0)), (0.5, airborne(51, 4, 1)), latency_s=0.25)
    assert heard.column("time_ns").tolist() == [T0 + S // 4]


def test_thousands_of_aircraft_in_one_batch_each_keep_their_own() -> None:
    rng = np.random.default_rng(1)
    where = np.stack([rng.uniform(50, 52, 3000), rng.uniform(3, 5, 3000)], axis=1)
    reading = decoder()
    for odd in (0, 1):
        reading.push(
            avr(*(frame(airborne(lat, lon, odd), 0xF00000 + i) for i, (lat, lon) in enumerate(where.tolist()))),
            T0 + odd * S,
        )
    reports = reading.take().reports
    order = np.argsort([int(reports.identities[i], 16) for i in reports.identity])
    kept = {int(reports.identities[i], 16) - 0xF00000 for i in reports.identity}
    assert len(kept) > 2900  # the others have their two messages either side of an edge of zones
    assert reports.latitude_deg[order] == pytest.approx(where[sorted(kept), 0], abs=5e-5)
    assert reports.longitude_deg[order] == pytest.approx(where[sorted(kept), 1], abs=5e-5)


def test_memory_is_bounded_and_forgets_who_was_heard_longest_ago() -> None:
    memory = Memory()
    for i in range(0, 3 * MAX_AIRCRAFT, 5000):
        keys = np.arange(i, i + 5000)
        slots = memory.slots(keys, keys)
        memory.table["nacp"][slots] = keys
    assert len(memory) <= MAX_AIRCRAFT
    newest = np.arange(3 * MAX_AIRCRAFT - 5000, 3 * MAX_AIRCRAFT)
    assert memory.heard_since(newest, newest).all()
    slots = memory.slots(newest, newest)
    assert memory.table["nacp"][slots].tolist() == newest.tolist()
    assert not memory.heard_since(np.arange(10), np.zeros(10, dtype=np.int64)).any()
