"""Files, the feed, and the tables of `site.toml` that name receivers."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lowsky.model.errors import InputError
from lowsky.model.notice import Level
from lowsky.serve.delivery import Receiver, courier, deliveries, feed, files, issuer_of, receivers_of
from lowsky.serve.delivery.feed import FeedStore
from lowsky.serve.delivery.files import CapFiles
from lowsky.serve.delivery.transport import Fate
from lowsky.wire.cap import NAMESPACE, Alert, Audience, check
from lowsky.wire.cap.alert import Info
from tests.serve.receivers import ISSUER, Stage, notice, played

ATOM = "{http://www.w3.org/2005/Atom}"
PLACES = {"harbour", "plant"}
HOOK = {"id": "tower", "kind": "webhook", "url": "https://tower.example/a", "secret": "x" * 20}


def alert(name: str, headline: str = "h") -> Alert:
    info = Info("en-GB", ("Safety",), "e", "Immediate", "Severe", "Likely", headline=headline, description="<d>&")
    return Alert(name, "s@x", "2026-09-21T14:13:20-00:00", "Actual", "Alert", "Public", info=(info,))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(courier, "LONGEST_WAIT_S", 0.03)
    monkeypatch.setattr(deliveries, "SWEEP_S", 0.02)


def test_files_hold_alerts_and_heartbeats(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "when needed"
    archive = Receiver("archive", "cap-file", Level.WARNING, frozenset(), Audience(), 0.05, folder=folder)
    stage = Stage([archive])

    async def scene() -> None:
        await stage.start()
        await stage.settle(lambda: stage.actions, notice())
        await stage.settle(lambda: (folder / "North-site-archive-heartbeat.xml").exists(), notice())
        await stage.settle(lambda: len(list(folder.glob("*-1-*.xml"))) == 2)

    with played(stage) as play:
        play(scene())
    found = sorted(folder.iterdir())
    assert len(found) == 3
    assert all(check(path.read_bytes()) == [] for path in found)
    assert [etree.parse(str(p)).getroot().findtext("{*}msgType") for p in found] == ["Alert", "Cancel", "Alert"]


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_text("in the way")
    stage = Stage([Receiver("archive", "cap-file", Level.WARNING, frozenset(), Audience(), folder=folder)])

    async def scene() -> None:
        await stage.start()
        await stage.settle(lambda: stage.status("archive").failing_since > 2, notice())
        assert "cannot be written" in stage.status("archive").last_error
        folder.unlink()
        await stage.settle(lambda: stage.actions, notice())

    with played(stage) as play:
        play(scene())


def test_old_files_go_and_those_of_others_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 5)
    monkeypatch.setattr(files, "THIN_OUT", 1)
    (tmp_path / "other-0.xml").write_text("not ours")
    way = CapFiles(tmp_path, "a-b-", json=True)

    async def scene() -> None:
        for i in range(9):
            assert (await way.send(alert(f"a-b-{i}"), heartbeat=False)).fate is Fate.CONFIRMED

    asyncio.run(scene())
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a-b-{i}.json" for i in range(4, 9)] + ["other-0.xml"]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=8))
def test_the_feed_leads_to_every_alert(headlines: list[str]) -> None:
    store = FeedStore()
    alerts = [alert(f"x-{i}", headline) for i, headline in enumerate(headlines)]
    for one in alerts:
        asyncio.run(store.send(one, heartbeat=False))
    asyncio.run(store.send(alert("beat"), heartbeat=True))
    root = etree.fromstring(store.atom("Harbour & <sons>", "http://localhost/api/cap"))
    assert root.findtext(f"{ATOM}title") == "Harbour & <sons>"
    assert root.findtext(f"{ATOM}updated") == "2026-09-21T14:13:20-00:00"
    links = [e.find(f"{ATOM}link").get("href") for e in root.findall(f"{ATOM}entry")]
    assert links == [f"http://localhost/api/cap/{name}.xml" for name in ["beat", *[a.identifier for a in alerts[::-1]]]]
    for entry, one in zip(root.findall(f"{ATOM}entry")[1:], alerts[::-1], strict=True):
        told = {name: entry.findtext(f"{{{NAMESPACE}}}{name}") for name in ("status", "msgType", "event", "expires")}
        info = one.info[0]
        assert told == {"status": one.status, "msgType": one.msg_type, "event": info.event, "expires": None}
    for link in links:
        document = store.document(link.rsplit("/", 1)[1].removesuffix(".xml"))
        assert document is not None
        assert check(document) == []
    assert store.document("../x-0") is None


def test_the_feed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed, "MOST_ALERTS", 3)
    store = FeedStore()
    store.keep(alert(f"x-{i}") for i in range(7))
    assert list(store.alerts) == ["x-4", "x-5", "x-6"]


def test_what_is_in_the_feed_is_not_recorded_as_delivered() -> None:
    stage = Stage([Receiver("feed", "feed", Level.WATCH, frozenset(), Audience(), 0.05)])

    async def scene() -> None:
        await stage.start()
        await stage.settle(lambda: len(stage.deliveries.feed.alerts) == 1, notice(level=Level.WATCH))
        await stage.settle(lambda: stage.deliveries.feed.heartbeat is not None)
        assert stage.actions == []

    with played(stage) as play:
        play(scene())


def read(tmp_path: Path, *entries: dict[str, Any]) -> tuple[Receiver, ...]:
    return receivers_of(entries, tmp_path, PLACES, "site.toml")


def test_a_receiver_is_read_with_its_defaults(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("whsec_" + base64.b64encode(b"k" * 24).decode() + "\n")
    hook, archive, default_feed = read(
        tmp_path,
        {"id": "tower", "kind": "webhook", "url": "http://127.0.0.1:8080/a", "secret_file": "key", "scope": "Private"},
        {
            "id": "archive",
            "kind": "cap-file",
            "folder": "alerts",
            "level": "watch",
            "languages": ["ko"],
            "format": "json",
        },
    )
    assert (hook.secret, hook.level, hook.audience.addresses) == (b"k" * 24, Level.WARNING, ("tower",))
    assert "kkkk" not in repr(hook)
    assert (archive.folder, archive.level, archive.audience.languages, archive.json) == (
        tmp_path / "alerts", Level.WATCH, ("ko",), True,
    )  # fmt: skip
    assert (default_feed.kind, default_feed.level, default_feed.audience.scope) == ("feed", Level.WATCH, "Restricted")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "a b"}, "site.toml, receiver 'a b', id: 1 to 40 letters, digits, _, . or - are needed"),
        ({"kind": "mail"}, "site.toml, receivers[0].kind: Invalid enum value 'mail'"),
        ({"lebel": "watch"}, "site.toml, receivers[0]: Object contains unknown field `lebel`"),
        ({"level": "clear"}, "site.toml, receivers[0].level: Invalid enum value 'clear'"),
        ({"places": ["moon"]}, "site.toml, receiver 'tower', places: there is no place 'moon'"),
        ({"languages": ["xx"]}, "site.toml, receiver 'tower', languages: 'xx' is not one of en, ko"),
        ({"languages": []}, "site.toml, receiver 'tower', languages: at least one is needed, and each once"),
        ({"languages": ["en", "en"]}, "site.toml, receiver 'tower', languages: at least one is needed, and each once"),
        ({"heartbeat_s": 0.5}, "site.toml, receiver 'tower', heartbeat_s: 0.5 is not between 1 and 86400"),
        ({"heartbeat_s": float("nan")}, "site.toml, receiver 'tower', heartbeat_s: nan is not between 1 and 86400"),
        ({"restriction": " "}, "site.toml, receiver 'tower', restriction: a Restricted scope needs one"),
        (
            {"url": "file:///etc/passwd"},
            "site.toml, receiver 'tower', url: 'file:///etc/passwd' is no http or https address",
        ),
        ({"url": "https://"}, "site.toml, receiver 'tower', url: 'https://' is no http or https address"),
        (
            {"url": "https://x:99999/"},
            "site.toml, receiver 'tower', url: 'https://x:99999/' is no http or https address",
        ),
        ({"url": "https://a\r\nHost: b/"}, "is no http or https address"),
        ({"url": "https://u:p@x/"}, "no user and password here"),
        ({"url": "https://x/#y"}, "a part after # is never sent"),
        ({"url": "http://10.0.0.9/"}, "10.0.0.9 would be told without encryption; https, or plain_http = true"),
        ({"secret": ""}, "site.toml, receiver 'tower', secret: a webhook needs either secret or secret_file"),
        ({"secret": "short"}, "site.toml, receiver 'tower', secret: 5 bytes can be guessed; at least 16 are needed"),
        ({"secret": "whsec_###"}, "site.toml, receiver 'tower', secret: what follows whsec_ is not base64"),
        ({"secret": "", "secret_file": "nothing"}, "site.toml, receiver 'tower', secret_file: there is no file"),
        ({"ca_file": "nothing"}, "site.toml, receiver 'tower', ca_file: there is no file"),
        ({"ca_file": "noise"}, "holds no certificates"),
        ({"folder": "x"}, "site.toml, receiver 'tower', folder: a webhook has none"),
        ({"kind": "cap-file"}, "site.toml, receiver 'tower', url: a cap-file has none"),
        ({"kind": "cap-file", "url": "", "secret": ""}, "site.toml, receiver 'tower', folder: a cap-file needs one"),
    ],
)
def test_what_cannot_be_a_receiver_is_refused_by_field_and_value(
    tmp_path: Path, change: dict[str, Any], sentence: str
) -> None:
    (tmp_path / "noise").write_text("no certificate")
    with pytest.raises(InputError) as refused:
        read(tmp_path, HOOK | change)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value).replace("\\n", "")


def test_an_id_stands_once_and_the_number_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'tower' is there twice"):
        read(tmp_path, HOOK, HOOK)
    with pytest.raises(InputError, match="101 are more than 100"):
        read(tmp_path, *[HOOK] * 101)
    plain = HOOK | {"url": "http://10.0.0.9/", "plain_http": True}
    assert read(tmp_path, plain)[0].url == "http://10.0.0.9/"


def test_who_warns() -> None:
    issuer = issuer_of({}, "North site", "", "site.toml")
    assert (issuer.sender, issuer.name, issuer.offset_min) == ("lowsky@North-site", "North site", 0)
    given_entry = {"sender": ISSUER.sender, "utc_offset": "-03:30", "categories": ["Infra"]}
    issuer = issuer_of(given_entry, "n", "Harbour", "site.toml")
    assert (issuer.sender, issuer.name, issuer.offset_min, issuer.categories) == (
        ISSUER.sender, "Harbour", -210, ("Infra",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"sender": "a b"}, "alerts.sender: 'a b' has a space"),
        ({"categories": ["Danger"]}, "alerts.categories: 'Danger' is not one of Geo"),
        ({"categories": []}, "alerts.categories: an alert needs at least one category"),
        ({"web": "a b"}, "alerts.web: 'a b' is no address"),
        ({"utc_offset": "9"}, "alerts.utc_offset: '9' is no offset such as +09:00"),
        ({"utc_offset": "+15:00"}, "alerts.utc_offset: '+15:00' is no offset"),
        ({"name": 5}, "site.toml, alerts.name: Expected `str`, got `int`"),
    ],
)
def test_who_cannot_warn(entry: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as refused:
        issuer_of(entry, "n", "", "site.toml")
    assert sentence in str(refused.value)
