"""Addresses of links: every scheme's own form, and sentences for what is none."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowsky.model.errors import InputError
from lowsky.serve.net.address import SCHEMES, read_address
from lowsky.serve.net.link import FIELDS, read_link
from lowsky.wire.formats import find_format, format_names


@pytest.mark.parametrize(
    ("text", "host", "port", "path"),
    [
        ("udp://127.0.0.1:5300", "127.0.0.1", 5300, ""),
        ("udp://[ff02::1%eth0]:5300?interface=eth0", "ff02::1%eth0", 5300, ""),
        ("tcp-listen://0.0.0.0:0", "0.0.0.0", 0, ""),
        ("serial:///dev/ttyUSB0?baud=38400&parity=even", "", 0, "/dev/ttyUSB0"),
        ("serial:/dev/ttyUSB0", "", 0, "/dev/ttyUSB0"),
        ("file:///var/a%20b.pcap", "", 0, "/var/a b.pcap"),
        ("file:recordings/a.pcap", "", 0, "recordings/a.pcap"),
        ("mqtt://broker/rid/+/x/#", "broker", 1883, "rid/+/x/#"),
        ("mqtts://broker:9/#?qos=1&client=me", "broker", 9, "#"),
        ("https://x.example:8443/data/aircraft.json?key=secret", "x.example", 8443, "/data/aircraft.json?key=secret"),
        ("http://x.example", "x.example", 80, ""),
    ],
)
def test_every_scheme_has_its_form(text: str, host: str, port: int, path: str) -> None:
    address = read_address(text)
    assert (address.host, address.port, address.path) == (host, port, path)
    assert str(address) == text.partition("?")[0] if "key=" in text else str(address) == text


@pytest.mark.parametrize("scheme", SCHEMES.values())
def test_examples_are_addresses(scheme: object) -> None:
    form = scheme.form.replace("HOST", "h").replace("PORT", "1").replace("TOPIC", "t")  # type: ignore[attr-defined]
    read_address(form)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (5300, "is no address"),
        ("", "there are udp:"),
        ("127.0.0.1:5300", "known scheme"),
        ("upd://h:1", "did you mean 'udp'"),
        ("udp:h:1", "should be like udp://HOST:PORT"),
        ("udp://h", "names no port"),
        ("udp://:5300", "names no host"),
        ("udp://h:", "port ''"),
        ("tcp://h:0", "port '0' is not between 1"),
        ("udp://h:65536", "65536"),
        ("udp://h:5 300", "'5 300'"),
        ("udp://h:\u0665", "port"),
        ("udp://h:1/x", "has a path"),
        ("udp://h:1?interfce=x", "'interfce'.* there are interface, ttl"),
        ("tcp://h:1?x=1", "it takes none"),
        ("serial:", "names no path"),
        ("serial:///dev/x?baud=fast", "baud='fast' is not a number between 50"),
        ("serial:///dev/x?bits=nan", "bits"),
        ("serial:///dev/x?parity=odder", "none, even, odd"),
        ("mqtt://h", "names no topic"),
        ("mqtt://me:secret@h/t", "passwords do not belong"),
        ("udp://h:1\n", "is no address"),
        ("udp://h:" + "1" * 3000, "is no address"),
    ],
)
def test_what_is_no_address_is_told_why(text: object, words: str) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_address(text)
    assert "secret" not in str(caught.value)


@given(
    st.text(max_size=60)
    | st.sampled_from(sorted(SCHEMES)).flatmap(lambda s: st.text(max_size=40).map(f"{s}://".__add__))
)
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    with contextlib.suppress(InputError):
        assert read_address(text).text == text


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "via: there is no address"),
        ({"via": "mqtt://h/t", "password_env": "X"}, "user: a password needs a user"),
        ({"via": "mqtt://h/t", "user": "u", "password_env": "X", "password_file": "y"}, "one of them is enough"),
        ({"via": "http://h/t", "period_s": 0.0}, "period_s: 0"),
        ({"via": "http://h/t", "period_s": "often"}, "period_s: Expected"),
        ({"via": "tls://h:1", "key_file": "k"}, "key_file: there is no certificate_file"),
    ],
)
def test_fields_beside_an_address_are_checked(table: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        read_link(table, "via", Path())


def test_passwords_come_from_files_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, rest = read_link(
        {"via": "mqtt://h/t", "user": "u", "password_env": "LOWSKY_TEST_WORD", "x": 1}, "via", tmp_path
    )
    assert rest == {"x": 1}
    monkeypatch.delenv("LOWSKY_TEST_WORD", raising=False)
    with pytest.raises(InputError, match="password_env: there is no environment variable"):
        link.check()
    monkeypatch.setenv("LOWSKY_TEST_WORD", "open sesame")
    assert link.password() == "open sesame"
    link, _ = read_link({"via": "mqtt://h/t", "user": "u", "password_file": "word"}, "via", tmp_path)
    with pytest.raises(InputError, match=r"password_file: .*word cannot be read"):
        link.check()
    (tmp_path / "word").write_text("open sesame\n")
    assert link.password() == "open sesame"


def test_no_format_has_an_option_of_the_name_of_a_field() -> None:
    taken = {"name", "kind", "via", *FIELDS}
    for name in format_names():
        assert not taken & set(find_format(name).options.__struct_fields__), name
