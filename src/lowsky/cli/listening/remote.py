"""A server that runs, asked over its API."""

from __future__ import annotations

from typing import Any

import httpx

from lowsky.model.errors import InputError
from lowsky.serve.net.connections import why

TIMEOUT_S = 10.0


class RemoteSources:
    """One server."""

    def __init__(self, address: str, token: str) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        try:
            self._client = httpx.AsyncClient(
                base_url=address.rstrip("/"), headers=headers, timeout=TIMEOUT_S, trust_env=False
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise InputError(f"--server: {address!r}: {error}") from None
        self._address = address

    def open(self) -> None:
        """Nothing needs to be opened."""

    async def close(self) -> None:
        """Let go of the connection."""
        await self._client.aclose()

    def drain(self) -> None:
        """Nothing waits here."""

    async def answers(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """What the server says of sources and of sensors."""
        sources = await self._get("/api/sources")
        return sources, (await self._get("/api/sensors"))["sensors"]

    async def _get(self, path: str) -> dict[str, Any]:
        try:
            answer = await self._client.get(path)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise InputError(f"{self._address}: {why(error)}") from None
        if answer.status_code in (401, 403):
            raise InputError(f"{self._address} wants a token: --token-file FILE (made by `lowsky token add`)")
        try:
            found = answer.json()
        except ValueError:
            found = None
        if answer.status_code != 200 or not isinstance(found, dict):
            raise InputError(f"{self._address}{path} answers {answer.status_code}; is a server of lowsky there?")
        return found
