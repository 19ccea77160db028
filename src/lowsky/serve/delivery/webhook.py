"""Webhooks: a signed POST to an address of the configuration and to no other.

Redirects are not followed, proxies of the environment not asked, certificates verified; an attempt takes a bounded time
and reads a bounded answer. Only a status of 200 to 299 confirms.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from urllib.parse import urlsplit

import httpx

from lowsky import __version__
from lowsky.wire.cap import Alert, alert_json, alert_xml

from .receiver import Receiver
from .sign import signed_headers
from .transport import CONFIRMED, Fate, Outcome

CONNECT_S = 3.0
ATTEMPT_S = 6.0  # all of an attempt: the time left at the highest level is some 20 s
MOST_ANSWER_BYTES = 65_536
MOST_WAIT_S = 60.0  # of what a receiver may ask for with Retry-After
TRY_AGAIN = frozenset({408, 425, 429})  # 4xx that tell of now, not of the message


class Webhook:
    """Posts alerts to one receiver."""

    def __init__(self, receiver: Receiver) -> None:
        """Raises OSError or ssl.SSLError if the file of certificates cannot be used."""
        parts = urlsplit(receiver.url)
        self.to = f"{parts.scheme}://{parts.netloc}"
        self._receiver = receiver
        trusted = None if receiver.ca_file is None else ssl.create_default_context(cafile=str(receiver.ca_file))
        self._client = httpx.AsyncClient(
            verify=True if trusted is None else trusted,
            follow_redirects=False,
            trust_env=False,
            timeout=httpx.Timeout(ATTEMPT_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=2, max_keepalive_connections=1),
            headers={"user-agent": f"lowsky/{__version__}"},
        )

    async def send(self, alert: Alert, heartbeat: bool) -> Outcome:
        """POST once."""
        body = alert_json(alert) if self._receiver.json else alert_xml(alert)
        kind = "application/json" if self._receiver.json else "application/cap+xml"
        headers = signed_headers(self._receiver.secret, alert.identifier, int(time.time()), body)
        headers |= {"content-type": kind, "accept-encoding": "identity"}
        outcome: Outcome | None = None
        try:
            async with (
                asyncio.timeout(ATTEMPT_S),
                self._client.stream("POST", self._receiver.url, content=body, headers=headers) as answer,
            ):
                outcome = outcome_of(answer)
                await _read_little(answer)
        except (httpx.HTTPError, TimeoutError) as error:
            return outcome or _failure(error)  # the status has said it, whatever becomes of the rest
        return outcome

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _failure(error: httpx.HTTPError | TimeoutError) -> Outcome:
    """What an attempt without any status means."""
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout):
        return Outcome(Fate.UNREACHED, f"cannot be reached: {error or type(error).__name__}"[:200])
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return Outcome(Fate.UNSURE, f"did not answer within {ATTEMPT_S:g} s")
    return Outcome(Fate.UNSURE, f"broke off: {error or type(error).__name__}"[:200])


async def _read_little(answer: httpx.Response) -> None:
    """Read the answer, so that the connection can be used again, unless it is long."""
    read = 0
    async for piece in answer.aiter_raw():
        read += len(piece)
        if read > MOST_ANSWER_BYTES:
            return


def outcome_of(answer: httpx.Response) -> Outcome:
    """What a status means."""
    status = answer.status_code
    if 200 <= status < 300:
        return CONFIRMED
    if 300 <= status < 400:
        return Outcome(Fate.UNREACHED, f"answered {status}: redirects are not followed")
    if 400 <= status < 500 and status not in TRY_AGAIN:
        return Outcome(Fate.UNREACHED, f"answered {status}")
    return Outcome(Fate.UNSURE, f"answered {status}", _wait_s(answer.headers.get("retry-after", "")))


def _wait_s(text: str) -> float:
    """Seconds of a Retry-After; its other form, a date, counts as nothing."""
    return min(float(text), MOST_WAIT_S) if text.isascii() and text.isdigit() and len(text) < 7 else 0.0
