"""Runs a server in this process until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import signal
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator

import msgspec
import structlog
import uvicorn

from lowsky.model.errors import InputError

from .app import make_app
from .config.site_file import SiteConfig
from .guard.entrance import Entrance, open_entrance
from .logs import set_up_logs
from .routes import ROUTES
from .runtime import Runtime

GRACE_S = 3  # that open requests get when the server stops
log = structlog.get_logger("lowsky.run")


def bound_socket(host: str, port: int) -> socket.socket:
    """A listening socket.

    Raises:
        InputError: if the address cannot be had, with the reason.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(f"server.host, server.port: cannot listen at {host} port {port}: {error.strerror}") from None
    listener.set_inheritable(True)
    return listener


def entrance_for(config: SiteConfig, listener: socket.socket) -> Entrance:
    """Accounts, audit and TLS as configured, for the address that is really bound.

    Raises:
        InputError: if a file cannot be used, or the picture would be open to a network.
    """
    server = config.server
    certificate, key = (
        None if name is None else config.folder / name for name in (server.tls_certificate, server.tls_key)
    )
    folder = config.folder / config.accounts.folder
    return open_entrance(folder, listener.getsockname()[0], config.accounts, config.guard, certificate, key)


class Announcing(uvicorn.Server):
    """A server that says when it can be reached, and for which a signal is a reason to end and not a way to die."""

    def __init__(self, settings: uvicorn.Config, on_open: Callable[[], None]) -> None:
        super().__init__(settings)
        self._on_open = on_open

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_open()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does, but the signals are not raised again afterwards: files are still to be closed then."""
        with super().capture_signals():
            try:
                yield
            finally:
                self._captured_signals.clear()


def server_for(runtime: Runtime, entrance: Entrance, on_open: Callable[[], None]) -> uvicorn.Server:
    """A uvicorn server for a runtime, behind its entrance; `on_open` is called when it can be reached."""
    settings = uvicorn.Config(
        entrance.guarded(make_app(runtime), ROUTES, runtime.refused),
        loop="auto",
        lifespan="on",
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
        **entrance.options(runtime.refused),
    )
    return Announcing(settings, on_open)


def address_of(config: SiteConfig, listener: socket.socket) -> str:
    """The address people open."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if config.server.tls_certificate else "http"
    shown = "localhost" if host in ("127.0.0.1", "::1", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}:{port}/"


def run(config: SiteConfig, opened: bool = False) -> int:
    """Serve until SIGTERM or SIGINT. With `opened`, the address is opened in a browser.

    Raises:
        InputError: if the configuration cannot be used here.
    """
    set_up_logs(config.server.log)
    with (
        bound_socket(config.server.host, config.server.port) as listener,
        contextlib.closing(entrance_for(config, listener)) as entrance,
    ):
        address = address_of(config, listener)
        runtime = Runtime(config)

        def on_open() -> None:
            _say(config, entrance, address, opened)
            _reload_on_hangup(runtime)

        server = server_for(runtime, entrance, on_open)
        with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
            runner.run(server.serve([listener]))
    return 0


def _reload_on_hangup(runtime: Runtime) -> None:
    """SIGHUP reads the configuration anew; one with an error changes nothing, and is said."""
    if not hasattr(signal, "SIGHUP"):
        return
    tasks: set[asyncio.Task[None]] = set()

    async def reload() -> None:
        try:
            await runtime.reloader.reload("SIGHUP")
        except (InputError, OSError) as error:
            log.error("the configuration stays as it was", reason=str(error))

    def begin() -> None:
        task = asyncio.create_task(reload())
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, begin)


def check(config: SiteConfig) -> str:
    """What a configuration makes, in words: everything it names is made, nothing is started or written.

    Raises:
        InputError: naming file, field and value of what cannot be used here.
    """
    unrecorded = dataclasses.replace(config, journal=msgspec.structs.replace(config.journal, on=False))
    made = Runtime(unrecorded)
    counts = {
        "sensors": len(made.site.sensors),
        "sources": len(config.sources),
        "places": len(made.places),
        "outputs": len(config.outputs),
        "receivers": len(config.receivers),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _say(config: SiteConfig, entrance: Entrance, address: str, opened: bool) -> None:
    """The server can be reached: print where, and open it in a browser if that is wanted."""
    print(f"{config.site.name or config.site.id}: {address}", flush=True)
    first_link = entrance.first_link(address)
    if first_link is not None:
        print(f"make the first administrator, once: {first_link}", flush=True)
    if opened:
        threading.Thread(target=webbrowser.open, args=(first_link or address,), daemon=True).start()
