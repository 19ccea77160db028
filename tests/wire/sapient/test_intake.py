"""Messages to reports, looks and statuses: every one counted once, every number in the right column and unit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.model.heights import geoid_undulation_m
from lowsky.model.sensor import Sensor, SensorKind, Site, site_of
from lowsky.wire.decoded import Context, Decoded
from lowsky.wire.sapient import intake as module
from lowsky.wire.sapient.intake import Intake
from lowsky.wire.sapient.messages import SapientMessage, StatusReport
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.utm import utm_from_geodetic
from tests.wire.sapient.mutations import ULID, UUID, made, whole_messages

NOW = 1_790_000_000_000_000_000
OTHER = "6f582b41-6c88-481c-bb0f-6021a1739f57"
LATITUDE, LONGITUDE = 54.35, 18.66


def site(kind: SensorKind = SensorKind.RADAR_3D, latitude_deg: float = LATITUDE) -> Site:
    return site_of((Sensor("node", kind, latitude_deg, LONGITUDE, 40.0, max_range_m=50_000.0),))


def intake(kind: SensorKind = SensorKind.RADAR_3D, **options: Any) -> Intake:
    return Intake(Context(site(kind), "source"), SapientOptions(**{"sensors": {UUID: "node"}} | options))


def detection(place: dict[str, Any] | None = None, direction: dict[str, Any] | None = None, **more: Any) -> Any:
    message = SapientMessage(node_id=more.pop("node_id", UUID))
    message.timestamp.FromNanoseconds(more.pop("time_ns", NOW))
    report = message.detection_report
    report.report_id = report.object_id = ULID
    if place is not None:
        report.location.coordinate_system = report.location.datum = 1
        for name, value in place.items():
            setattr(report.location, name, value)
    if direction is not None:
        report.range_bearing.coordinate_system = report.range_bearing.datum = 1
        for name, value in direction.items():
            setattr(report.range_bearing, name, value)
    for name, value in more.items():
        setattr(report, name, value)
    return message


AHEAD = {"range": 2000.0, "azimuth": 90.0, "elevation": 5.0}
THERE = {"x": LONGITUDE, "y": LATITUDE + 0.01, "z": 140.0}


def taken(messages: list[Any], kind: SensorKind = SensorKind.RADAR_3D, **options: Any) -> Decoded:
    into = intake(kind, **options)
    for message in messages:
        into.message(message, NOW)
    decoded = into.take()
    assert decoded.received == len(messages)
    return decoded


def status(**more: Any) -> Any:
    message = SapientMessage(node_id=UUID)
    message.timestamp.FromNanoseconds(NOW)
    report = message.status_report
    report.report_id, report.mode, report.info = ULID, "Default", StatusReport.INFO_NEW
    report.system = more.get("system", StatusReport.SYSTEM_OK)
    if more.get("view", True):
        cone = report.field_of_view.range_bearing
        cone.coordinate_system = cone.datum = 1
    return message


def test_a_radar_gets_ranges_and_directions_whatever_the_node_tells() -> None:
    reports = taken([detection(THERE), detection(direction=AHEAD)]).reports
    np.testing.assert_allclose(reports.range_m, [1117.5, 2000.0], atol=2.0)
    np.testing.assert_allclose(np.sin(reports.azimuth_rad), [0.0, 1.0], atol=1e-9)
    np.testing.assert_allclose(np.degrees(reports.elevation_rad), [5.1, 5.0], atol=0.1)
    assert np.isnan(reports.latitude_deg).all()


def test_a_cooperative_receiver_gets_places() -> None:
    reports = taken([detection(THERE, id=" 4B1617 "), detection(direction=AHEAD)], SensorKind.COOPERATIVE).reports
    np.testing.assert_allclose(reports.latitude_deg, [LATITUDE + 0.01, LATITUDE], atol=1e-5)
    np.testing.assert_allclose(reports.height_m, [140.0, 40 + 2000 * np.sin(np.radians(5.0)) + 0.31], atol=0.1)
    assert reports.identities == ("4B1617",)
    assert reports.identity.tolist() == [0, -1]
    assert np.isnan(reports.range_m).all()


@pytest.mark.parametrize("kind", list(SensorKind))
def test_every_kind_gets_what_it_measures_and_nothing_else(kind: SensorKind) -> None:
    reports = taken([detection(THERE), detection(direction=AHEAD)], kind).reports
    assert len(reports) == 2
    ranging = kind in (SensorKind.RADAR_3D, SensorKind.RADAR_2D)
    assert np.isfinite(reports.range_m).all() == ranging
    climbing = kind in (SensorKind.RADAR_3D, SensorKind.CAMERA)
    assert np.isfinite(reports.elevation_rad).all() == climbing
    assert np.isfinite(reports.azimuth_rad).all() == (kind not in (SensorKind.COOPERATIVE, SensorKind.POST))


def test_heights_above_the_geoid_come_above_the_ellipsoid() -> None:
    reports = taken([detection(THERE | {"datum": 2, "z_error": 10.0})], SensorKind.COOPERATIVE).reports
    expected = 140.0 + geoid_undulation_m(LATITUDE + 0.01, LONGITUDE)
    assert reports.height_m[0] == pytest.approx(float(expected), abs=1e-6)
    assert reports.sigma_height_m[0] == pytest.approx(np.hypot(10.0, 0.5))


def test_utm_takes_its_zone_from_the_place_or_from_the_registration() -> None:
    easting, northing, _ = utm_from_geodetic(LATITUDE + 0.01, LONGITUDE, 34, False)
    place = {"x": float(easting), "y": float(northing), "z": 100.0, "coordinate_system": 5}
    decoded = taken([detection(place), detection(place | {"utm_zone": "34U"})], SensorKind.COOPERATIVE)
    assert len(decoded.reports) == 1
    assert decoded.problems.counts == {"location.utm_zone is no zone, with coordinates in UTM": 1}
    registered = registration()
    registered.registration.mode_definition[0].detection_definition[0].location_type.zone = "34N"
    decoded = taken([registered, detection(place)], SensorKind.COOPERATIVE)
    assert decoded.reports.latitude_deg[0] == pytest.approx(LATITUDE + 0.01, abs=1e-9)
    decoded = taken([detection(place | {"utm_zone": "34U", "x": 9e6})], SensorKind.COOPERATIVE)
    assert list(decoded.problems.counts) == ["location.x, y is no place in its zone"]


def registration() -> Any:
    return made({"sapient_msg.bsi_flex_335_v2_0.SapientMessage.content": "registration"})


def test_the_zone_s_is_the_south_for_a_node_that_stands_there() -> None:
    easting, northing, _ = utm_from_geodetic(-33.99, LONGITUDE, 34, True)
    place = {"x": float(easting), "y": float(northing), "coordinate_system": 5, "utm_zone": "34S"}
    context = Context(site(SensorKind.COOPERATIVE, -34.0), "source")
    into = Intake(context, SapientOptions(sensor="node"))
    into.message(detection(place), NOW)
    assert into.take().reports.latitude_deg[0] == pytest.approx(-33.99, abs=1e-9)


@pytest.mark.parametrize(
    ("datum", "options", "turned_deg"),
    [
        (1, {}, 0.0),
        (2, {"magnetic_variation_deg": 6.5}, 6.5),
        (3, {}, -1.9018279334),  # convergence of zone 34 at the node, by PROJ
        (4, {"platform_heading_deg": 200.0}, 200.0),
    ],
)
def test_azimuths_are_turned_to_true_north(datum: int, options: dict[str, Any], turned_deg: float) -> None:
    reports = taken([detection(direction=AHEAD | {"datum": datum})], **options).reports
    assert np.degrees(reports.azimuth_rad[0]) == pytest.approx(90.0 + turned_deg, abs=1e-8)


@pytest.mark.parametrize(("datum", "word"), [(2, "magnetic"), (4, "platform")])
def test_a_north_that_is_not_known_is_refused_with_its_name(datum: int, word: str) -> None:
    decoded = taken([detection(direction=AHEAD | {"datum": datum})])
    assert len(decoded.reports) == 0
    assert decoded.problems.messages == (
        f"source, message 1, range_bearing.datum: '{word}' is a north whose direction the source is not told",
    )


def test_speeds_are_those_that_the_registration_names() -> None:
    message = detection(THERE)
    velocity = message.detection_report.enu_velocity
    velocity.east_rate, velocity.north_rate, velocity.up_rate = 36.0, -72.0, 3.0
    velocity.east_rate_error = velocity.north_rate_error = 3.6
    plain = taken([message]).reports
    assert (plain.east_mps[0], plain.north_mps[0], plain.up_mps[0]) == (36.0, -72.0, 3.0)
    assert plain.sigma_velocity_mps[0] == pytest.approx(3.6)
    registered = registration()
    units = registered.registration.mode_definition[0].detection_definition[0].velocity_type.enu_velocity_units
    units.east_north_rate_units, units.up_rate_units = 2, 1
    scaled = taken([registered, message]).reports
    np.testing.assert_allclose([scaled.east_mps[0], scaled.north_mps[0], scaled.up_mps[0]], [10.0, -20.0, 3.0])
    assert scaled.sigma_velocity_mps[0] == pytest.approx(1.0)


@pytest.mark.parametrize("state", ["lost", "Object Lost", "OBJECT_LOST"])
def test_an_object_that_is_lost_was_not_seen(state: str) -> None:
    decoded = taken([detection(THERE, state=state), detection(THERE, state="new")])
    assert decoded.ignored == {"object lost": 1}
    assert len(decoded.reports) == 1


def test_classes_are_counted_by_kind() -> None:
    into = intake()
    for words in [("Air Vehicle", "UAV rotary-wing"), ("Animal", "bird"), ("Air Vehicle",), ("Human",), ()]:
        message = detection(THERE)
        parts = message.detection_report.classification
        for level, word in enumerate(words):
            part = parts.add(type=word)
            if level:
                part.level = level
            parts = part.sub_class
        into.message(message, NOW)
    assert into.classes == {"multirotor": 1, "bird": 1, "": 3}


def test_nodes_that_are_no_sensor_are_counted_by_name() -> None:
    into = intake()
    into.message(detection(THERE, node_id=OTHER), NOW)
    strange = status()
    strange.node_id = OTHER
    into.message(strange, NOW)
    decoded = into.take()
    assert decoded.problems.counts == {"sensor is no sensor of this site": 2}
    assert into.names.unknown == {OTHER: 2}


@pytest.mark.parametrize(
    ("system", "state"),
    [
        (StatusReport.SYSTEM_OK, "well"),
        (StatusReport.SYSTEM_WARNING, "faulty"),
        (StatusReport.SYSTEM_ERROR, "faulty"),
        (StatusReport.SYSTEM_GOODBYE, "off"),
    ],
)
def test_a_status_is_what_the_sensor_says_of_itself(system: int, state: str) -> None:
    decoded = taken([status(system=system)])
    assert [(s.sensor, s.state) for s in decoded.statuses] == [(0, state)]
    assert decoded.used == 1


def test_a_status_tells_its_troubles_and_where_the_node_stands() -> None:
    message = status()
    one = message.status_report.status.add()
    one.status_level, one.status_type = StatusReport.STATUS_LEVEL_ERROR_STATUS, StatusReport.STATUS_TYPE_EXPOSURE
    one.status_value = "dark"
    message.status_report.status.add(status_type=StatusReport.STATUS_TYPE_NOT_DETECTING)
    location = message.status_report.node_location
    location.x, location.y, location.coordinate_system, location.datum = LONGITUDE, LATITUDE + 0.01, 1, 1
    (said,) = taken([message]).statuses
    assert said.state == "faulty"
    assert said.text == (
        "mode Default; exposure: dark; not detecting; says it stands 1113 m from its place in the configuration"
    )


def test_a_status_of_a_place_that_is_none_and_of_a_fault_in_power() -> None:
    message = status()
    location = message.status_report.node_location
    location.x, location.y, location.coordinate_system, location.datum = 9e6, 0.0, 5, 1
    location.x_error = location.z_error = 1e300
    message.status_report.power.status = StatusReport.POWERSTATUS_FAULT
    said = taken([message]).statuses[0].text
    assert said == "mode Default; power fault; says where it stands in coordinates that are no place"


@pytest.mark.parametrize(
    ("cone", "words"),
    [
        ({"range": 50_000.0, "horizontal_extent": 360.0, "azimuth": 10.0}, ""),
        ({"range": 47_000.0}, ""),
        ({"range": 5.0, "coordinate_system": 3}, "says it sees 5000 m far, the configuration 50000 m"),
        ({"horizontal_extent": 90.0}, "says it sees 90 degrees wide, the configuration 360"),
    ],
)
def test_a_field_of_view_that_differs_from_the_configuration_is_said(cone: dict[str, float], words: str) -> None:
    message = status()
    for name, value in cone.items():
        setattr(message.status_report.field_of_view.range_bearing, name, value)
    assert taken([message]).statuses[0].text == "; ".join(filter(None, ("mode Default", words)))


@pytest.mark.parametrize(("azimuth_deg", "differs"), [(118.0, False), (90.0, True), (-242.0, False)])
def test_a_direction_that_differs_from_the_configuration_is_said(azimuth_deg: float, differs: bool) -> None:
    sensor = Sensor("node", SensorKind.CAMERA, LATITUDE, LONGITUDE, 40.0, azimuth_centre_rad=2.1, azimuth_width_rad=1.0)
    into = Intake(Context(site_of((sensor,)), "source"), SapientOptions(sensor="node"))
    message = status()
    message.status_report.field_of_view.range_bearing.azimuth = azimuth_deg
    into.message(message, NOW)
    words = "; says it looks towards 90 degrees, the configuration 120" if differs else ""
    assert into.take().statuses[0].text == f"mode Default{words}"


def test_a_kind_that_differs_from_the_configuration_is_said() -> None:
    registered = registration()
    for node_type, kind, differs in [
        (2, SensorKind.RADAR_2D, False),
        (4, SensorKind.RADAR_3D, True),
        (1, SensorKind.CAMERA, False),
    ]:
        registered.registration.node_definition[0].node_type = node_type
        text = taken([registered, status()], kind).statuses[0].text
        assert ("registers as camera, and is a radar_3d in the configuration" in text) == differs


@pytest.mark.parametrize(
    ("interval_s", "system", "view", "looks"),
    [
        (1.0, StatusReport.SYSTEM_OK, True, 1),
        (1.5, StatusReport.SYSTEM_WARNING, True, 1),
        (5.0, StatusReport.SYSTEM_OK, True, 0),
        (1.0, StatusReport.SYSTEM_ERROR, True, 0),
        (1.0, StatusReport.SYSTEM_OK, False, 0),
    ],
)
def test_a_status_is_a_look_if_it_comes_as_often_as_one(interval_s: float, system: int, view: bool, looks: int) -> None:
    registered = registration()
    interval = registered.registration.status_definition.status_interval
    interval.units, interval.value = 3, interval_s * 1000.0
    decoded = taken([registered, status(system=system, view=view)])
    assert len(decoded.looks) == looks
    assert not decoded.looks.assumed.any()
    assert len(taken([status()]).looks) == 0  # nothing was promised


def test_every_content_is_counted() -> None:
    decoded = taken([message for _, message in whole_messages()], SensorKind.COOPERATIVE)
    assert decoded.ignored["task"] >= 9
    assert {"registration", "registration ack", "task ack", "alert", "alert ack", "error"} <= set(decoded.ignored)


def test_what_was_not_let_in_is_counted_with_its_sentence() -> None:
    into = intake()
    into.refuse("unreadable", "the message cannot be read")
    into.message(detection(THERE), NOW)
    decoded = into.take()
    assert (decoded.received, decoded.used) == (2, 1)
    assert decoded.problems.messages == ("source, message 1, the message cannot be read",)
    assert into.take().received == 0


def test_what_nobody_takes_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PENDING", 3)
    monkeypatch.setattr(module, "MAX_STATUSES", 2)
    monkeypatch.setattr(module, "MAX_NODES", 2)
    messages = [detection(THERE)] * 5 + [status()] * 4
    for i in range(5):
        registered = registration()
        registered.node_id = f"{i}8654cdf-4328-47de-81fa-c495589e30c8"
        messages.append(registered)
    decoded = taken(messages)
    assert decoded.problems.counts == {"detection not taken in time": 2, "status not taken in time": 2}


def test_times_that_cannot_be_are_refused() -> None:
    ancient, future = detection(THERE), status()
    ancient.timestamp.seconds = -62_135_596_800
    future.timestamp.seconds = 253_402_300_799
    messages = [detection(THERE, time_ns=NOW + 61 * 10**9), detection(THERE, time_ns=NOW - 10**14), ancient, future]
    decoded = taken(messages)
    assert decoded.problems.counts == {
        "status of a time that cannot be": 1,
        "time is no time": 1,
        "time is over 60 s after the receipt": 1,
        "time is over a day before the receipt": 1,
    }
    assert "2026-09-21T14:14:21" in decoded.problems.messages[1]


def test_a_sensor_that_the_site_has_not_is_told_at_once() -> None:
    with pytest.raises(InputError, match="other"):
        intake(sensors={UUID: "other"})


def test_an_identity_that_is_none_costs_its_report_and_is_not_kept() -> None:
    into = intake(SensorKind.COOPERATIVE)
    into.message(detection(THERE, id="x" * 500_000), NOW)
    assert len(into._rows[0].identity or "") == 65
    assert list(into.take().problems.counts) == ["identity has over 64 characters"]


def test_errors_finer_than_anything_measures_are_the_sensors_own() -> None:
    finest = detection(direction=AHEAD | {"range_error": 1e-150, "azimuth_error": 0.0, "elevation_error": 0.4})
    reports = taken([finest]).reports
    assert np.isnan(reports.sigma_range_m[0])
    assert np.isnan(reports.sigma_azimuth_rad[0])
    assert np.degrees(reports.sigma_elevation_rad[0]) == pytest.approx(0.4)


NUMBERS = st.one_of(st.floats(allow_nan=False), st.floats(-200.0, 200.0))


@given(
    values=st.lists(NUMBERS, min_size=6, max_size=6),
    system=st.sampled_from([1, 2, 3, 4, 5]),
    datum=st.sampled_from([1, 2, 3, 4]),
    zone=st.sampled_from(["", "34U", "60C", "x"]),
    kind=st.sampled_from(list(SensorKind)),
    is_place=st.booleans(),
)
def test_whatever_numbers_come_reports_are_finite_and_the_books_balance(
    values: list[float], system: int, datum: int, zone: str, kind: SensorKind, is_place: bool
) -> None:
    names = ("x", "y", "z", "x_error", "y_error", "z_error")
    if not is_place:
        names = ("range", "azimuth", "elevation", "range_error", "azimuth_error", "elevation_error")
    numbers: dict[str, Any] = dict(zip(names, values, strict=True))
    if is_place:
        numbers |= {"coordinate_system": system if system != 3 else 1, "datum": 1 + datum % 2, "utm_zone": zone}
        message = detection(numbers)
    else:
        message = detection(direction=numbers | {"coordinate_system": min(system, 4), "datum": datum})
    decoded = taken([message], kind)
    for name in ("range_m", "azimuth_rad", "elevation_rad", "latitude_deg", "longitude_deg", "height_m"):
        assert not np.isinf(getattr(decoded.reports, name)).any()
