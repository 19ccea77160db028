"""`lowsky decode`: files, captures, addresses; errors in their place; text for people and JSON for programs."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.cli.main import main
from lowsky.cli.reading.items import Item, Place
from lowsky.cli.reading.shown import as_json, as_text, utc
from lowsky.wire.capture.files import PCAP
from lowsky.wire.formats import format_names
from tests.serve.live import free_port
from tests.wire.test_capture import pcap, tcp, udp

ROOT = Path(__file__).resolve().parents[2]
LINE = b'{"type":"report","sensor":"radar","time":1,"range_m":2400,"azimuth_deg":47.5}\n'
LOOK = b'{"type":"look","sensor":"radar","time":2}\n'
EVENT = (
    b'<event version="2.0" uid="a" type="a-f-G" time="2024-01-01T00:00:00Z" start="2024-01-01T00:00:00Z" '
    b'stale="2024-01-01T00:01:00Z" how="m-g"><point lat="56" lon="11" hae="9" ce="5" le="5"/></event>'
)


def decoded(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[dict[str, Any]], str]:
    """What is printed with --json, and what is said beside it."""
    assert main(["decode", *words, "--json"]) == 0
    printed = capsys.readouterr()
    return [json.loads(line) for line in printed.out.splitlines()], printed.err


def test_a_file_whose_format_is_guessed_has_errors_in_their_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a").write_bytes(LINE + b"nonsense\n" + LOOK)
    found, said = decoded(capsys, str(tmp_path / "a"))
    assert [(f["n"], f["format"], f["byte"]) for f in found] == [
        (1, "jsonl", 0), (2, "jsonl", len(LINE)), (3, "jsonl", len(LINE) + 9)
    ]  # fmt: skip
    assert found[0]["item"]["range_m"] == 2400
    assert "nonsense" in found[1]["error"]
    assert "item" not in found[1]
    assert "3 messages, 1 of them could not be read" in said


def test_text_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").write_bytes(LOOK + b"{]\n" + EVENT.replace(b"<", b"\n<"))
    assert main(["decode", str(tmp_path / "a"), "--format", "jsonl", "--count", "2"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first == "1 jsonl (byte 0): type=look  sensor=radar  time=2"
    assert second.startswith(f"2 jsonl (byte {len(LOOK)}): ERROR ")
    (tmp_path / "b").write_bytes(EVENT)
    assert main(["decode", str(tmp_path / "b")]) == 0
    shown = capsys.readouterr().out
    assert "\n  lat_deg: 56\n" in shown


def test_a_capture_is_looked_into_flow_by_flow(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    half = len(LINE) // 2
    frames = [udp(EVENT, 6969), tcp(1, LINE[:half]), udp(LOOK, 5300), tcp(1 + half, LINE[half:]), udp(b"\x07\x07", 53)]
    (tmp_path / "a.pcap").write_bytes(pcap(frames) + b"torn")
    found, said = decoded(capsys, str(tmp_path / "a.pcap"))
    assert [(f["packet"], f["format"], f["to"]) for f in found] == [
        (1, "cot", "10.0.0.2:6969"), (3, "jsonl", "10.0.0.2:5300"), (4, "jsonl", "10.0.0.2:9")
    ]  # fmt: skip
    assert found[0]["time"] == "2023-11-14T22:13:20.000000Z"
    assert "packet that looks like no format" in said
    assert "capture broken" in said
    found, said = decoded(capsys, str(tmp_path / "a.pcap"), "--port", "5300")
    assert [f["packet"] for f in found] == [3]
    assert "packet of another port: 4" in said


def test_frames_of_radios_are_read_by_who_reads_them(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, kind in (("ble4_ll.pcap", "Bluetooth 4"), ("wifi_80211.pcap", "Wi-Fi beacon")):
        found, _ = decoded(capsys, str(shared / "data" / "remoteid" / name), "--count", "5")
        assert len(found) == 5
        assert {f["format"] for f in found} == {"remoteid"}
        assert found[0]["item"]["carrier"] == kind


@pytest.mark.parametrize(
    ("name", "form", "least"),
    [
        ("asterix/samples/cat_034_048.pcap", "asterix", 162),
        ("asterix/samples/cat062cat065.raw", "asterix", 3),
        ("adsb/sample_adsb.sbs", "sbs", 1000),
        ("adsb/sample_adsb.beast", "beast", 2000),
        ("adsb/sample_adsb.avr", "avr", 2000),
        ("ais/generated.nmea", "ais", 262),
        ("sapient/exchange.bin", "sapient", 137),
        ("cot/events.stream.bin", "cot", 139),
    ],
)
def test_recordings_of_others_are_known_without_a_word(
    shared: Path, capsys: pytest.CaptureFixture[str], name: str, form: str, least: int
) -> None:
    found, _ = decoded(capsys, str(shared / "data" / name))
    assert {f["format"] for f in found} == {form}
    assert sum("item" in f for f in found) >= least


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["{}/none"], "No such file"),
        (["{}/empty"], "empty: it is empty"),
        (["{}/odd"], "looks like none of"),
        (["{}/odd", "--format", "asterxi"], "--format: 'asterxi'"),
        (["{}/odd", "--option", "x"], "--option: 'x' is not NAME=VALUE"),
        (["{}/odd", "--option", "x=1"], "say which with --format"),
        (["{}/odd", "--format", "jsonl", "--option", "x=1"], "x: jsonl has no such option"),
        (["upd://127.0.0.1:1"], "did you mean 'udp'"),
        (["tcp://127.0.0.1:1", "--format", "jsonl"], "nobody listens there"),
        (["mqtt://127.0.0.1/x", "--option", "user=3"], "user: Expected `str"),
        (["tls-listen://127.0.0.1:1"], "certificate_file: tls-listen:// needs"),
    ],
)
def test_what_cannot_be_decoded_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "odd").write_bytes(bytes(range(200, 256)))
    assert main(["decode", *(word.format(tmp_path) for word in words)]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert len(said.splitlines()) == 1


def child(*words: str, **names: Any) -> subprocess.Popen[bytes]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "lowsky", *words], env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, **names,
    )  # fmt: skip


def test_an_address_is_heard_until_enough_came(capsys: pytest.CaptureFixture[str]) -> None:
    port, stop = free_port(socket.SOCK_DGRAM), threading.Event()

    def tell() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            while not stop.wait(0.02):
                out.sendto(LOOK + b"nonsense", ("127.0.0.1", port))

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        found, said = decoded(capsys, f"udp://127.0.0.1:{port}", "--count", "4")
    finally:
        stop.set()
        thread.join()
    assert ["error" in f for f in found] == [False, True, False, True]
    assert abs(time.time() - time.mktime(time.strptime(found[0]["time"][:19], "%Y-%m-%dT%H:%M:%S"))) < 86_400
    assert f"listening at 127.0.0.1 UDP {port}" in said


def test_nothing_comes_for_some_time(capsys: pytest.CaptureFixture[str]) -> None:
    found, said = decoded(capsys, f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}", "--seconds", "0.1")
    assert not found
    assert "0 messages" in said


def test_standard_input_and_a_reader_that_goes_away(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(LINE * 20_000)
    with (tmp_path / "a").open("rb") as file:
        process = child("decode", "-", stdin=file)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        assert process.stdout.readline().startswith(b"1 jsonl (byte 0): type=report")
        process.stdout.close()
        assert process.wait(30) == 141
        assert process.stderr.read() == b""
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_the_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["decode", "--help"])
    shown = capsys.readouterr().out
    assert all(name in shown for name in format_names())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), st.none() | st.integers(-(2**63), 2**63 - 1))
def test_whatever_a_reader_gives_can_be_shown(fields: dict[str, Any], time_ns: int | None) -> None:
    item = Item(1, "x", Place(3, None, time_ns, "a", "b"), fields)
    assert json.loads(as_json(item))["format"] == "x"
    assert all(line.isprintable() for line in as_text(item).split("\n"))


@pytest.mark.parametrize("magic", [*PCAP, b"\x0a\x0d\x0d\x0a"])
def test_a_capture_that_is_only_a_beginning(magic: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").write_bytes(magic + b"\xff" * 60)
    found, said = decoded(capsys, str(tmp_path / "a"))
    assert not found
    assert "capture broken" in said


def test_times_beyond_the_calendar() -> None:
    assert utc(0) == "1970-01-01T00:00:00.000000Z"
    assert utc(2**63 - 1).startswith("2262")
