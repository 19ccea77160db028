"""Who is told, and who tells: `[[receivers]]` and `[alerts]` of `site.toml`, checked field by field.

Only addresses that stand in this file are ever called. What would make a delivery unsafe is refused here: plain HTTP
beyond this machine without a word, passwords in an address, a secret that can be guessed.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
import ssl
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from lowsky.model.errors import InputError
from lowsky.model.notice import Level
from lowsky.wire.cap import CATEGORIES, LANGUAGES, Audience, Issuer

from .receiver import Receiver

MAX_RECEIVERS = 100
LEAST_SECRET = 16  # bytes; the standard for webhooks asks for 24 to 64, and we take what people have
SECRET_PREFIX = "whsec_"
_ID = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_TOKEN = re.compile(r"[^\s,<&]{1,200}")
_OFFSET = re.compile(r"([+-])(\d\d):([0-5]\d)")


class ReceiverEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """[[receivers]]"""

    id: str
    kind: Literal["webhook", "cap-file", "feed"]
    level: Literal["watch", "warning", "imminent"] = "warning"  # from which on a call is told
    places: tuple[str, ...] = ()  # ids; empty: all
    languages: tuple[str, ...] = ("en", "ko")
    scope: Literal["Public", "Restricted", "Private"] = "Restricted"
    restriction: str = "Only for those whom the site has named"
    addresses: tuple[str, ...] = ()  # of a Private scope; without any, the receiver's id
    heartbeat_s: float = 60.0
    url: str = ""  # of a webhook
    format: Literal["cap", "json"] = "cap"
    secret: str = ""
    secret_file: str = ""
    plain_http: bool = False  # allow http:// beyond this machine
    ca_file: str = ""  # certificates to trust instead of the machine's
    folder: str = ""  # of files, relative to site.toml


class AlertsEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """[alerts]"""

    sender: str = ""  # unique in the world: a mail address or domain; without it lowsky@ and the site's id
    name: str = ""
    contact: str = ""
    web: str = ""
    categories: tuple[str, ...] = ("Safety", "Security")
    utc_offset: str = "+00:00"


def issuer_of(entry: dict[str, Any], site_id: str, site_name: str, source: str) -> Issuer:
    """Who warns, from [alerts]; `source` names the file in errors.

    Raises:
        InputError: naming file, field and value.
    """
    alerts = _converted(entry, AlertsEntry, f"{source}, alerts")
    sender = alerts.sender or f"lowsky@{token_of(site_id)}"
    if not _TOKEN.fullmatch(sender):
        raise InputError(f"{source}, alerts.sender: {sender[:60]!r} has a space, comma, < or & in it or is too long")
    for category in alerts.categories:
        if category not in CATEGORIES:
            raise InputError(f"{source}, alerts.categories: {category!r} is not one of {', '.join(CATEGORIES)}")
    if not alerts.categories:
        raise InputError(f"{source}, alerts.categories: an alert needs at least one category")
    if re.search(r"[\s<>\"{}|\\^`]", alerts.web):
        raise InputError(f"{source}, alerts.web: {alerts.web[:60]!r} is no address")
    parts = _OFFSET.fullmatch(alerts.utc_offset)
    minutes = int(parts[2]) * 60 + int(parts[3]) if parts else 10_000
    if parts is None or minutes > 14 * 60:
        raise InputError(f"{source}, alerts.utc_offset: {alerts.utc_offset!r} is no offset such as +09:00")
    offset_min = -minutes if parts[1] == "-" else minutes
    name = alerts.name or site_name or site_id
    return Issuer(sender, name, alerts.contact, alerts.web, alerts.categories, offset_min)


def receivers_of(
    entries: list[dict[str, Any]] | tuple[dict[str, Any], ...], folder: Path, places: set[str], source: str
) -> tuple[Receiver, ...]:
    """The receivers of a site, and a feed for pollers if none is named.

    Args:
        entries: the tables of [[receivers]].
        folder: that relative paths start from.
        places: ids of all protected places.
        source: names the file in errors.

    Raises:
        InputError: naming file, receiver, field and value.
    """
    if len(entries) > MAX_RECEIVERS:
        raise InputError(f"{source}, receivers: {len(entries)} are more than {MAX_RECEIVERS}")
    receivers = [_receiver(entry, index, folder, places, source) for index, entry in enumerate(entries)]
    if not any(r.kind == "feed" for r in receivers):
        audience = Audience("Restricted", "Only for users of this site")
        receivers.append(Receiver("feed", "feed", Level.WATCH, frozenset(), audience))
    ids = [r.id for r in receivers]
    for name in ids:
        if ids.count(name) > 1:
            raise InputError(f"{source}, receivers: {name!r} is there twice")
    return tuple(receivers)


def token_of(text: str) -> str:
    """A text made fit to be part of an identifier."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text).strip("-") or "site"


