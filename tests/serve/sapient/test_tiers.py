"""Two lowskys, one above the other, over TLS: the picture of the one is a sensor of the other."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.serve.live import SITE
from tests.serve.sapient import test_fusion
from tests.serve.sapient.houses import Books, House
from tests.serve.sapient.test_edge import running, until, way_to
from tests.serve.sapient.test_fusion import Sink, balanced, source
from tests.serve.sapient.test_fusion import running as listening

BELOW = (
    '[[sensors]]\nid = "below"\nkind = "cooperative"\nlat = 56.0\nlon = 11.0\nheight_m = 50.0\nmax_range_m = 50000.0\n'
)


def test_the_picture_of_one_is_a_sensor_of_the_other(
    papers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_fusion, "SITE", SITE.replace("[[places]]", BELOW + "[[places]]", 1))
    above, below = tmp_path / "above", tmp_path / "below"
    above.mkdir()
    below.mkdir()
    house, books, sink = House(), Books(), Sink()
    fields = f'certificate_file = "{papers}/server.pem"\nkey_file = "{papers}/server.key"\n'
    fields += f'ca_file = "{papers}/ca.pem"\nclient_certificates = true\nsensor = "below"\n'
    made = source("tls-listen://127.0.0.1:0", above, fields)

    async def go() -> None:
        async with listening(made, sink):
            await until(lambda: made.port)
            own = {name: f"{papers}/client.{end}" for name, end in (("certificate_file", "pem"), ("key_file", "key"))}
            way = way_to(made.port, below, to=f"tls://localhost:{made.port}", ca_file=f"{papers}/ca.pem", **own)
            assert way.node_id != made.node_id
            async with running(way, house, books):
                house.show([5, 6, 7], latitude_deg=np.array([56.01, 56.02, 56.03]), identity=("F00001", "", ""))
                await until(lambda: sink.has(3))
                house.show([5], status=3)  # it has ended
                await until(lambda: balanced(made, sink)[way.node_id].ignored.get("object lost"))

    asyncio.run(go())
    assert books.failures == []
    [node] = made.senders()
    assert (node.name, node.sensor, node.rejected) == ("Harbour X", "below", {})
    [reports] = sink.reports
    assert sorted(reports.latitude_deg.tolist()) == pytest.approx([56.01, 56.02, 56.03], abs=1e-9)
    assert reports.height_m.tolist() == pytest.approx([120.0] * 3)
    assert reports.sigma_position_m[0] == pytest.approx(np.sqrt((25.0 + 16.0) / 2.0))
    assert "F00001" in reports.identities
