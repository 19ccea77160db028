"""The life of a notice: levels, changed numbers, gaps, merges, hands, waves, vessels, places that change."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from lowsky.assess import Rules, acknowledged_by, delivered_to, place_positions
from lowsky.model.action import Action, ActionKind
from lowsky.model.notice import Event, EventKind, Level
from lowsky.model.place import Place, Shape, places_text
from tests.assess.nights import HARBOUR, SECOND_NS, Night, State, flown

INTO: State = (0.0, 3000.0, 200.0, 0.0, -45.0, 0.0)  # enters the harbour after 60 s
BESIDE: State = (8.0, 3005.0, 200.0, 0.0, -45.0, 0.0)
AWAY: State = (0.0, 3000.0, 200.0, 0.0, 45.0, 0.0)
SHIP = Place("ship", "Ship", Shape.VESSEL, (), 350.0, top_m=600.0, identity="440123456")


def kinds(events: list[Event]) -> list[EventKind]:
    return [event.kind for event in events]


def act(night: Night, kind: ActionKind, number: int = 0, value: str = "", who: str = "officer") -> Action:
    return Action(night.time_ns, kind, number, value, who)


def warned(number: int = 7) -> Night:
    """A night with one notice at the level of a warning, of an object that comes from the north."""
    night = Night()
    for _ in range(3):
        batch = night.tick({number: INTO})
    assert batch.level.tolist() == [Level.WARNING]
    return night


class TestLevels:
    def test_rise_at_once_and_sink_only_after_a_while(self) -> None:
        night = warned()
        levels = [int(batch.level[0]) for batch in (night.tick({7: AWAY}) for _ in range(12)) if len(batch)]
        held = round(night.state.rules.hold_s)
        assert levels[:held] == [Level.WARNING] * held
        assert levels[held:] == [Level.CLEAR]
        assert kinds(night.events) == [EventKind.RAISED, EventKind.ENDED]

    def test_a_weave_does_not_show(self) -> None:
        night = warned()
        for second in range(60):
            night.tick({7: AWAY if second % 8 < 6 else INTO})
        assert kinds(night.events) == [EventKind.RAISED]

    def test_do_not_depend_on_how_often_it_is_asked(self) -> None:
        nights = [Night(), Night()]
        for night, step_s in zip(nights, (0.2, 1.0), strict=True):
            for k in range(1, round(80 / step_s)):
                night.tick({7: flown((0.0, 7000.0, 200.0, 0.0, -45.0, 0.0), k * step_s)}, seconds=step_s)
        first, second = ([(e.kind, e.level) for e in night.events] for night in nights)
        assert first == second
        for fine, coarse in zip(nights[0].events, nights[1].events, strict=True):
            assert abs(fine.time_ns - coarse.time_ns) <= 1.5 * SECOND_NS

    def test_height_matters(self) -> None:
        for height_m, expected in ((200.0, 1), (2500.0, 0)):
            night = Night()
            night.fly({7: (0.0, 3000.0, height_m, 0.0, -45.0, 0.0)}, 3)
            assert len(night.events) == expected


class TestNumbers:
    def test_a_new_number_takes_over(self) -> None:
        night = warned()
        for _ in range(4):
            assert len(night.tick({})) == 1
        batch = night.tick({19: flown(INTO, 5)})
        assert batch.track.tolist() == [19]
        assert batch.notice.tolist() == [1]
        assert kinds(night.events) == [EventKind.RAISED, EventKind.MOVED]
        assert night.events[-1].track == 19

    @pytest.mark.parametrize(
        "other",
        [(0.0, 3000.0, 200.0, 0.0, 45.0, 0.0), (900.0, 2775.0, 200.0, 0.0, -45.0, 0.0)],
        ids=["flies elsewhere", "is elsewhere"],
    )
    def test_another_object_does_not(self, other: State) -> None:
        night = warned()
        night.tick({})
        night.tick({19: other})
        assert EventKind.MOVED not in kinds(night.events)

    def test_nor_one_that_declares_something_else(self) -> None:
        night = Night()
        for _ in range(3):
            night.tick({7: INTO}, identities={7: 1})
        night.tick({19: INTO}, identities={19: 2})
        assert EventKind.MOVED not in kinds(night.events)

    def test_nor_one_that_was_seen_beside_it_for_long(self) -> None:
        night = Night()
        for _ in range(20):
            night.tick({7: INTO})
        night.tick({19: INTO})  # pictures of these nights say that everything was first seen at their start
        assert EventKind.MOVED not in kinds(night.events)

    def test_after_too_long_a_gap_it_is_another(self) -> None:
        night = warned()
        gone = round(night.state.rules.lost_s) + 2
        for _ in range(gone):
            night.tick({})
        assert kinds(night.events) == [EventKind.RAISED, EventKind.ENDED]
        night.tick({19: INTO})
        assert kinds(night.events)[2:] == [EventKind.RAISED]

    def test_a_gap_does_not_show(self) -> None:
        night = warned()
        levels = [night.tick({}).level.tolist() for _ in range(20)]
        assert levels == [[Level.WARNING]] * 20
        night.tick({7: flown(INTO, 21)})
        assert kinds(night.events) in ([EventKind.RAISED], [EventKind.RAISED, EventKind.LEVEL])

    def test_of_two_that_were_one_the_notice_of_one_stays(self) -> None:
        night = Night()
        night.fly({7: INTO, 8: BESIDE}, 3)
        batch = night.fly({7: flown(INTO, 3)}, 6)[-1]
        assert batch.notice.tolist() == [1]
        assert [(e.kind, e.notice) for e in night.events[2:]] == [(EventKind.ENDED, 2)]

    def test_of_two_that_were_one_the_only_notice_moves(self) -> None:
        night = Night(rules=dataclasses.replace(Rules(), warning_up=0.999, imminent_up=0.999))
        night.fly({9: INTO}, 3)
        seen = night.fly({3: flown(BESIDE, 3), 9: flown(INTO, 3)}, 1)[-1]
        ends = Action(night.time_ns, ActionKind.END, int(seen.notice[0]))
        assert seen.track.tolist() == [9, 3]
        night.tick({3: flown(BESIDE, 4), 9: flown(INTO, 4)}, ends)
        batch = night.fly({9: flown(INTO, 5)}, 6)[-1]
        assert batch.track.tolist() == []  # what was ended by hand stays so under the other number, too
        assert night.state.tables["notices"]["track"].tolist() == [9]


class TestHands:
    def test_who_has_seen_it_is_kept_whatever_the_level_does(self) -> None:
        night = warned()
        night.tick({7: INTO}, act(night, ActionKind.ACKNOWLEDGE, 1, who="kim"))
        seen_ns = night.time_ns
        batches = night.fly({7: flown(INTO, 4)}, 45)
        assert batches[-1].level.tolist() == [Level.IMMINENT]
        assert batches[-1].acknowledged_ns.tolist() == [seen_ns]
        assert [(e.kind, e.who) for e in night.events if e.kind is EventKind.ACKNOWLEDGED] == [
            (EventKind.ACKNOWLEDGED, "kim")
        ]
        assert acknowledged_by(night.state) == {1: "kim"}

    def test_the_second_to_see_it_changes_nothing(self) -> None:
        night = warned()
        night.tick({7: INTO}, act(night, ActionKind.ACKNOWLEDGE, 1, who="kim"))
        night.tick({7: INTO}, act(night, ActionKind.ACKNOWLEDGE_CALL, 1, who="lee"))
        assert acknowledged_by(night.state) == {1: "kim"}
        assert kinds(night.events).count(EventKind.ACKNOWLEDGED) == 1

    def test_a_delivery_is_kept_until_the_call_is_over(self) -> None:
        night = warned()
        night.tick({7: INTO}, act(night, ActionKind.DELIVERED, 1, who="pager"))
        assert delivered_to(night.state) == {1: {"pager": night.time_ns}}
        assert (night.events[-1].kind, night.events[-1].who) == (EventKind.DELIVERED, "pager")
        for _ in range(200):
            night.tick({7: AWAY})
        night.fly({8: INTO}, 3)
        for _ in range(100):
            night.tick({})
        assert delivered_to(night.state) == {}
        assert len(night.state.tables["calls"]) <= 1

    def test_what_is_ended_by_hand_is_not_told_again(self) -> None:
        night = warned()
        batch = night.tick({7: INTO}, act(night, ActionKind.END, 1, "our own", "kim"))
        assert len(batch) == 0
        assert (night.events[-1].kind, night.events[-1].who) == (EventKind.ENDED, "kim")
        assert all(len(night.tick({7: INTO})) == 0 for _ in range(30))

    def test_unless_it_becomes_worse(self) -> None:
        night = warned()
        night.tick({7: INTO}, act(night, ActionKind.END, 1))
        batches = night.fly({7: flown(INTO, 4)}, 50)
        last = [b for b in batches if len(b)][-1]
        assert (last.notice.tolist(), last.level.tolist()) == ([2], [Level.IMMINENT])

    @pytest.mark.parametrize(
        "kind", [ActionKind.ACKNOWLEDGE, ActionKind.ACKNOWLEDGE_CALL, ActionKind.DELIVERED, ActionKind.END]
    )
    def test_what_refers_to_nothing_is_counted(self, kind: ActionKind) -> None:
        night = warned()
        night.tick({7: INTO}, act(night, kind, 99))
        assert night.state.tally["without_effect"] == 1
        assert kinds(night.events) == [EventKind.RAISED]

    def test_a_drill_is_on_until_it_is_off(self) -> None:
        night = warned()
        for value, drill, refused in (("on", 1, 0), ("maybe", 1, 1), ("off", 0, 1)):
            night.tick({}, act(night, ActionKind.DRILL, value=value))
            assert (night.state.tally["drill"], night.state.tally["without_effect"]) == (drill, refused)

    def test_names_have_a_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("lowsky.assess.actions.MOST_NAMES", 2)
        night = warned()
        for who in ("a", "b", "c", "a"):
            night.tick({7: INTO}, act(night, ActionKind.DELIVERED, 1, who=who))
        assert night.state.names == ["a", "b"]


class TestWaves:
    def test_a_line_is_one_call(self) -> None:
        night = Night()
        line: dict[int, State] = {k: (60.0 * k - 200.0, 3000.0 + 40.0 * k, 200.0, 0.0, -45.0, 0.0) for k in range(1, 8)}
        batch = night.fly(line, 3)[-1]
        assert len(batch) == 7
        assert set(batch.call.tolist()) == {1}
        assert night.state.tables["calls"]["notices"].tolist() == [7]

    def test_from_another_side_is_another_call(self) -> None:
        night = Night()
        batch = night.fly({1: INTO, 2: (3000.0, 0.0, 200.0, -45.0, 0.0, 0.0)}, 3)[-1]
        assert batch.call.tolist() == [1, 2]

    def test_later_is_another_call(self) -> None:
        night = warned()
        for _ in range(round(night.state.rules.wave_s) + 1):
            night.tick({7: INTO})
        batch = night.tick({7: INTO, 8: flown(INTO, -3)})
        assert batch.call.tolist() == [1, 2]


class TestVessels:
    def flights(self, second: int, heard: bool) -> dict[int, State]:
        flights: dict[int, State] = {7: flown((0.0, 3000.0, 150.0, 0.0, -45.0, 0.0), second)}
        if heard:
            flights[1] = flown((-400.0, 0.0, 0.0, 8.0, 0.0, 0.0), second)
        return flights

    def test_a_place_goes_with_its_vessel(self) -> None:
        night = Night((SHIP,))
        night.identities = ["other", "440123456"]
        for second in range(50):
            batch = night.tick(self.flights(second, True), identities={1: 1})
            assert place_positions(night.state, night.time_ns)[0] == pytest.approx([8.0 * second - 400.0, 0.0])
        assert batch.track.tolist() == [7]
        left_s = (2650.0 / 45.0) - 49.0
        assert (batch.arrival_ns[0] - night.time_ns) / SECOND_NS == pytest.approx(left_s, abs=1.0)

    def test_one_that_is_not_heard_has_no_position(self) -> None:
        night = Night((SHIP,))
        for second in range(50):
            assert len(night.tick(self.flights(second, False))) == 0
        assert np.isnan(place_positions(night.state, night.time_ns)).all()

    def test_one_that_falls_silent_keeps_its_notices_without_a_time(self) -> None:
        night = Night((SHIP,), dataclasses.replace(Rules(), vessel_lost_s=10.0))
        night.identities = ["440123456"]
        for second in range(20):
            night.tick(self.flights(second, True), identities={1: 0})
        batches = [night.tick(self.flights(20 + second, False)) for second in range(20)]
        assert batches[5].arrival_ns[0] > 0
        assert batches[-1].arrival_ns.tolist() == [0]
        assert batches[-1].level.tolist() == batches[9].level.tolist()


class TestPlaces:
    def test_notices_of_a_place_that_stays_go_on(self) -> None:
        night = warned()
        other = dataclasses.replace(HARBOUR, id="other")
        new = (other, dataclasses.replace(HARBOUR, top_m=900.0))
        batch = night.tick({7: INTO}, act(night, ActionKind.SET_PLACES, value=places_text(new)))
        assert (batch.notice[0], batch.place[0]) == (1, 1)
        assert night.state.places == new

    def test_those_of_one_that_goes_end(self) -> None:
        night = warned()
        elsewhere = (dataclasses.replace(HARBOUR, id="far", points_deg=((38.0, 128.0),)), SHIP)
        night.tick({7: INTO}, act(night, ActionKind.SET_PLACES, value=places_text(elsewhere)))
        assert kinds(night.events) == [EventKind.RAISED, EventKind.ENDED]
        night.tick({7: INTO}, act(night, ActionKind.SET_PLACES, value="[]"))
        assert len(night.tick({7: INTO})) == 0

    def test_what_is_no_place_changes_nothing(self) -> None:
        night = warned()
        night.tick({7: INTO}, act(night, ActionKind.SET_PLACES, value='[{"id": ""}]'))
        assert night.state.places == (HARBOUR,)
        assert night.state.tally["without_effect"] == 1