def _converted(entry: dict[str, Any], kind: Any, where: str) -> Any:
    try:
        return msgspec.convert(entry, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(f"{where}{'.' + place.rstrip('`') if place else ''}: {reason}") from None


def _receiver(given: dict[str, Any], index: int, folder: Path, places: set[str], source: str) -> Receiver:
    entry: ReceiverEntry = _converted(given, ReceiverEntry, f"{source}, receivers[{index}]")
    here = f"{source}, receiver {entry.id!r}"
    if not _ID.fullmatch(entry.id):
        raise InputError(f"{here}, id: 1 to 40 letters, digits, _, . or - are needed")
    for place in entry.places:
        if place not in places:
            raise InputError(f"{here}, places: there is no place {place!r}")
    for language in entry.languages:
        if language not in LANGUAGES:
            raise InputError(f"{here}, languages: {language!r} is not one of {', '.join(LANGUAGES)}")
    if not entry.languages or len(set(entry.languages)) < len(entry.languages):
        raise InputError(f"{here}, languages: at least one is needed, and each once")
    if not 1.0 <= entry.heartbeat_s <= 86_400.0:
        raise InputError(f"{here}, heartbeat_s: {entry.heartbeat_s:g} is not between 1 and 86400")
    if entry.scope == "Restricted" and not entry.restriction.strip():
        raise InputError(f"{here}, restriction: a Restricted scope needs one")
    audience = Audience(
        entry.scope,
        entry.restriction,
        tuple(a for a in entry.addresses if a.strip()) or (entry.id,),
        entry.languages,
    )  # fmt: skip
    webhook, file = entry.kind == "webhook", entry.kind == "cap-file"
    _check_only(entry, here, webhook, file)
    return Receiver(
        id=entry.id,
        kind=entry.kind,
        level=Level[entry.level.upper()],
        places=frozenset(entry.places),
        audience=audience,
        heartbeat_s=entry.heartbeat_s,
        url=_url(entry, here) if webhook else "",
        json=entry.format == "json",
        secret=_secret(entry, folder, here) if webhook else b"",
        ca_file=_certificates(folder / entry.ca_file, f"{here}, ca_file") if entry.ca_file else None,
        folder=folder / entry.folder if file else None,
    )


def _check_only(entry: ReceiverEntry, here: str, webhook: bool, file: bool) -> None:
    """Refuse fields that the kind does not use, so that nobody believes in what has no effect."""
    for name in ("url", "secret", "secret_file", "ca_file", "plain_http"):
        if getattr(entry, name) and not webhook:
            raise InputError(f"{here}, {name}: a {entry.kind} has none")
    if entry.folder and not file:
        raise InputError(f"{here}, folder: a {entry.kind} has none")
    if file and not entry.folder:
        raise InputError(f"{here}, folder: a cap-file needs one")


def _url(entry: ReceiverEntry, here: str) -> str:
    try:
        parts = urlsplit(entry.url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or not host or re.search(r"\s", entry.url):
        raise InputError(f"{here}, url: {entry.url[:80]!r} is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise InputError(f"{here}, url: no user and password here, they would stand in logs; the signature proves us")
    if parts.fragment:
        raise InputError(f"{here}, url: a part after # is never sent")
    if parts.scheme == "http" and not entry.plain_http and not _is_here(host):
        raise InputError(f"{here}, url: {host} would be told without encryption; https, or plain_http = true")
    return entry.url


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(entry: ReceiverEntry, folder: Path, here: str) -> bytes:
    if bool(entry.secret) == bool(entry.secret_file):
        raise InputError(f"{here}, secret: a webhook needs either secret or secret_file")
    text = entry.secret
    if entry.secret_file:
        path = _existing(folder / entry.secret_file, f"{here}, secret_file")
        try:
            text = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{here}, secret_file: {path} cannot be read: {error}") from None
    secret = text.encode()
    if text.startswith(SECRET_PREFIX):
        try:
            secret = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
        except binascii.Error:
            raise InputError(f"{here}, secret: what follows {SECRET_PREFIX} is not base64") from None
    if len(secret) < LEAST_SECRET:
        raise InputError(f"{here}, secret: {len(secret)} bytes can be guessed; at least {LEAST_SECRET} are needed")
    return secret


def _certificates(path: Path, where: str) -> Path:
    try:
        ssl.create_default_context(cafile=str(_existing(path, where)))
    except OSError as error:
        raise InputError(f"{where}: {path} holds no certificates: {error}") from None
    return path


def _existing(path: Path, where: str) -> Path:
    if not path.is_file():
        raise InputError(f"{where}: there is no file {path}")
    return path
