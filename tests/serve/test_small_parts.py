"""Static files, horizons, questions about the past, live objects as answers: each on its own."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.horizon import horizon_from_json
from lowsky.model.sensor import Sensor, SensorKind
from lowsky.serve.answers.sensors import Horizon
from lowsky.serve.answers.tracking import Tracking
from lowsky.serve.api import pages
from lowsky.serve.engine.object_info import object_info
from lowsky.serve.errors import ApiError
from lowsky.serve.horizons import FILE_NAME, Horizons, as_action, checked
from lowsky.serve.past import service as service_module
from lowsky.serve.past.service import PastService
from lowsky.serve.pauses import Pauses, reason_of
from lowsky.serve.sensitivity import Sensitivity
from lowsky.serve.sensitivity import as_action as turn_action
from lowsky.tracking.settings import Settings
from lowsky.tracking.turning import turned
from tests.serve.pictures import picture

RADAR = Sensor("radar", SensorKind.RADAR_3D, 56.0, 11.0, 50.0)


@pytest.fixture
def static(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "app.js").write_text("1")
    (folder / ".hidden").write_text("secret")
    (tmp_path / "outside.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    monkeypatch.setattr(pages, "STATIC", folder)
    return folder


def test_files_of_the_pages_are_found(static: Path) -> None:
    assert pages.static_path("src/app.js") == static / "src" / "app.js"


@pytest.mark.parametrize(
    "name",
    ["", "src", "none.js", "../outside.txt", "src/../../outside.txt", "/etc/passwd", ".hidden", "src/.x", "link.txt",
     "..\\outside.txt", "src/app.js\0", "%2e%2e/outside.txt", "src//../../outside.txt", "." * 5000],
)  # fmt: skip
def test_nothing_else_is(static: Path, name: str) -> None:
    with pytest.raises(ApiError) as caught:
        pages.static_path(name)
    assert caught.value.status == 404


@given(st.text(max_size=40))
def test_no_name_leads_out(name: str) -> None:
    try:
        path = pages.static_path(name)
    except ApiError:
        return
    assert path.is_relative_to(pages.STATIC)


def test_horizons_are_kept_and_turned_into_what_the_core_reads(tmp_path: Path) -> None:
    drawn = Horizon((0.0, 90.0, 270.0), (1.0, 5.0, -2.0))
    horizons = Horizons(tmp_path, (RADAR,))
    assert horizons.get("radar") == Horizon((), ())
    horizons.keep("radar", checked(drawn))
    again = Horizons(tmp_path, (RADAR,))
    assert again.get("radar") == drawn
    corners = horizon_from_json(as_action(drawn))
    assert corners[1] == pytest.approx((math.pi / 2, math.radians(5.0)))
    assert as_action(Horizon((), ())) == ""
    assert Horizons(tmp_path, ()).drawn == {}, "of sensors that are gone nothing is kept"


def test_described_horizons_are_shown_until_one_is_drawn(tmp_path: Path) -> None:
    described = replace(RADAR, horizon=((0.0, 0.1), (math.pi, 0.2)))
    found = Horizons(tmp_path, (described,)).get("radar")
    assert found.azimuth_deg == pytest.approx((0.0, 180.0))
    assert found.elevation_deg == pytest.approx((math.degrees(0.1), math.degrees(0.2)))


def test_a_rate_that_was_turned_holds_until_the_configuration_says_another(tmp_path: Path) -> None:
    knob = Sensitivity(tmp_path, 2.0)
    assert knob.answer() == Tracking(2.0, 2.0)
    knob.turn(10.0)
    assert Sensitivity(tmp_path, 2.0).answer() == Tracking(10.0, 2.0)
    assert Sensitivity(tmp_path, 5.0).answer() == Tracking(5.0, 5.0), "the file was changed meanwhile"
    assert not knob.configure(2.0)
    assert knob.configure(5.0)
    assert knob.answer() == Tracking(5.0, 5.0)
    assert turned(Settings(), turn_action(0.5)).false_tracks_per_hour == 0.5


@pytest.mark.parametrize("text", ["", "{", "[]", '{"turned": -1, "configured": 2}', '{"turned": "a", "configured": 2}'])
def test_a_spoilt_file_of_the_turned_rate_stops_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "tracking.json").write_text(text)
    assert Sensitivity(tmp_path, 2.0).value == 2.0


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"radar": 3}', '{"radar": {"azimuth_deg": [400], "elevation_deg": [1]}}']
)
def test_a_spoilt_file_of_horizons_stops_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    assert Horizons(tmp_path, (RADAR,)).drawn == {}


@pytest.mark.parametrize(
    "horizon", [Horizon((1.0,), ()), Horizon((-1.0,), (0.0,)), Horizon((1.0,), (91.0,)), Horizon((math.nan,), (0.0,))]
)  # fmt: skip
def test_horizons_that_cannot_be_are_refused(horizon: Horizon) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        checked(horizon)


def test_nobody_looks_into_a_past_that_is_not_kept() -> None:
    with pytest.raises(ApiError, match="nothing is recorded"):
        asyncio.run(PastService(None).info())


def test_few_look_into_the_past_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_module, "MAX_WAITING", 2)
    service = PastService(tmp_path)

    class Pool:
        """Never answers."""

        _processes: dict[int, Any] = {}  # noqa: RUF012

        def submit(self, *given: Any) -> Any:
            from concurrent.futures import Future

            return Future()

        def shutdown(self, **how: Any) -> None:
            pass

    monkeypatch.setattr(service, "_running", lambda folder: Pool())
    monkeypatch.setattr(service_module, "ANSWER_S", 0.05)

    async def ask() -> list[Any]:
        return await asyncio.gather(*(service.info() for _ in range(3)), return_exceptions=True)

    answers = [str(error.sentence) for error in asyncio.run(ask())]
    assert sorted(answers) == ["looking there took too long"] * 2 + ["too many look into the past at once"]


def test_a_row_as_an_answer_says_none_for_what_is_unknown() -> None:
    table = picture([5], cov_ee_m2=9.0, cov_nn_m2=4.0, cov_en_m2=0.0, status=2, kind=1, level=3, identity=1)
    info = object_info(table, 0, ["A", "B"])
    assert (info.number, info.status, info.kind, info.level, info.identity) == (
        5,
        "coasting",
        "multirotor",
        "imminent",
        "B",
    )
    assert info.sigma_m == pytest.approx(3.0)
    assert info.rcs_dbsm is None
    assert info.kind_probability is None
    tilted = picture([5], cov_ee_m2=5.0, cov_nn_m2=5.0, cov_en_m2=3.0)
    assert object_info(tilted, 0, []).sigma_m == pytest.approx(math.sqrt(8.0))
    assert object_info(tilted, 0, []).identity == ""


def test_pauses_double_up_to_a_limit_and_begin_again_after_a_long_run() -> None:
    pauses = Pauses()
    assert [pauses.after(1.0) for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert pauses.after(61.0) == 0.5
    assert pauses.after(0.0) == 1.0
    assert reason_of(OSError(111, "Connection refused")) == "Connection refused"
    assert reason_of(ValueError("a: 1 is not 2")) == "a: 1 is not 2"
    assert reason_of(EOFError()) == "EOFError"
