"""Sends a scene as it happens: JSON lines over TCP or UDP, at the pace of the clock or a multiple of it.

Over TCP a lost connection is opened again, with growing pauses; what is reported meanwhile is made all the same, is not
sent, and is counted. Over UDP every line is a datagram and nobody knows who hears it. At a speed other than 1 the times
in the lines run away from the wall clock: that is for receivers that take their time from the data.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lowsky.model.errors import InputError

if TYPE_CHECKING:
    from lowsky.simulate import LiveScene

PIECE_S = 0.05  # what is received within this time is sent together
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
CONNECT_TIMEOUT_S = 2.0
SEND_TIMEOUT_S = 5.0  # a receiver that takes nothing for so long is given up
SPEEDS = (0.01, 100.0)


@dataclass(frozen=True, slots=True)
class Target:
    """Where lines go."""

    scheme: str  # tcp or udp
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def listener(self) -> str:
        """The address at which a server receives what is sent here."""
        return str(self).replace("tcp://", "tcp-listen://", 1)


def parse_target(text: str) -> Target:
    """The target of a text such as tcp://host:5300.

    Raises:
        InputError: if it is none.
    """
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("tcp", "udp") or not parts.hostname or not port or not plain:
        raise InputError(f"--to: {text!r} is not of the form tcp://HOST:PORT or udp://HOST:PORT")
    return Target(parts.scheme, parts.hostname, port)


@dataclass(slots=True)
class Sent:
    """What became of the reports."""

    reports: int = 0
    lost: int = 0  # made while nobody was connected
    connections: int = 0


class Line:
    """A line to the target, opened when needed and again when it breaks."""

    def __init__(self, target: Target, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._target, self._say, self._clock = target, say, clock
        self._socket: socket.socket | None = None
        self._pause_s, self._again_s = FIRST_PAUSE_S, 0.0
        self.opened = 0

    def send(self, lines: bytes) -> bool:
        """Send whole lines; False if they did not go out."""
        if self._socket is None and not self._open():
            return False
        assert self._socket is not None
        try:
            if self._target.scheme == "udp":
                for line in lines.splitlines(keepends=True):
                    self._socket.send(line)
            else:
                self._socket.sendall(lines)
        except ConnectionRefusedError:
            return self._target.scheme == "udp" or self._broke("refused")  # a datagram that nobody took
        except OSError as error:
            return self._broke(error.strerror or str(error))
        return True

    def _open(self) -> bool:
        if self._clock() < self._again_s:
            return False
        try:
            self._socket = self._connect()
        except OSError as error:
            return self._broke(error.strerror or str(error))
        self._pause_s = FIRST_PAUSE_S
        self.opened += 1
        self._say(f"sending to {self._target}")
        return True

    def _connect(self) -> socket.socket:
        if self._target.scheme == "tcp":
            line = socket.create_connection((self._target.host, self._target.port), CONNECT_TIMEOUT_S)
            line.settimeout(SEND_TIMEOUT_S)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return line
        found = socket.getaddrinfo(self._target.host, self._target.port, type=socket.SOCK_DGRAM)
        line = socket.socket(found[0][0], socket.SOCK_DGRAM)
        try:
            line.connect(found[0][4])
        except OSError:
            line.close()
            raise
        return line

    def _broke(self, why: str) -> bool:
        """Close, and say when the next try is."""
        self.close()
        self._again_s = self._clock() + self._pause_s
        self._say(f"no connection to {self._target} ({why}), next try in {self._pause_s:g} s")
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)
        return False

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def send_scene(
    scene: LiveScene, target: Target, speed: float, duration_s: float | None, say: Callable[[str], None]
) -> Sent:
    """Send a scene that begins now until its duration is over, for ever without one, or until interrupted.

    Raises:
        InputError: if the speed is none.
    """
    from lowsky.model.timebase import NS_PER_S
    from lowsky.wire.jsonl import encode

    if not SPEEDS[0] <= speed <= SPEEDS[1]:
        raise InputError(f"--speed: {speed:g} is not between {SPEEDS[0]:g} and {SPEEDS[1]:g}")
    sent, line, began = Sent(), Line(target, say), time.monotonic()
    try:
        while True:
            at_s = (time.monotonic() - began) * speed
            over = duration_s is not None and at_s >= duration_s
            at_s = duration_s if over and duration_s is not None else at_s
            reports, looks = scene.advance(scene.start_ns + round(at_s * NS_PER_S))
            if len(reports) or len(looks):
                gone = line.send(encode(reports, looks, scene.site))
                sent.reports += len(reports) if gone else 0
                sent.lost += 0 if gone else len(reports)
            if over:
                return sent
            time.sleep(PIECE_S)
    except KeyboardInterrupt:
        return sent
    finally:
        sent.connections = line.opened
        line.close()
