"""Through taky, a TAK server that others wrote, over TLS: our picture to a pytak client, its position to us.

Collected only where LOWSKY_TAKY names its program (`pip install taky "setuptools<81"` in an environment of its own).
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lowsky.serve.outputs.keeper import OutputKeeper
from lowsky.serve.sources.cot import CotSource
from tests.serve.cot.certificates import Certificates
from tests.serve.cot.houses import caller, house, running
from tests.serve.cot.test_source import Sink, ended, source
from tests.serve.live import free_port
from tests.serve.showing import until

PATIENCE_S = 40.0
CONFIGURATION = """\
[taky]
bind_ip=127.0.0.1
root_dir=.
redis=false
[cot_server]
port={port}
log_cot=
[dp_server]
upload_path=./dp-user
[ssl]
enabled=true
client_cert_required=true
ca={ca}
ca_key={key}
server_p12=none
server_p12_pw=none
cert={cert}
key={cert_key}
key_pw=
"""


class Now:
    """The machine's clock."""

    def now_ns(self) -> int:
        return time.time_ns()


def configured(folder: Path, certificates: Certificates, port: int) -> None:
    (folder / "dp-user").mkdir()
    names = dict(ca="ca", key="ca.key", cert="server", cert_key="server.key")
    (folder / "taky.conf").write_text(CONFIGURATION.format(port=port, **{k: certificates[v] for k, v in names.items()}))


async def listens(port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.2)
                continue
            writer.close()
            return


def test_through_taky(certificates: Certificates, tmp_path: Path) -> None:
    port = free_port()
    configured(tmp_path, certificates, port)
    with (tmp_path / "log").open("wb") as log:
        router = subprocess.Popen(
            [os.environ["LOWSKY_TAKY"], "-c", "taky.conf", "-l", "debug"],
            cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        lines, friends = asyncio.run(flow(certificates, port))
    finally:
        router.kill()
        router.wait()
    said = (tmp_path / "log").read_text()
    assert any('uid="lowsky.x.track.2"' in line for line in lines), said[-3000:]
    assert any('uid="lowsky.x"' in line and "takv" in line for line in lines)
    assert [(friend.uid, friend.callsign, friend.latitude_deg) for friend in friends] == [("PYTAK-1", "Py", 56.01)]


async def flow(certificates: Certificates, port: int) -> tuple[list[str], list[Any]]:
    """What a pytak client is told of our picture, and who our source hears."""
    await listens(port)
    files = {
        "certificate_file": certificates["client"],
        "key_file": certificates["client.key"],
        "ca_file": certificates["ca"],
    }
    hearing, sink = source(f"tls://127.0.0.1:{port}", **files), Sink()
    sink.clock = Now()  # type: ignore[assignment]
    assert isinstance(hearing, CotSource)
    task = asyncio.create_task(hearing.run(sink))
    await until(lambda: "running" in sink.states)
    settings = {
        "PYTAK_TLS_CLIENT_CERT": certificates["client"],
        "PYTAK_TLS_CLIENT_KEY": certificates["client.key"],
        "PYTAK_TLS_CLIENT_CAFILE": certificates["ca"],
    }
    program = str(Path(__file__).with_name("pytak_client.py"))
    process = await asyncio.create_subprocess_exec(
        sys.executable, program, f"tls://127.0.0.1:{port}", "60", "0",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, env=os.environ | settings,
    )  # fmt: skip
    assert process.stdout is not None
    lines: list[str] = []
    try:
        server = house()
        keeper: OutputKeeper = caller(certificates, port, server)
        async with running(server, keeper, [1, 2]):
            async with asyncio.timeout(PATIENCE_S):
                while sum("lowsky.x.track.2" in line for line in lines) < 3:
                    lines.append(json.loads(await process.stdout.readline()))
            await until(lambda: any(friend.uid == "PYTAK-1" for friend in sink.friends), PATIENCE_S)
    finally:
        process.kill()
        await process.wait()
        await ended(task)
    return lines, [friend for friend in sink.friends if friend.uid == "PYTAK-1"][:1]
