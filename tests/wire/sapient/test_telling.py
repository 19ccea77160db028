"""The picture to detection reports: every one keeps the rules and says what the picture says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.air import Air
from lowsky.model.kinds import Kind
from lowsky.model.picture import Status
from lowsky.model.sensor import Sensor, SensorKind, site_of
from lowsky.wire.decoded import Context
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.intake import Intake
from lowsky.wire.sapient.messages import SapientMessage
from lowsky.wire.sapient.options import SapientOptions
from lowsky.wire.sapient.taxonomy import PATHS, classes_of
from lowsky.wire.sapient.telling import EXERCISE, Teller
from lowsky.wire.sapient.validate import faults_of, sentences

NOW = 1_790_000_000_000_000_000
IDS = Ids(b"test")
NODE = IDS.node("lowsky")


def picture(n: int, seed: int = 1) -> Air:
    rng = np.random.default_rng(seed)
    half = rng.normal(size=(n, 6, 6))
    return Air(
        time_ns=NOW,
        number=np.arange(1, n + 1),
        status=rng.choice([Status.CONFIRMED, Status.COASTING, Status.ENDED], n).astype(np.uint8),
        latitude_deg=rng.uniform(50.0, 52.0, n),
        longitude_deg=rng.uniform(3.0, 5.0, n),
        height_m=rng.uniform(0.0, 3000.0, n),
        velocity_mps=rng.normal(0.0, 30.0, (n, 3)),
        covariance=half @ half.transpose(0, 2, 1) + np.eye(6),
        existence=rng.uniform(0.5, 1.0, n),
        kind=rng.integers(0, len(Kind), n).astype(np.uint8),
        kind_probability=np.where(rng.uniform(size=n) < 0.5, np.nan, rng.uniform(0.3, 1.0, n)),
        level=np.zeros(n, dtype=np.uint8),
        rcs_dbsm=np.full(n, np.nan),
        first_report_ns=NOW - rng.integers(0, 10**12, n),
        last_report_ns=np.full(n, NOW),
        reports=rng.integers(1, 100, n),
        group_n=np.ones(n, dtype=np.int64),
        identity=tuple("4B1617" if i % 3 == 0 else "" for i in range(n)),
    )


def told(air: Air, **options: object) -> list[SapientMessage]:
    messages = list(Teller(NODE, IDS).reports(air, **options))  # type: ignore[arg-type]
    for message in messages:
        message.timestamp.FromNanoseconds(NOW)
        assert sentences(faults_of(message)) == []
    return messages


def test_every_object_is_told_by_the_rules_with_what_the_picture_says() -> None:
    air = picture(60)
    messages = told(air)
    assert len(messages) == 60
    assert len({m.detection_report.report_id for m in messages}) == 60
    assert len({m.detection_report.object_id for m in messages}) == 60
    states = {Status.CONFIRMED: "", Status.COASTING: "coasting", Status.ENDED: "lost"}
    for i, message in enumerate(messages):
        report = message.detection_report
        assert report.state == states[Status(air.status[i])]
        assert (report.location.y, report.location.x) == (air.latitude_deg[i], air.longitude_deg[i])
        assert report.location.z_error == pytest.approx(np.sqrt(air.covariance[i, 2, 2]))
        assert report.enu_velocity.north_rate == air.velocity_mps[i, 1]
        assert report.enu_velocity.up_rate_error == pytest.approx(np.sqrt(air.covariance[i, 5, 5]))
        assert report.detection_confidence == pytest.approx(air.existence[i], abs=1e-6)
        assert report.id == air.identity[i]
        kinds = [found.kind for found in classes_of(report.classification)]
        assert kinds == ([Kind(air.kind[i])] if air.kind[i] else [])


def test_an_object_keeps_its_id_and_two_pictures_have_different_reports() -> None:
    air = picture(5)
    teller = Teller(NODE, IDS)
    first, second = list(teller.reports(air)), list(teller.reports(air))
    ids = [[m.detection_report.object_id for m in messages] for messages in (first, second)]
    assert ids[0] == ids[1]
    assert not {m.detection_report.report_id for m in first} & {m.detection_report.report_id for m in second}


def test_what_is_too_uncertain_is_not_told_but_every_end_is() -> None:
    air = picture(60)
    messages = told(air, least_existence=0.8)
    expected = (air.existence >= 0.8) | (air.status == Status.ENDED)
    assert len(messages) == int(expected.sum())


def test_a_drill_is_said_in_every_message() -> None:
    assert {m.additional_information for m in told(picture(4), drill=True)} == {EXERCISE}
    assert {m.HasField("additional_information") for m in told(picture(4))} == {False}


def test_what_is_not_known_is_left_out() -> None:
    air = picture(1)
    air.height_m[:], air.velocity_mps[:], air.covariance[:, 2, 2], air.kind_probability[:] = np.nan, np.nan, np.nan, 0.5
    report = told(air)[0].detection_report
    assert not report.location.HasField("z")
    assert not report.location.HasField("z_error")
    assert not report.HasField("enu_velocity")


def test_every_kind_has_a_class_that_is_read_back() -> None:
    assert set(PATHS) == set(Kind) - {Kind.UNKNOWN}


@given(seed=st.integers(0, 50))
def test_another_node_reads_back_what_was_told(seed: int) -> None:
    air = picture(10, seed)
    site = site_of((Sensor("house", SensorKind.COOPERATIVE, 51.0, 4.0, 0.0, max_range_m=1e6),))
    intake = Intake(Context(site, "peer"), SapientOptions(sensors={NODE: "house"}))
    for message in told(air):
        intake.message(message, NOW)
    decoded = intake.take()
    seen = air.status != Status.ENDED
    assert decoded.ignored.get("object lost", 0) == int((~seen).sum())
    reports = decoded.reports
    np.testing.assert_array_equal(reports.latitude_deg, air.latitude_deg[seen])
    np.testing.assert_array_equal(reports.height_m, air.height_m[seen])
    np.testing.assert_array_equal(reports.up_mps, air.velocity_mps[seen, 2])
    horizontal = np.sqrt((air.covariance[seen, 0, 0] + air.covariance[seen, 1, 1]) / 2.0)
    np.testing.assert_allclose(reports.sigma_position_m, horizontal)
    names = [reports.identities[i] if i >= 0 else "" for i in reports.identity.tolist()]
    assert names == [name for name, there in zip(air.identity, seen, strict=True) if there]
