"""Addresses as `via` and `to` say them: `scheme://host:port/path?name=value`, each scheme declared once.

Not a general reader of URLs: a topic of MQTT may hold `#` and `+`, a password has no place in an address, and what a
scheme does not know is an error that names what it knows.
"""

from __future__ import annotations

import difflib
import ipaddress
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from lowsky.model.errors import InputError

MAX_LENGTH = 2000
HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%\w]+\]|[^\[\]:/]*)(?::(?P<port>[^:]*))?")
TLS_FIELDS = ("ca_file", "certificate_file", "key_file")
LOGIN_FIELDS = ("user", "password_file", "password_env")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One way to reach somebody."""

    form: str  # as an example
    port: int | None = None  # if none is given; None: one must be
    any_port: bool = False  # 0 lets the system choose: where we listen
    place: str = "host"  # what follows the scheme: a host, a path, or a host with a topic or path
    query: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()  # that may stand beside the address in its table


SCHEMES: dict[str, Scheme] = {
    "udp": Scheme("udp://HOST:PORT", any_port=True, query=("interface", "ttl")),
    "tcp": Scheme("tcp://HOST:PORT"),
    "tcp-listen": Scheme("tcp-listen://HOST:PORT", any_port=True),
    "tls": Scheme("tls://HOST:PORT", fields=(*TLS_FIELDS, "server_name")),
    "tls-listen": Scheme("tls-listen://HOST:PORT", any_port=True, fields=(*TLS_FIELDS, "client_certificates")),
    "serial": Scheme("serial:///dev/ttyUSB0?baud=38400", place="path", query=("baud", "bits", "parity", "stop")),
    "file": Scheme("file:///path/of/a/file", place="path", query=("bytes_per_s", "repeat")),
    "mqtt": Scheme("mqtt://HOST:1883/TOPIC", 1883, place="topic", query=("qos", "client"), fields=LOGIN_FIELDS),
    "mqtts": Scheme("mqtts://HOST:8883/TOPIC", 8883, place="topic", query=("qos", "client"),
                    fields=(*LOGIN_FIELDS, *TLS_FIELDS)),
    "http": Scheme("http://HOST/PATH", 80, place="url", fields=(*LOGIN_FIELDS, "period_s")),
    "https": Scheme("https://HOST/PATH", 443, place="url", fields=(*LOGIN_FIELDS, *TLS_FIELDS, "period_s")),
}  # fmt: skip

QUERY: dict[str, tuple[float, float] | tuple[str, ...] | None] = {
    "interface": None,  # name or address of the network interface of a multicast group
    "ttl": (0, 255),  # hops that what is sent to a multicast group may go
    "baud": (50, 4_000_000),
    "bits": (5, 8),
    "parity": ("none", "even", "odd", "mark", "space"),
    "stop": (1, 2),
    "qos": (0, 2),
    "client": None,  # the name a broker keeps messages for while we are away
    "bytes_per_s": (1, 1e9),
    "repeat": ("yes", "no"),
}
"""What may follow `?`: bounds of a number, the words that there are, or None for any text."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address, read and checked."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""  # of a file or serial line; the topic (MQTT); path and query (HTTP)
    query: dict[str, str | float] = field(default_factory=dict)
    text: str = ""  # as it was given

    def __str__(self) -> str:
        """For people. What follows the path of a web address is left out: keys stand there."""
        return self.text.partition("?")[0] if self.scheme in ("http", "https") else self.text

    @property
    def listens(self) -> bool:
        """Whether others call us."""
        return self.scheme in ("tcp-listen", "tls-listen")

    @property
    def multicast(self) -> bool:
        """Whether the host is a group."""
        try:
            return ipaddress.ip_address(self.host).is_multicast
        except ValueError:
            return False

    def word(self, name: str, default: str = "") -> str:
        """A word of the query."""
        return str(self.query.get(name, default))

    def number(self, name: str, default: float) -> float:
        """A number of the query."""
        return float(self.query.get(name, default))


def read_address(text: object, schemes: tuple[str, ...] = tuple(SCHEMES)) -> Address:
    """The address in a text.

    Raises:
        InputError: a clause ("... is not ...") that the caller puts behind file and field.
    """
    if not isinstance(text, str) or len(text) > MAX_LENGTH or not text.isprintable():
        raise InputError(f"{str(text)[:60]!r} is no address")
    name, separator, rest = text.partition(":")
    if not separator or name not in schemes:
        near = difflib.get_close_matches(name, schemes, n=1) if separator else []
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(s + ':' for s in schemes)}"
        raise InputError(f"{text!r} does not begin with a known scheme; {hint}")
    scheme = SCHEMES[name]
    place, mark, query = rest.partition("?")
    if scheme.place == "path":
        path = unquote(place.removeprefix("//"))
        if not path:
            raise InputError(f"{text!r} names no path; it should be like {scheme.form}")
        return Address(name, path=path, query=_query(query, scheme, text), text=text)
    host, port, path = _host(place, scheme, text)
    if scheme.place == "url":  # what follows `?` is the other side's
        return Address(name, host, port, path + mark + query, {}, text)
    return Address(name, host, port, unquote(path), _query(query, scheme, text), text)


def _host(place: str, scheme: Scheme, text: str) -> tuple[str, int, str]:
    if not place.startswith("//"):
        raise InputError(f"{text!r} should be like {scheme.form}")
    authority, slash, path = place[2:].partition("/")
    if "@" in authority:
        raise InputError(f"{text.partition(':')[0]}://...: names and passwords do not belong into an address; "
                         "use user and password_file")  # fmt: skip
    found = HOST_PORT.fullmatch(authority)
    if found is None or not found["host"]:
        raise InputError(f"{text!r} names no host; it should be like {scheme.form} (127.0.0.1: this machine only)")
    if path and scheme.place == "host":
        raise InputError(f"{text!r} has a path, which {scheme.form} has not")
    if not path and scheme.place == "topic":
        raise InputError(f"{text!r} names no topic; it should be like {scheme.form}")
    return found["host"].strip("[]"), _port(found["port"], scheme, text), slash * (scheme.place == "url") + path


def _port(given: str | None, scheme: Scheme, text: str) -> int:
    if given is None:
        if scheme.port is None:
            raise InputError(f"{text!r} names no port; it should be like {scheme.form}")
        return scheme.port
    least = 0 if scheme.any_port else 1
    if not (given.isascii() and given.isdigit() and least <= int(given[:6]) <= 65535):
        raise InputError(f"{text!r}: port {given!r} is not between {least} and 65535")
    return int(given)


def _query(query: str, scheme: Scheme, text: str) -> dict[str, str | float]:
    found: dict[str, str | float] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in scheme.query:
            known = f"there are {', '.join(scheme.query)}" if scheme.query else "it takes none"
            raise InputError(f"{text!r} does not know {name!r} behind its '?'; {known}")
        found[name] = _value(name, value)
    return found


def _value(name: str, value: str) -> str | float:
    allowed = QUERY[name]
    if allowed is None:
        return value
    if isinstance(allowed[0], str):
        if value not in allowed:
            raise InputError(f"{name}={value!r} is not one of {', '.join(map(str, allowed))}")
        return value
    low, high = float(allowed[0]), float(allowed[1])
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        raise InputError(f"{name}={value!r} is not a number between {low:g} and {high:g}")
    return number
