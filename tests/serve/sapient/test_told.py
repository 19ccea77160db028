"""What a listener is told first, what a complaint changes, and what an installation is known by."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lowsky.model.action import Action, ActionKind
from lowsky.model.errors import InputError
from lowsky.model.kinds import Kind
from lowsky.model.notice import NO_TIME_NS, Level
from lowsky.serve.config.installation import FILE, installation_seed
from lowsky.serve.engine.inbox import InboxFullError
from lowsky.serve.outputs.sapient.line import FIRST_REST_S, LONGEST_REST_S, Line
from lowsky.serve.outputs.sapient.told import chosen, urgency, warned
from lowsky.wire.sapient.ids import Ids
from lowsky.wire.sapient.session.tasks import Wishes
from lowsky.wire.sapient.telling import Teller
from tests.airs import air
from tests.serve.sapient.houses import notice
from tests.serve.sapient.nodes import RADAR
from tests.serve.showing import Server


def test_what_ended_and_what_is_near_a_place_leaves_first_and_the_rest_in_turn() -> None:
    status, level = np.array([1, 1, 3, 1, 1]), np.array([0, 2, 0, 3, 0])
    picture = air([10, 11, 12, 13, 14], status=status, level=level)
    assert picture.number[urgency(picture, 0)].tolist() == [12, 13, 11, 10, 14]
    assert picture.number[urgency(picture, 10)].tolist() == [12, 13, 11, 14, 10]


def test_only_what_is_sure_enough_is_told_but_every_end() -> None:
    picture = air(
        [1, 2, 3], existence=np.array([0.5, 0.95, 0.1]), status=np.array([1, 1, 3]), kind=int(Kind.BIRD),
        kind_probability=np.array([0.9, 0.6, 0.9]),
    )  # fmt: skip
    assert chosen(picture, Wishes()) is picture
    told = chosen(picture, Wishes(least_existence=0.9, least_class=0.8))
    assert told.number.tolist() == [2, 3]
    assert told.kind.tolist() == [Kind.UNKNOWN, Kind.BIRD]
    assert picture.kind.tolist() == [Kind.BIRD] * 3


def test_a_notice_goes_with_where_its_object_is() -> None:
    teller = Teller(RADAR, Ids(b"x"))
    here = warned(notice(3), air([5, 7]), teller)
    assert here.object_id == teller.object_id(7, int(air([7]).first_report_ns[0]))
    assert (here.latitude_deg, here.level, here.acknowledged) == (56.0, Level.WARNING, False)
    gone = warned(notice(3, ended_ms=1.0, arrival_ms=None), air([5, 8]), teller)
    assert (gone.object_id, gone.level, gone.arrival_ns) == ("", Level.CLEAR, NO_TIME_NS)


def test_who_complains_is_told_less_often_until_it_complains_no_more() -> None:
    writer: Any = SimpleNamespace(
        transport=SimpleNamespace(set_write_buffer_limits=lambda high: None), get_extra_info=lambda name: None
    )
    line = Line(None, writer, None)  # type: ignore[arg-type]
    rests = []
    for complaint in [False, True, True, True] + [False] * 40 + [True] * 8:
        if complaint:
            line.complained()
        rests.append(line._rest())
    assert rests[:4] == [0.0, FIRST_REST_S, 2 * FIRST_REST_S, 4 * FIRST_REST_S]
    assert rests[43] == 0.0
    assert rests[-1] == LONGEST_REST_S


def test_an_acknowledgement_is_an_action_of_the_output() -> None:
    given: list[Action] = []
    server = Server()
    server.inbox = SimpleNamespace(act=given.append)
    server.view.acknowledge(3, "command")
    assert given == [Action(0, ActionKind.ACKNOWLEDGE, 3, who="command")]

    def full(action: Action) -> None:
        raise InboxFullError

    server.inbox = SimpleNamespace(act=full)
    server.view.acknowledge(3, "command")  # logged, and nothing breaks


def test_an_installation_keeps_what_it_is_known_by(tmp_path: Path) -> None:
    seed = installation_seed(tmp_path)
    assert installation_seed(tmp_path) == seed
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    (tmp_path / "other").mkdir()
    assert installation_seed(tmp_path / "other") != seed


@pytest.mark.parametrize("content", ["", "zz", "00", "é"])
def test_what_is_no_seed_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="does not hold 32 hexadecimal digits"):
        installation_seed(tmp_path)


def test_a_folder_that_cannot_keep_it_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be kept"):
        installation_seed(tmp_path / "nowhere")
