"""The hub and its clients: whoever applies what it is told shows the picture, however slowly it takes messages."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.serve.feed import hub as hub_module
from lowsky.serve.feed.client import MAX_NAMES, Client
from lowsky.serve.feed.columns import COLUMNS
from lowsky.serve.feed.hub import MAX_MISSED, Hub
from tests.serve.decoding import Message, Mirror, decode
from tests.serve.pictures import picture

HELLO = [list(column) for column in COLUMNS]


def joined(hub: Hub) -> Client:
    client = Client(hub, "somebody", 0.0)
    hub.clients.add(client)
    return client


def drained(client: Client) -> tuple[list[dict[str, object]], list[Message]]:
    texts, pictures = [], []
    while (message := client.next()) is not None:
        if isinstance(message, str):
            texts.append(json.loads(message))
        else:
            pictures.append(decode(message, HELLO))
    return texts, pictures


def test_a_client_gets_hello_then_a_snapshot() -> None:
    hub = Hub()
    hub.publish(picture([1, 4]), 1000.0, 990.0)
    texts, pictures = drained(joined(hub))
    assert [t["type"] for t in texts] == ["hello"]
    assert texts[0]["columns"] == HELLO
    assert [(m.what, sorted(m.rows)) for m in pictures] == [("snapshot", [1.0, 4.0])]


def test_only_rows_with_news_are_sent_and_the_gone_are_named() -> None:
    hub = Hub()
    hub.publish(picture([1, 2, 3], last_report_ms=[10, 10, 10]), 1000.0, 10.0)
    client = joined(hub)
    drained(client)
    hub.publish(picture([1, 2, 4], last_report_ms=[10, 20, 20], lat=[57.0, 56.0, 56.0]), 1100.0, 20.0)
    _, [message] = drained(client)
    assert message.what == "changes"
    assert sorted(message.rows) == [2.0, 4.0]
    assert message.removed == [3.0]
    hub.publish(picture([1, 2, 4], last_report_ms=[10, 20, 20]), 1200.0, 20.0)
    assert drained(client) == ([], [])


@pytest.mark.parametrize("column", ["status", "kind", "level", "flags", "identity"])
def test_a_change_without_a_report_is_news(column: str) -> None:
    hub = Hub()
    hub.publish(picture([1, 2]), 1000.0, 0.0)
    client = joined(hub)
    drained(client)
    hub.publish(picture([1, 2], **{column: [3, 5]}), 1030.0, 0.0)
    hub.publish(picture([1, 2], **{column: [3, 6]}), 1060.0, 0.0)
    _, [message] = drained(client)
    assert {n: row[column] for n, row in message.rows.items()} == {1.0: 3.0, 2.0: 6.0}


def test_what_coasts_is_sent_again_each_second() -> None:
    hub = Hub()
    client = joined(hub)
    sent = []
    for i in range(40):
        hub.publish(picture([1]), 1000.0 + 100.0 * i, 0.0)
        _, pictures = drained(client)
        sent += [m.picture_ms for m in pictures]
    assert sent == [1000.0, 2000.0, 3000.0, 4000.0]


@given(st.lists(st.tuples(st.sets(st.integers(1, 9)), st.integers(0, 3), st.booleans()), max_size=40))
def test_mirrors_show_the_picture_however_slow(steps: list[tuple[set[int], int, bool]]) -> None:
    hub = Hub()
    fast, slow = joined(hub), joined(hub)
    mirrors = {id(fast): Mirror(), id(slow): Mirror()}
    for i, (numbers, level, takes) in enumerate(steps):
        levels = [(level + n) % 4 for n in sorted(numbers)]
        hub.publish(picture(sorted(numbers), level=levels, last_report_ms=float(i)), 1000.0 + 30.0 * i, float(i))
        for client in (fast, slow) if takes else (fast,):
            for message in drained(client)[1]:
                mirrors[id(client)].apply(message)
    for client in (fast, slow):
        for message in drained(client)[1]:
            mirrors[id(client)].apply(message)
        shown = {n: row["level"] for n, row in mirrors[id(client)].rows.items()}
        assert shown == dict(zip(hub.table["number"].tolist(), hub.table["level"].tolist(), strict=True))


def test_newer_reports_are_told_even_if_they_changed_nothing() -> None:
    hub = Hub()
    hub.publish(picture([1]), 1000.0, 900.0)
    client = joined(hub)
    drained(client)
    client.news.clear()
    hub.publish(picture([1]), 1030.0, 1020.0)
    assert client.news.is_set()
    _, [message] = drained(client)
    assert (message.what, message.rows, message.newest_report_ms) == ("changes", {}, 1020.0)
    hub.publish(picture([1]), 1060.0, 1020.0)
    assert drained(client) == ([], [])


def test_who_missed_too_much_gets_a_snapshot() -> None:
    hub = Hub()
    hub.publish(picture([1]), 0.0, 0.0)
    client = joined(hub)
    drained(client)
    for i in range(MAX_MISSED + 1):
        hub.publish(picture([1], last_report_ms=float(i + 1)), float(i), 0.0)
    _, [message] = drained(client)
    assert message.what == "snapshot"


def test_forgotten_removals_lead_to_a_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "MAX_REMOVED", 3)
    hub = Hub()
    hub._removed = type(hub._removed)(maxlen=3)
    hub.publish(picture([1, 2, 3, 4, 5]), 0.0, 0.0)
    client = joined(hub)
    mirror = Mirror()
    for message in drained(client)[1]:
        mirror.apply(message)
    for left in ([2, 3, 4, 5], [3, 4, 5], [4, 5], [5]):
        hub.publish(picture(left), 1.0, 0.0)
    for message in drained(client)[1]:
        assert message.what == "snapshot"
        mirror.apply(message)
    assert sorted(mirror.rows) == [5.0]


def test_messages_are_encoded_once_for_all_who_stand_alike() -> None:
    hub = Hub()
    clients = [joined(hub) for _ in range(5)]
    for client in clients:
        drained(client)
    hub.publish(picture([1, 2]), 1.0, 0.0)
    messages = {id(client.next()) for client in clients}
    assert len(messages) == 1


def test_texts_are_the_latest_and_events_are_all() -> None:
    hub = Hub()
    hub.tell('{"type":"event","n":0}')
    client = joined(hub)
    drained(client)
    for n in range(1, 4):
        hub.say("status", json.dumps({"type": "status", "n": n}))
        hub.tell(json.dumps({"type": "event", "n": n}))
    texts, _ = drained(client)
    assert [t["n"] for t in texts if t["type"] == "event"] == [1, 2, 3]
    assert [t["n"] for t in texts if t["type"] == "status"] == [3]
    assert drained(client) == ([], [])


def test_events_beyond_the_limit_are_forgotten_the_oldest_first() -> None:
    hub = Hub()
    client = joined(hub)
    drained(client)
    for n in range(hub_module.MAX_EVENTS + 7):
        hub.tell(json.dumps({"type": "event", "n": n}))
    texts, _ = drained(client)
    assert [t["n"] for t in texts] == list(range(7, hub_module.MAX_EVENTS + 7))


def test_identities_come_before_the_picture_that_points_at_them_and_in_pieces() -> None:
    hub = Hub()
    hub.identities = [f"id{i}" for i in range(MAX_NAMES + 3)]
    hub.publish(picture([1], identity=MAX_NAMES + 2), 1.0, 0.0)
    client = joined(hub)
    kinds: list[str] = []
    names: list[str] = []
    while (message := client.next()) is not None:
        kinds.append("picture" if isinstance(message, bytes) else json.loads(message)["type"])
        if kinds[-1] == "identities":
            part = json.loads(message)
            assert part["from"] == len(names)
            names += part["names"]
    assert kinds == ["hello", "identities", "identities", "picture"]
    assert names == hub.identities
    hub.identities.append("late")
    assert json.loads(str(client.next())) == {"type": "identities", "from": MAX_NAMES + 3, "names": ["late"]}


def test_news_wakes_clients_and_nothing_new_does_not() -> None:
    hub = Hub()
    client = joined(hub)
    hub.publish(picture([1]), 1.0, 0.0)
    assert client.news.is_set()
    drained(client)
    client.news.clear()
    hub.publish(picture([1]), 2.0, 0.0)
    assert not client.news.is_set()
    hub.publish(picture([]), 3.0, 0.0)
    assert client.news.is_set()
    assert np.array_equal(hub.table["number"], [])
