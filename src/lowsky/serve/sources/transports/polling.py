"""A web address asked again and again, each answer a whole message; an answer that has not changed is not sent twice by
servers that know entity tags or dates.
"""

from __future__ import annotations

import asyncio

import httpx

from lowsky import __version__

from ...net.connections import why
from ...net.link import Link
from ..intake import Intake, Sender

PERIOD_S = 1.0
TIMEOUT_S = 10.0
MAX_BODY = 64 << 20  # bytes of an answer, unpacked


class PollingTransport:
    """One address."""

    datagrams = True

    def __init__(self, link: Link) -> None:
        self._link = link
        address = link.address
        host = f"[{address.host}]" if ":" in address.host else address.host
        self._url = f"{address.scheme}://{host}:{address.port}{address.path}"
        self._known: dict[str, str] = {}  # what a server needs to say that nothing has changed

    async def run(self, intake: Intake) -> None:
        """Ask until cancelled; no answer, or another than the one wanted, is an error."""
        fields, loop = self._link.fields, asyncio.get_running_loop()
        auth = (fields.user, self._link.password() or "") if fields.user is not None else None
        period_s = PERIOD_S if fields.period_s is None else fields.period_s
        self._known = {}
        headers = {"user-agent": f"lowsky/{__version__}"}
        async with httpx.AsyncClient(
            verify=self._link.tls() or True, auth=auth, timeout=TIMEOUT_S, trust_env=False, headers=headers
        ) as client:
            intake.say("starting", f"asking {self._link.address}")
            sender = intake.begin()
            try:
                while True:
                    begin_s = loop.time()
                    await self._ask(client, sender, intake)
                    intake.say("running", f"asking {self._link.address} every {period_s:g} s")
                    await asyncio.sleep(max(begin_s + period_s - loop.time(), 0.0))
            finally:
                sender.close()

    async def _ask(self, client: httpx.AsyncClient, sender: Sender, intake: Intake) -> None:
        try:
            async with client.stream("GET", self._url, headers=self._known) as answer:
                if answer.status_code == 304:
                    return
                if answer.status_code != 200:
                    raise OSError(f"{self._link.address} answers {answer.status_code} {answer.reason_phrase}")
                body = await _body(answer)
        except httpx.HTTPError as error:
            raise OSError(f"{self._link.address}: {_words(error)}") from None
        if body is None:
            intake.fault("answer too long", f"an answer of {self._link.address} is longer than {MAX_BODY} bytes")
            return
        asked = (("If-None-Match", "etag"), ("If-Modified-Since", "last-modified"))
        self._known = {question: answer.headers[name] for question, name in asked if name in answer.headers}
        sender.push(body)


async def _body(answer: httpx.Response) -> bytes | None:
    """The whole of it; None: it is too long."""
    body = bytearray()
    async for piece in answer.aiter_bytes():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _words(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"no answer within {TIMEOUT_S:g} s"
    return why(error)
