"""A link: an address with what stands beside it in its table (certificates, a login, a period), checked together."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from lowsky.model.errors import InputError

from .address import SCHEMES, Address, read_address

MAX_SECRET = 4096  # bytes of a password file


class LinkFields(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What may stand beside an address; which of it, its scheme says. Paths are relative to the site's file."""

    ca_file: str | None = None  # who signed the other side's certificate; without it those the system trusts
    certificate_file: str | None = None  # our own, with those between it and its root
    key_file: str | None = None
    client_certificates: bool | None = None  # only callers with a certificate signed by `ca_file`
    server_name: str | None = None  # in the other side's certificate, if it is not the host
    user: str | None = None
    password_file: str | None = None
    password_env: str | None = None  # the environment variable that holds it
    period_s: float | None = None  # between two polls


FIELDS = tuple(f.name for f in msgspec.structs.fields(LinkFields))


@dataclass(frozen=True, slots=True)
class Link:
    """Whom to reach, and how."""

    address: Address
    fields: LinkFields
    folder: Path  # of the site's file

    def password(self) -> str | None:
        """The password, read anew each time; None: there is none.

        Raises:
            InputError: if it should be there and is not.
        """
        if self.fields.password_env is not None:
            if self.fields.password_env not in os.environ:
                raise InputError(f"password_env: there is no environment variable {self.fields.password_env!r}")
            return os.environ[self.fields.password_env]
        if self.fields.password_file is None:
            return None
        path = self.folder / self.fields.password_file
        try:
            with path.open("rb") as file:
                return file.read(MAX_SECRET).decode("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"password_file: {path} cannot be read: {_words(error)}") from None

    def tls(self) -> ssl.SSLContext | None:
        """The TLS context of this side, made anew each time (certificates are renewed); None: there is no TLS.

        Raises:
            InputError: naming the file that cannot be used.
        """
        scheme = self.address.scheme
        if scheme == "tls-listen":
            return self._server_tls()
        return self._client_tls() if scheme in ("tls", "mqtts", "https") else None

    def check(self) -> None:
        """Look whether files and passwords are there.

        Raises:
            InputError: naming field and value.
        """
        self.tls()
        self.password()

    def _client_tls(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.fields.ca_file is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # trusts nobody else
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            self._trust(context, self.fields.ca_file)
        if self.fields.certificate_file is not None:
            self._load_own(context)
        return context

    def _server_tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load_own(context)
        if self.fields.ca_file is not None:
            self._trust(context, self.fields.ca_file)
        if self.fields.client_certificates:
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def _trust(self, context: ssl.SSLContext, name: str) -> None:
        path = self._file("ca_file", name)
        try:
            context.load_verify_locations(path)
        except (OSError, ValueError) as error:
            raise InputError(f"ca_file: {path} cannot be used: {_words(error)}") from None

    def _load_own(self, context: ssl.SSLContext) -> None:
        certificate = self._file("certificate_file", self.fields.certificate_file or "")
        key = None if self.fields.key_file is None else self._file("key_file", self.fields.key_file)
        try:
            context.load_cert_chain(certificate, key, password=lambda: "")
        except (OSError, ValueError) as error:
            raise InputError(f"certificate_file, key_file: {certificate} cannot be used: {_words(error)}") from None

    def _file(self, name: str, value: str) -> Path:
        path = self.folder / value
        if not path.is_file():
            raise InputError(f"{name}: there is no file {path}")
        return path


def read_link(
    table: dict[str, Any], key: str, folder: Path, schemes: tuple[str, ...] = tuple(SCHEMES)
) -> tuple[Link, dict[str, Any]]:
    """The link of a table whose address stands under `key`, and what else the table says.

    Raises:
        InputError: "field: value reason", to be put behind the name of the table.
    """
    rest = dict(table)
    if key not in rest:
        raise InputError(f'{key}: there is no address, such as {key} = "udp://127.0.0.1:5300"')
    try:
        address = read_address(rest.pop(key), schemes)
    except InputError as error:
        raise InputError(f"{key}: {error}") from None
    given = {name: rest.pop(name) for name in FIELDS if name in rest}
    for name in given:
        if name not in SCHEMES[address.scheme].fields:
            raise InputError(f"{name}: {address.scheme}:// takes no such field")
    try:
        fields = msgspec.convert(given, LinkFields)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        raise InputError(f"{place.rstrip('`')}: {reason}") from None
    _check_together(address, fields)
    return Link(address, fields, folder), rest


def _check_together(address: Address, fields: LinkFields) -> None:
    if address.scheme == "tls-listen" and fields.certificate_file is None:
        raise InputError("certificate_file: tls-listen:// needs a certificate of our own")
    if fields.client_certificates and fields.ca_file is None:
        raise InputError("client_certificates: ca_file must say who signs them")
    if fields.key_file is not None and fields.certificate_file is None:
        raise InputError("key_file: there is no certificate_file that it belongs to")
    if fields.password_file is not None and fields.password_env is not None:
        raise InputError("password_file, password_env: one of them is enough")
    if fields.user is None and (fields.password_file is not None or fields.password_env is not None):
        raise InputError("user: a password needs a user")
    if fields.period_s is not None and not 0.05 <= fields.period_s <= 3600.0:
        raise InputError(f"period_s: {fields.period_s:g} is not between 0.05 and 3600")


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
