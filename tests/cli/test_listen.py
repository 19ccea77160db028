"""`lowsky listen`: a site's sources opened here, an address, a server asked; tables, lines and JSON."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lowsky.cli.listening.figures import view_of
from lowsky.cli.listening.shown import lines_of, table_of
from lowsky.cli.main import main
from tests.serve.live import Target, free_port, look

SITE = """\
[site]
id = "t"
[[sensors]]
id = "radar"
kind = "radar_3d"
lat = 56.0
lon = 11.0
height_m = 50.0
[[sources]]
kind = "jsonl"
name = "lines"
via = "udp://127.0.0.1:{}"
[[sources]]
kind = "jsonl"
name = "radar"
via = "tcp://127.0.0.1:1"
"""


@contextmanager
def telling(port: int, *lines: Any) -> Iterator[None]:
    """Somebody sends lines of now, again and again."""
    stop = threading.Event()

    def tell() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while not stop.wait(0.02):
                data = b"\n".join(json.dumps(line | {"time": time.time()}).encode() for line in lines)
                out.sendto(data, ("127.0.0.1", port))

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_the_sources_of_a_site_are_opened_here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port(socket.SOCK_DGRAM)
    (tmp_path / "site.toml").write_text(SITE.format(port))
    with telling(port, Target().report(), look("ghost"), Target().report(range_m=-1.0)):
        assert main(["listen", str(tmp_path / "site.toml"), "--json", "--seconds", "1.1", "--every", "0.5"]) == 0
    printed = capsys.readouterr()
    view = [json.loads(line) for line in printed.out.splitlines()][-1]
    lines, radar = view["sources"]
    assert (lines["state"], radar["state"]) == ("running", "failed")
    assert lines["messages_per_s"] == pytest.approx(3 * lines["reports_per_s"])
    assert lines["reports_per_s"] > 5.0
    assert set(lines["faults"]) == {"sensor is no sensor of this site", "range_m is not between 0 and 10000000"}
    assert lines["trouble"]
    assert "nobody listens there" in radar["message"]
    assert set(view["unknown_senders"]) == {"ghost"}
    [sensor] = view["sensors"]
    assert sensor["state"] == "silent", "the source that bears its name is broken"
    assert printed.err == ""


def test_an_address_names_who_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port(socket.SOCK_DGRAM)
    with telling(port, look("stranger")):
        assert main(["listen", f"udp://127.0.0.1:{port}", "--format", "jsonl", "--once", "--every", "0.5"]) == 0
    shown = capsys.readouterr().out
    assert "no sensors of this site: stranger (" in shown
    assert f"source jsonl (jsonl, udp://127.0.0.1:{port}): running" in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "listen to one thing"),
        (["site.toml", "--server", "http://x"], "listen to one thing"),
        (["{}/none.toml"], "does not exist"),
        (["{}/site.toml", "--every", "0"], "--every: 0 is not between"),
        (["{}/empty.toml"], "there are none to listen to"),
        (["udp://127.0.0.1:5300"], "--format: an address needs"),
        (["udp://127.0.0.1:5300", "--format", "table"], "--format|via"),
        (["udp://127.0.0.1:5300", "--format", "jsonl", "--option", "x=1"], "x: jsonl has no such option"),
        (["--server", "http://127.0.0.1:1"], "nobody listens there"),
        (["--server", "no address"], "no address"),
        (["--server", "http://127.0.0.1:1", "--token-file", "{}/none"], "none"),
    ],
)
def test_what_cannot_be_listened_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    (tmp_path / "site.toml").write_text(SITE.format(5300))
    (tmp_path / "empty.toml").write_text(SITE.partition("[[sources]]")[0])
    assert main(["listen", *(word.format(tmp_path) for word in words)]) == 2
    said = capsys.readouterr().err
    assert any(part in said for part in sentence.split("|"))
    assert len(said.splitlines()) == 1


def test_tables_and_lines_say_the_same() -> None:
    source = {
        "name": "a", "kind": "asterix", "via": "udp://h:1", "state": "running", "message": "", "bytes": 3000,
        "received": 60, "reports": 20, "lag_s": 0.25, "rejected": {"k1": 5, "k2": 9, "k3": 1}, "faults": {"lost": 2},
        "trouble": "a, record 7: broken",
    }  # fmt: skip
    sensor = {
        "id": "r", "state": "off_in_time", "message": "its clock is 0.7 s ahead of ours", "reports_per_s": 2.0,
        "lag_s": None, "faults": 7,
    }  # fmt: skip
    unknown = {f"s{i}": i + 1 for i in range(12)}
    before = {"sources": [source | {"bytes": 1000, "received": 20, "reports": 0}]}
    view = view_of(before, {"sources": [source], "unknown_sensors": unknown}, [sensor], 2.0)
    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(table_of(view))
    shown, lines = console.export_text(), "\n".join(lines_of(view))
    console.file.close()
    for words in ("20.0", "0.25 s", "k2 (9), k1 (5), lost (2) and 1 more reasons: a, record 7: broken", "off in time",
                  "s11 (12)", "and 2 more"):  # fmt: skip
        assert words in shown
        assert words in lines
    assert "1,000" in shown
    assert "1000 bytes/s" in lines
