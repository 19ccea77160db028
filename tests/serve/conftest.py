"""Fixtures of the tests of the server: guarded doors without a core, and a real server."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serve.doors import Door
from tests.serve.live import SITE, Live, free_port, started, udp_source


@pytest.fixture
def make_door(tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Makes guarded servers, which are closed afterwards."""
    made: list[Door] = []

    def make(**names: Any) -> Door:
        door = Door(tmp_path / f"door{len(made)}", **names)
        made.append(door)
        return door

    yield make
    for door in made:
        door.close()


@pytest.fixture
def door(make_door: Callable[..., Door]) -> Door:
    """A guarded server with accounts, reached over the network."""
    return make_door()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A real server on loopback with a radar and a direction finder that send JSON lines, by UDP and by TCP."""
    udp, udp_port = udp_source()
    tcp_port = free_port()
    tcp = f'[[sources]]\nkind = "jsonl"\nname = "stream"\nvia = "tcp-listen://127.0.0.1:{tcp_port}"\n'
    with started(tmp_path_factory.mktemp("live"), SITE + udp + tcp, radar=udp_port, stream=tcp_port) as server:
        yield server


@pytest.fixture(scope="session")
def papers(tmp_path_factory: pytest.TempPathFactory, peer: Callable[[str], str]) -> Path:
    """An authority `ca.pem`, certificates of `server` (localhost) and `client` that it signed, and a `stranger`."""
    folder = tmp_path_factory.mktemp("papers")
    openssl = peer("openssl")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], cwd=folder, check=True, capture_output=True)

    new = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    run(*new, "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    run(*new, "-subj", "/CN=stranger", "-keyout", "stranger.key", "-out", "stranger.pem")
    for name in ("server", "client"):
        signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        run(*new, *signed, "-addext", "basicConstraints=critical,CA:FALSE", "-subj", f"/CN={name}", "-keyout",
            f"{name}.key", "-out", f"{name}.pem")  # fmt: skip
    return folder
