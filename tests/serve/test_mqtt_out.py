"""JSON at a real broker: what is said, what is kept, what happens when broker, line or server goes."""

from __future__ import annotations

import asyncio
import gc
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest

from lowsky.model.errors import InputError
from lowsky.serve.answers.site import Health
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.kinds import make_way
from lowsky.serve.outputs.mqtt_messages import MESSAGES, StatusMessage, json_schema
from tests.serve.brokers import Line, broker, kept_at, listening
from tests.serve.live import free_port
from tests.serve.showing import SITE, S, Server, kept, until

Peer = Callable[[str], str]
SHORT = {"period_s": 0.2, "status_s": 0.2}


def keeper_to(server: Server, port: int, folder: Path = Path("/nowhere"), scheme: str = "mqtt", **more: Any) -> Any:
    entry = {"name": "hub", "kind": "mqtt", "to": f"{scheme}://localhost:{port}/sky/x", **SHORT, **more}
    return OutputKeeper(make_way(entry, "site.toml, outputs[0]", folder, SITE), server.view)


def test_objects_notices_places_and_status_are_said(peer: Peer, tmp_path: Path) -> None:
    server, port = Server(), free_port()

    async def go() -> dict[str, list[bytes]]:
        async with listening(port) as heard:
            topics = ["objects", "picture", "notices", "places", "status", "geojson"]
            keeper = keeper_to(server, port, topics=topics)
            async with kept(keeper):
                await until(lambda: "sky/x/status" in heard.topics())
                server.turn([1, 2], 10 * S)
                await until(lambda: heard.of("sky/x/objects/2"))
                server.board.drill = True
                server.turn([2], 11 * S)
                await until(lambda: len(heard.of("sky/x/objects/1")) == 2 and len(heard.of("sky/x/geojson")) == 2)
                await until(lambda: len(heard.of("sky/x/notices")) == 2)
            await until(lambda: b"stopped" in heard.of("sky/x/status")[-1])
            assert keeper.info().failures == 0
            assert keeper.messages >= 12
        return {topic: heard.of(topic) for topic in heard.topics()}

    with broker(peer, tmp_path, port):
        said = asyncio.run(go())
    assert set(said) == {
        *(f"sky/x/{t}" for t in ("picture", "notices", "places", "status", "geojson")),
        *(f"sky/x/objects/{n}" for n in (1, 2)),
    }
    for topic, bodies in said.items():
        kind = next((MESSAGES[name] for name in MESSAGES if topic.endswith(name)), None)
        kind = MESSAGES["objects/NUMBER"] if "/objects/" in topic else kind
        for body in bodies if kind is not None else []:
            msgspec.json.decode(body, type=kind, strict=True)
    first, last = (json.loads(body) for body in said["sky/x/objects/1"])
    assert (first["status"], first["drill"], last["status"], last["drill"]) == ("confirmed", False, "ended", True)
    assert [len(json.loads(body)["objects"]) for body in said["sky/x/picture"]] == [2, 2]
    assert [json.loads(body)["drill"] for body in said["sky/x/notices"]] == [False, True]
    assert json.loads(said["sky/x/geojson"][1])["features"][0]["id"] == 2
    assert json.loads(said["sky/x/status"][0]) | {"time": ""} == {
        "state": "online", "time": "", "site": "x", "name": "x", "drill": False, "health": "well", "reasons": [],
        "objects": 0, "sensors_well": 0, "sensors": 0, "version": "0",
    }  # fmt: skip


def test_what_the_broker_keeps_is_true(peer: Peer, tmp_path: Path) -> None:
    """Of objects that ended, or that an earlier run left behind, it keeps nothing; of none after a stop."""
    server, port = Server(), free_port()

    async def go() -> list[dict[str, bytes]]:
        async with aiomqtt.Client("127.0.0.1", port) as other:
            await other.publish("sky/x/objects/4711", b'{"number":4711}', 1, True)
        kept_by: list[dict[str, bytes]] = []
        keeper = keeper_to(server, port, retain=True, topics=["objects", "status"])
        async with kept(keeper):
            server.turn([1, 2], 10 * S)
            await until(lambda: keeper.messages >= 4)
            await asyncio.sleep(0.1)
            kept_by.append(await kept_at(port))
            server.turn([2], 11 * S)
            await asyncio.sleep(0.3)
            kept_by.append(await kept_at(port))
        kept_by.append(await kept_at(port))
        return kept_by

    with broker(peer, tmp_path, port):
        before, after, stopped = asyncio.run(go())
    assert set(before) == {"sky/x/objects/1", "sky/x/objects/2", "sky/x/status"}
    assert set(after) == {"sky/x/objects/2", "sky/x/status"}
    assert set(stopped) == {"sky/x/status"}
    assert json.loads(stopped["sky/x/status"])["state"] == "stopped"


