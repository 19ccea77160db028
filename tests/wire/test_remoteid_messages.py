"""Remote ID messages against the reference library: what it accepts and refuses, what it decodes, how it encodes."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.wire.problems import RowCheck
from lowsky.wire.remoteid.carriers import (
    LINK_TYPES,
    Carried,
    advertising,
    advertising_packet,
    beacon,
    nan_action,
    read_80211,
    read_advertising,
    read_bluetooth,
    read_frame,
)
from lowsky.wire.remoteid.checks import check_messages, notes_of
from lowsky.wire.remoteid.encoder import (
    Location,
    System,
    encode_authentication,
    encode_basic_id,
    encode_location,
    encode_operator_id,
    encode_pack,
    encode_page,
    encode_self_id,
    encode_system,
)
from lowsky.wire.remoteid.layout import MAX_AUTH_PAGES, records_of, types_of
from lowsky.wire.remoteid.packs import BrokenError, messages_of
from lowsky.wire.remoteid.reader import RemoteIdReader, read_message
from lowsky.wire.remoteid.values import locations_of, systems_of
from tests.wire.remoteid_made import basic_id, encoded, location, location_of, system, system_of

# What the reference lets pass although it cannot be; nothing else that it accepts may be refused.
IMPOSSIBLE = {
    "latitude is not on the earth",
    "longitude is not on the earth",
    "operator latitude is not on the earth",
    "operator longitude is not on the earth",
    "timestamp_s is beyond the hour",
    "direction is no direction",
    "vertical_speed_mps is beyond the scale",
    "UAS ID is not printable ASCII",
    "operator ID is not printable ASCII",
}


def lines(shared: Path, name: str) -> list[dict[str, Any]]:
    text = (shared / "data" / "remoteid" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[dict[str, Any]]:
    return lines(shared, "messages.jsonl")


def checked(messages: bytes) -> RowCheck:
    records = records_of(messages)
    check = RowCheck("", len(records), limit=10_000)
    check_messages(records, check)
    return check


def test_what_the_reference_refuses_is_refused(cases: list[dict[str, Any]]) -> None:
    check = checked(b"".join(bytes.fromhex(case["hex"]) for case in cases))
    refused = np.array([not case["accepted"] for case in cases])
    assert len(cases) == 1005
    assert refused.sum() == 157
    assert not (check.good & refused).any()


def test_beyond_that_only_what_cannot_be_is_refused(cases: list[dict[str, Any]]) -> None:
    accepted = [case for case in cases if case["accepted"]]
    check = checked(b"".join(bytes.fromhex(case["hex"]) for case in accepted))
    found = check.result()
    assert set(found.counts) == IMPOSSIBLE
    assert found.rejected == 45
    edges = [case["case"] for case, good in zip(accepted, check.good, strict=True) if not good]
    assert {"raw:latitude raw 2147483647", "raw:timestamp raw 65534", "raw:direction byte 255"} <= set(edges)
    assert not {"raw:timestamp raw 36000", "raw:vspeed byte 0x84", "raw:direction byte 179"} & set(edges)


def test_locations_are_what_the_reference_decodes(cases: list[dict[str, Any]]) -> None:
    chosen = [case for case in cases if case["kind"] == "location"]
    said = locations_of(records_of(b"".join(bytes.fromhex(case["hex"]) for case in chosen)))
    assert len(chosen) == 382
    for i, case in enumerate(chosen):
        expected = location_of(case["decoded"])
        for name in said.__slots__:
            want = getattr(expected, name) * (10 if name == "time_accuracy" else 1)
            got = getattr(said, name)[i] * (10 if name == "time_accuracy" else 1)
            assert got == pytest.approx(want, abs=2e-4, rel=0, nan_ok=True), (case["case"], name)


def test_systems_are_what_the_reference_decodes(cases: list[dict[str, Any]]) -> None:
    chosen = [case for case in cases if case["kind"] == "system"]
    said = systems_of(records_of(b"".join(bytes.fromhex(case["hex"]) for case in chosen)))
    assert len(chosen) == 124
    for i, case in enumerate(chosen):
        expected = system_of(case["decoded"])
        for name in said.__slots__:
            assert getattr(said, name)[i] == pytest.approx(getattr(expected, name), abs=1e-9, nan_ok=True), name


def test_texts_and_pages_are_what_the_reference_decodes(cases: list[dict[str, Any]]) -> None:
    chosen = [c for c in cases if c["accepted"] and c["kind"] not in ("location", "system", "pack")]
    assert len(chosen) == 342
    for case in chosen:
        message, said = bytes.fromhex(case["hex"]), case["decoded"]
        if case["kind"] == "auth":
            page, size = message[1] & 15, 23 if message[1] & 15 else 17
            head = (said["DataPage"], said["AuthType"], said["AuthData"][: 2 * size])
            assert (page, message[1] >> 4, message[-size:].hex()) == head
            continue
        name = {"basic_id": "UASID", "self_id": "Desc", "operator_id": "OperatorId"}[case["kind"]]
        read = read_message(message)
        if case["kind"] == "basic_id" and message[1] >> 4 not in (1, 2):
            assert message[2:22].rstrip(b"\0").hex() in read["uas_id"].replace("-", "") or message[1] >> 4 == 3
        else:
            key = {"UASID": "uas_id", "Desc": "text", "OperatorId": "operator_id"}[name]
            assert read[key] == said[name].strip() if name == "UASID" and said[name] else read[key] == said[name]


def test_the_encoder_writes_the_bytes_of_the_reference(cases: list[dict[str, Any]]) -> None:
    chosen = [case for case in cases if case["input"]]
    assert len(chosen) > 600
    for case in chosen:
        assert encoded(case["kind"], case["input"]).hex() == case["hex"], case["case"]


def test_the_encoder_refuses_what_the_reference_refuses(shared: Path) -> None:
    refused = lines(shared, "encoder_rejects.jsonl")
    assert len(refused) == 14
    for case in refused:
        with pytest.raises(ValueError, match=r"is not between"):
            encoded(case["kind"], case["input"])


def test_packs_are_what_the_reference_takes(shared: Path) -> None:
    cases = lines(shared, "packs.jsonl")
    assert len(cases) == 89
    for case in cases:
        payload = bytes.fromhex(case["hex"])
        if not case["accepted"]:
            with pytest.raises(BrokenError):
                messages_of(payload)
            continue
        found, said = messages_of(payload), case["decoded"]
        kinds = ("basic_id", "location", "auth", "self_id", "system", "operator_id")
        counts = [sum(m[0] >> 4 == number for m in found) for number in range(6)]
        assert counts == [len(v) if isinstance(v := said.get(k), list) else int(bool(v)) for k in kinds], case["case"]
        for message in found:
            if message[0] >> 4 == 1 and checked(message).good.all():
                assert encode_location(location_of(said["location"]), message[0] & 15) == message


def test_one_impossible_message_of_a_pack_costs_only_itself(shared: Path) -> None:
    (case,) = (c for c in lines(shared, "packs.jsonl") if c["case"] == "one message broken, others good")
    check = checked(b"".join(messages_of(bytes.fromhex(case["hex"]))))
    assert check.good.tolist() == [True, False, True]


def test_every_carrier_gives_its_payload(shared: Path) -> None:
    frames = lines(shared, "frames.jsonl")
    assert len(frames) == 292
    for case in frames:
        frame = bytes.fromhex(case["hex"])
        wifi = case["container"].startswith("wifi")
        (found,) = read_80211(frame) if wifi else read_advertising(frame, "x")
        assert found.payload.hex() == case["payload_hex"]
        if not wifi:
            assert advertising(found.payload, found.counter) == frame
        elif case["container"] == "wifi_nan_action":
            assert (
                nan_action(found.payload, bytes.fromhex(found.mac.replace(":", "")), found.counter)[:-1] == frame[:-1]
            )


@pytest.mark.parametrize(("name", "frames"), [("wifi_80211", 80), ("ble4_ll", 172)])
def test_captures_are_read(shared: Path, name: str, frames: int) -> None:
    dpkt = pytest.importorskip("dpkt")
    with (shared / "data" / "remoteid" / f"{name}.pcap").open("rb") as file:
        reader = dpkt.pcap.Reader(file)
        found = [carried for _, frame in reader for carried in read_frame(reader.datalink(), frame)]
    assert len(found) == frames
    assert {carried.mac for carried in found} <= {"02:45:67:89:ab:cd", "c2:45:67:89:ab:cd"}


PAYLOADS = st.sampled_from([encode_pack([basic_id(), location(), system()]), location()])


@given(PAYLOADS, st.binary(min_size=6, max_size=6), st.integers(0, 255))
def test_what_is_put_into_a_carrier_comes_out(payload: bytes, mac: bytes, counter: int) -> None:
    bluetooth = "Bluetooth 5" if payload[0] >> 4 == 15 else "Bluetooth 4"
    packet = advertising_packet(payload, mac, counter)
    assert list(read_bluetooth(packet)) == [Carried(mac.hex(":"), bluetooth, counter, payload)]
    coded = bytes(8) + b"\x00\x80" + packet[:4] + b"\x00" + packet[4:]  # LE Coded: a coding indicator comes between
    assert read_frame(256, coded) == [Carried(mac.hex(":"), bluetooth, counter, payload)]
    radiotap = b"\x00\x00\x08\x00" + bytes(4)
    for link_type, head in ((105, b""), (127, radiotap)):
        for name, frame in (
            ("Wi-Fi beacon", beacon(payload, mac, counter, b"x")),
            ("Wi-Fi NAN", nan_action(payload, mac, counter)),
        ):
            assert read_frame(link_type, head + frame) == [Carried(mac.hex(":"), name, counter, payload)]


@given(st.sampled_from([*LINK_TYPES, 1]), st.binary(max_size=80))
def test_no_frame_does_harm(link_type: int, data: bytes) -> None:
    mac, payload = bytes(6), location()
    for frame in (data, beacon(payload, mac)[: len(data)] + data, advertising_packet(payload, mac)[:12] + data):
        with contextlib.suppress(BrokenError):
            assert all(isinstance(carried, Carried) for carried in read_frame(link_type, frame))


def test_cut_service_fields_are_a_cut_frame() -> None:
    frame = nan_action(location(), bytes(6))
    broken = frame[:41] + b"\x5c" + frame[42:]  # announces fields that are not there
    assert frame[41] == 0x10
    with pytest.raises(BrokenError, match="cut"):
        read_frame(105, broken[:44])


UNKNOWN = st.just(math.nan)


def some(low: float, high: float) -> st.SearchStrategy[float]:
    return UNKNOWN | st.floats(low, high)


@given(
    st.builds(
        Location,
        status=st.integers(0, 15),
        direction_deg=some(0, 360),
        speed_mps=some(0, 254.25),
        up_mps=some(-62, 62),
        latitude_deg=st.floats(-90, 90),
        longitude_deg=st.floats(-180, 180),
        pressure_height_m=some(-999.5, 31767.5),
        geodetic_height_m=some(-999.5, 31767.5),
        height_m=some(-999.5, 31767.5),
        height_type=st.integers(0, 1),
        horizontal_accuracy=st.integers(0, 15),
        vertical_accuracy=st.integers(0, 15),
        pressure_accuracy=st.integers(0, 15),
        speed_accuracy=st.integers(0, 15),
        time_accuracy=st.integers(0, 15),
        time_s=some(0, 3600),
    )
)
def test_a_location_comes_back_within_its_steps(said: Location) -> None:
    message = encode_location(said)
    assert len(message) == 25
    assert checked(message).good.all()
    got = locations_of(records_of(message))
    steps = {"speed_mps": 0.375001, "up_mps": 0.5, "pressure_height_m": 0.5, "geodetic_height_m": 0.5, "height_m": 0.5}
    steps |= {"latitude_deg": 1e-7, "longitude_deg": 1e-7, "time_s": 0.0501}
    nowhere = abs(said.latitude_deg) < 1e-7 > abs(said.longitude_deg)
    for name in got.__slots__:
        value, back = getattr(said, name), float(getattr(got, name)[0])
        if name == "direction_deg" and not math.isnan(value):
            assert abs((back - value + 180) % 360 - 180) <= 0.5
        elif not (nowhere and name in ("latitude_deg", "longitude_deg")):
            assert back == pytest.approx(value, abs=steps.get(name, 0), rel=0, nan_ok=True), name


@given(
    st.builds(
        System,
        operator_place=st.integers(0, 3),
        classification=st.integers(0, 7),
        latitude_deg=st.floats(-90, 90),
        longitude_deg=st.floats(1, 180),
        count=st.integers(0, 65535),
        radius_m=st.floats(0, 2550),
        ceiling_m=some(-999.5, 31767.5),
        floor_m=some(-999.5, 31767.5),
        category=st.integers(0, 15),
        class_=st.integers(0, 15),
        operator_height_m=some(-999.5, 31767.5),
        time=st.integers(0, 2**32 - 1),
    )
)
def test_a_system_comes_back_within_its_steps(said: System) -> None:
    message = encode_system(said)
    got = systems_of(records_of(message))
    assert checked(message).good.all()
    for name in got.__slots__:
        step = 10.0 if name == "radius_m" else 1e-7 if name.endswith("deg") else 0.5 if name.endswith("_m") else 0
        assert float(getattr(got, name)[0]) == pytest.approx(getattr(said, name), abs=step, rel=0, nan_ok=True), name


@given(st.binary(max_size=255), st.integers(0, 15), st.integers(0, 2**32 - 1))
def test_authentication_data_comes_back_from_its_pages(data: bytes, type_: int, time: int) -> None:
    pages = encode_authentication(type_, data, time)
    assert len(pages) <= MAX_AUTH_PAGES
    assert checked(b"".join(pages)).good.all()
    assert (pages[0][2], pages[0][3]) == (len(pages) - 1, len(data))
    assert b"".join([pages[0][8:], *(page[2:] for page in pages[1:])])[: len(data)] == data


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20))
def test_texts_come_back(text: str) -> None:
    assert read_message(encode_basic_id(1, 2, text.encode()))["uas_id"] == text
    assert read_message(encode_operator_id(text.encode()))["operator_id"] == text
    assert read_message(encode_self_id(text.encode()))["text"] == text


def test_what_no_message_holds_is_refused_by_the_encoder() -> None:
    for make in (
        lambda: encode_basic_id(1, 2, b"x" * 21),
        lambda: encode_basic_id(16, 2, b""),
        lambda: encode_self_id(b"x" * 24),
        lambda: encode_authentication(1, bytes(256), 0),
        lambda: encode_location(Location(latitude_deg=1.0)),
        lambda: encode_location(Location(), version=16),
        lambda: encode_pack([location(), location()]),
        lambda: encode_pack([]),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()


def test_reserved_values_are_noted_and_stay() -> None:
    odd = encode_basic_id(7, 2, b"x") + encode_location(Location(status=9, horizontal_accuracy=14), version=5)
    check = checked(odd)
    assert check.good.all()
    assert notes_of(records_of(odd)) == {
        "protocol version unknown": 1,
        "ID type reserved": 1,
        "status reserved": 1,
        "horizontal accuracy reserved": 1,
    }
    pages = b"".join(encode_page(type_, 0, b"") for type_ in range(16))
    assert notes_of(records_of(pages)) == {"authentication type reserved": 4}


@given(st.binary(min_size=25, max_size=25))
def test_any_25_bytes_are_read_or_refused_with_a_reason(message: bytes) -> None:
    read = read_message(message)
    good = bool(checked(message).good.all())
    assert good == ("error" not in read)
    assert all(isinstance(v, str | int | float | list | None) and v == v for v in read.values())
    assert types_of(records_of(message))[0] == message[0] >> 4


def test_the_reader_tells_what_it_cannot_read() -> None:
    reader = RemoteIdReader(datagrams=True)
    (cut,) = reader.push(b"\x12\x00")
    assert cut == {"error": "message: cut after 2 of 25 bytes"}
    said = list(reader.push(beacon(encode_pack([basic_id(), location()]), bytes(6), counter=3)))
    assert [s["message"] for s in said] == ["basic ID", "location"]
    assert said[1]["counter"] == 3
    assert (said[1]["status"], said[1]["speed_mps"], said[1]["pressure_height_m"]) == ("airborne", 10.0, None)
    assert list(reader.push_frame(1, b"")) == [{"error": "frame: link type 1 is none of 105, 127, 251, 256"}]
