"""A real uvicorn in a thread, with the options of the guard, for the tests of connections and TLS."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from typing import Any

import uvicorn

from lowsky.serve.guard.listen import uvicorn_options
from lowsky.serve.guard.settings import GuardSettings

PATIENCE_S = 20.0  # for anything that should happen at once


class Listening:
    """Serves an ASGI application on a free port of loopback until `close`."""

    def __init__(self, app: Any, settings: GuardSettings, tls: ssl.SSLContext | None = None) -> None:
        options = uvicorn_options(settings, tls)
        self.ledger = options["http"].ledger
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1, **options)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=self._server.config.get_loop_factory()) as runner:
            runner.run(self._server.serve([self._socket]))

    def connect(self, sent: bytes = b"") -> socket.socket:
        """A plain connection on which this has been sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        connection.sendall(sent)
        return connection

    def close(self) -> None:
        """Stop the server."""
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        self._socket.close()
        assert not self._thread.is_alive()


def received(connection: socket.socket, until: bytes = b"") -> bytes:
    """What comes until these bytes, or else until the other end closes."""
    data = b""
    try:
        while not until or until not in data:
            more = connection.recv(65_536)
            if not more:
                break
            data += more
    except ConnectionError:
        return data
    return data