def test_a_broker_that_dies_and_comes_back_is_told_everything(peer: Peer, tmp_path: Path) -> None:
    server, port = Server(), free_port()

    async def go() -> str:
        keeper = keeper_to(server, port)
        async with kept(keeper):
            await until(lambda: keeper.state == "failed")
            assert "refused" in keeper.message.lower()
            with broker(peer, tmp_path, port):
                await until(lambda: keeper.state == "running")
                server.turn([1], 10 * S)
            await until(lambda: keeper.state == "failed", 20.0)
            with broker(peer, tmp_path, port):
                async with listening(port) as heard:
                    await until(lambda: keeper.state == "running", 20.0)
                    server.turn([1], 11 * S)
                    await until(lambda: heard.of("sky/x/objects/1"))
                    found: str = json.loads(heard.of("sky/x/objects/1")[0])["time"]
        assert keeper.restarts >= 2
        return found

    assert asyncio.run(go()) == "1970-01-01T00:00:11.000Z"


def test_when_the_server_vanishes_the_broker_says_so(peer: Peer, tmp_path: Path) -> None:
    server, port = Server(), free_port()

    async def go() -> list[StatusMessage]:
        async with Line().to(port) as line, listening(port) as heard:
            keeper = keeper_to(server, line.port)
            async with kept(keeper):
                await until(lambda: heard.of("sky/x/status"))
                line.cut()
                await until(lambda: b"lost" in heard.of("sky/x/status")[-1])
                await until(lambda: b"online" in heard.of("sky/x/status")[-1])
            return [msgspec.json.decode(body, type=StatusMessage) for body in heard.of("sky/x/status")]

    with broker(peer, tmp_path, port):
        said = asyncio.run(go())
    states = [message.state for message in said]
    lost = said[states.index("lost")]
    assert (lost.time, lost.site) == (None, "x")
    assert states[states.index("lost") + 1] == "online"


def test_many_objects_are_said_without_a_word_in_the_log(
    peer: Peer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, port = Server(), free_port()

    async def go() -> None:
        keeper = keeper_to(server, port, topics=["objects"])
        async with kept(keeper):
            await until(lambda: keeper.state == "running")
            server.turn(list(range(1, 301)), 10 * S)
            await until(lambda: keeper.messages > 300)

    with broker(peer, tmp_path, port):
        asyncio.run(go())
    assert not caplog.records


# paho leaves the socket of a refused handshake to the collector
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_user_password_and_encryption(peer: Peer, tmp_path: Path, papers: Path) -> None:
    (tmp_path / "users").touch()
    subprocess.run([peer("mosquitto_passwd"), "-b", str(tmp_path / "users"), "sky", "open sesame"], check=True)
    (tmp_path / "users").chmod(0o644)
    (tmp_path / "word").write_text("open sesame\n")
    settings = [
        "allow_anonymous false", f"password_file {tmp_path}/users",
        f"cafile {papers}/ca.pem", f"certfile {papers}/server.pem", f"keyfile {papers}/server.key",
    ]  # fmt: skip
    server, port = Server(), free_port()
    server.health = lambda: Health("degraded", ("no sensor is heard",), 1.0, "0")  # type: ignore[method-assign]
    login = {"user": "sky", "password_file": "word", "ca_file": str(papers / "ca.pem"), "scheme": "mqtts"}

    async def go() -> tuple[Any, Any, Any]:
        good = keeper_to(server, port, tmp_path, **login)
        stranger = keeper_to(server, port, tmp_path, **login | {"user": "nobody"})
        doubter = keeper_to(server, port, tmp_path, **login | {"ca_file": str(papers / "stranger.pem")})
        async with kept(good), kept(stranger), kept(doubter):
            await until(lambda: good.messages >= 3)
            await until(lambda: stranger.state == doubter.state == "failed")
            return good.info(), stranger.info(), doubter.info()

    with broker(peer, tmp_path, port, *settings):
        good, stranger, doubter = asyncio.run(go())
    assert good.state == "running"
    assert "authori" in stranger.message.lower()
    assert "certificate" in doubter.message.lower()
    for info in (good, stranger, doubter):
        assert "sesame" not in json.dumps(msgspec.to_builtins(info))
    gc.collect()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"to": "mqtt://h:1/a/#"}, r"outputs\[0\].to: 'a/#' is no topic"),
        ({"to": "mqtt://h:1/$SYS/a"}, "is no topic"),
        ({"to": "mqtt://h:1"}, r"outputs\[0\].to: .* names no topic"),
        ({"to": "mqtt://me:word@h/a"}, r"outputs\[0\].to: .*do not belong"),
        ({"topics": ["objects", "tracks"]}, r"outputs\[0\].topics"),
        ({"topics": []}, r"outputs\[0\].topics: at least one"),
        ({"topics": ["status"], "retain": True}, r"outputs\[0\].retain: without"),
        ({"period_s": 0.1}, r"outputs\[0\].period_s: 0.1 is not"),
        ({"password_file": "word"}, r"outputs\[0\].user: a password needs a user"),
        ({"user": "a", "password_file": "nowhere"}, r"outputs\[0\].password_file: .* cannot be read"),
        ({"user": "a", "password_env": "LOWSKY_NO_SUCH"}, r"outputs\[0\].password_env: there is no"),
    ],
)
def test_what_cannot_be_is_refused_at_once(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    entry = {"name": "a", "kind": "mqtt", "to": "mqtt://127.0.0.1:1/a", **options}
    with pytest.raises(InputError, match=words):
        make_way(entry, "site.toml, outputs[0]", tmp_path, SITE)


def test_the_schema_knows_every_message() -> None:
    schema = json_schema()
    assert set(schema["properties"]) == set(MESSAGES)
    assert "ObjectRecord" in schema["$defs"]
