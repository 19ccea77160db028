"""The picture as GeoJSON: written to a file as a whole, and asked for with an entity tag."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

from lowsky.model.errors import InputError
from lowsky.serve.api.unchanged import answer_if_changed
from lowsky.serve.outputs.contract import Way
from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.outputs.kinds import make_way
from tests.serve.showing import SITE, S, Server, kept, until


def way_to(folder: Path, to: str = "file:out/sky.geojson", **options: Any) -> Way:
    entry = {"name": "sky", "kind": "geojson", "to": to, **options}
    return make_way(entry, "site.toml, outputs[0]", folder, SITE)


def test_a_file_holds_the_newest_picture_and_nothing_else_is_left(tmp_path: Path) -> None:
    server = Server()
    keeper = OutputKeeper(way_to(tmp_path), server.view)
    path = tmp_path / "out" / "sky.geojson"

    async def go() -> list[Any]:
        seen: list[Any] = []
        async with kept(keeper):
            for second, numbers in ((10, [1, 2]), (11, [2])):
                server.turn(numbers, second * S)
                await until(lambda: keeper.messages > len(seen))
                seen.append(json.loads(path.read_bytes()))
        return seen

    first, second = asyncio.run(go())
    assert [f["id"] for f in first["features"] if f["properties"]["what"] == "object"] == [1, 2]
    assert [f["properties"]["what"] for f in second["features"]] == ["object", "uncertainty"]
    assert second["time"] == "1970-01-01T00:00:11.000Z"
    assert [p.name for p in path.parent.iterdir()] == ["sky.geojson"]
    assert keeper.info().bytes > 2 * len(path.read_bytes()) * 0.5


def test_a_folder_that_cannot_be_written_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file where a folder should be")
    server = Server()
    keeper = OutputKeeper(way_to(tmp_path), server.view)

    async def go() -> None:
        async with kept(keeper):
            server.turn([1], 10 * S)
            await until(lambda: keeper.state == "failed")

    asyncio.run(go())
    assert "sky.geojson cannot be written" in keeper.message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"period_s": 0.01}, r"outputs\[0\].period_s: 0.01 is not between 0.2 and 60"),
        ({"to": "udp://127.0.0.1:1"}, r"outputs\[0\].to: .* known scheme"),
        ({"to": "file:x?repeat=yes"}, "takes nothing behind"),
        ({"to": "file:."}, "is a folder"),
    ],
)
def test_what_cannot_be_written_is_refused_at_once(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        way_to(tmp_path, **options)


def asked(tags: str) -> Request:
    return Request({"type": "http", "method": "GET", "headers": [(b"if-none-match", tags.encode())]})


def test_who_has_it_already_gets_no_body() -> None:
    first = answer_if_changed(asked(""), b"{}", "application/geo+json")
    assert (first.status_code, first.body) == (200, b"{}")
    tag = first.headers["etag"]
    for tags in (tag, f'"other", W/{tag}', "*"):
        again = answer_if_changed(asked(tags), b"{}", "application/geo+json")
        assert (again.status_code, again.body, again.headers["etag"]) == (304, b"", tag)
    assert answer_if_changed(asked(tag), b"{ }", "application/geo+json").status_code == 200
