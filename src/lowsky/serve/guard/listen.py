"""What the server listens on: which address is allowed, TLS by files, and the options of uvicorn that matter for
safety.
"""

from __future__ import annotations

import ssl
from collections import Counter
from pathlib import Path
from typing import Any

from lowsky.model.errors import InputError

from .addresses import is_loopback, networks_of
from .connections import Ledger, protocols
from .settings import BACKLOG, KEEP_ALIVE_S, MAX_FRAME_BYTES, MAX_HEAD_BYTES, GuardSettings

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2: forward secrecy and authenticated encryption only


def check_listen(host: str, accounts_on: bool) -> None:
    """Refuse to show the picture to a network without login.

    Raises:
        InputError: if accounts are off and the host is not loopback.
    """
    if not accounts_on and not is_loopback(host):
        raise InputError(f"listen: {host!r} can be reached from outside, which needs accounts; remove `on = false`")


def tls_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or later with a certificate (its chain in the same file) and its key, both PEM.

    Raises:
        InputError: naming the file and what is wrong with it.
    """
    for what, path in (("certificate", certificate), ("key", key)):
        _check_pem(what, path)
    if key.stat().st_mode & 0o007:
        raise InputError(f"key: {key} can be read by everybody on this machine; `chmod 640` or less")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        raise InputError(f"certificate {certificate} and key {key}: {_reason(error)}") from None
    return context


def _check_pem(what: str, path: Path) -> None:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(f"{what}: {path}: {error.strerror}") from None
    marker = b"CERTIFICATE-----" if what == "certificate" else b"PRIVATE KEY-----"
    if marker not in text:
        raise InputError(f"{what}: {path} holds no {what} in PEM form")
    if b"ENCRYPTED" in text:
        raise InputError(f"{what}: {path} is encrypted; the server cannot ask for its password")


def _no_password() -> str:
    return ""


def _reason(error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return "the key is not that of the certificate"
    return f"cannot be used ({(error.reason or str(error)).replace('_', ' ').lower()})"


def uvicorn_options(
    settings: GuardSettings, tls: ssl.SSLContext | None = None, refused: Counter[str] | None = None
) -> dict[str, Any]:
    """Options for `uvicorn.Config` that the guard counts on.

    Forwarded headers are read by the guard and not by uvicorn; no answer names the server's software; the live feed is
    not compressed (it costs 28 times the processor time) and takes small messages only.
    """
    http, socket = protocols(Ledger(settings, networks_of(settings.trusted_proxies), refused))
    options: dict[str, Any] = {
        "http": http,
        "ws": socket,
        "ws_max_size": MAX_FRAME_BYTES,
        "ws_per_message_deflate": False,
        "h11_max_incomplete_event_size": MAX_HEAD_BYTES,
        "timeout_keep_alive": KEEP_ALIVE_S,
        "backlog": BACKLOG,
        "proxy_headers": False,
        "server_header": False,
        "access_log": False,
    }
    if tls is not None:
        options["ssl_context_factory"] = lambda config, default: tls
    return options
