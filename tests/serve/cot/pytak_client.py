"""A TAK client made of pytak, in a process of its own: prints each event it receives, one JSON string a line, and sends
one event of its own. Arguments: address, seconds, form of what it sends (0: XML, 1: protobuf)."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from configparser import ConfigParser
from typing import Any

import pytak


class Printer(pytak.QueueWorker):  # type: ignore[misc]
    """Prints what came."""

    async def run(self, _: int = -1) -> None:
        """Until cancelled."""
        while True:
            data: Any = await self.queue.get()
            print(json.dumps(data.decode()), flush=True)


async def main(address: str, seconds: float, form: str) -> None:
    """Connect, send where we are, and receive for so long."""
    parser = ConfigParser()
    settings = {"COT_URL": address, "TAK_PROTO": "0"}
    settings |= {name: value for name, value in os.environ.items() if name.startswith("PYTAK_")}
    parser.read_dict({"receive": settings, "send": settings | {"TAK_PROTO": form}})
    reader, writer = await pytak.protocol_factory(parser["receive"])
    received: asyncio.Queue[Any] = asyncio.Queue()
    send = pytak.TXWorker(asyncio.Queue(), parser["send"], writer)
    here = pytak.gen_cot(
        lat=56.01, lon=11.02, ce=7, hae=20, uid="PYTAK-1", stale=120, cot_type="a-f-G-U-C", callsign="Py"
    )
    await send.send_data(here)
    workers = [Printer(received, parser["receive"]), pytak.RXWorker(received, parser["receive"], reader)]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), sys.argv[3]))
