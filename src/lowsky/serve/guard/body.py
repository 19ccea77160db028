"""Bodies: read whole before a handler sees them, up to the route's limit and within a time."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive

from .refusal import Head, Refused

CLOSE = {"connection": "close"}  # what was not read must not be taken for the next request


def declared_length(head: Head) -> int | None:
    """The length that the head tells, None if it tells none.

    Raises:
        Refused: 400, if it is no number.
    """
    text = head.one("content-length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise Refused(400, "header", "the header Content-Length is not a number", CLOSE)
    return int(text)


async def read_whole(receive: Receive, head: Head, limit_bytes: int, timeout_s: float) -> bytes:
    """The body.

    Raises:
        Refused: 413 if it is, or says it is, longer than the limit; 408 if it is not there in time; 400 if the client
            goes away in the middle.
    """
    sentence = f"the body is longer than {limit_bytes} bytes"
    if (declared_length(head) or 0) > limit_bytes:
        raise Refused(413, "size", sentence, CLOSE)
    body = bytearray()
    try:
        async with asyncio.timeout(timeout_s):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refused(400, "disconnect", "the body is not complete", CLOSE)
                body += message.get("body", b"")
                if len(body) > limit_bytes:
                    raise Refused(413, "size", sentence, CLOSE)
                more = bool(message.get("more_body", False))
    except TimeoutError:
        raise Refused(408, "slow", f"the body was not complete within {timeout_s:g} s", CLOSE) from None
    return bytes(body)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that has been read, then whatever comes after it."""
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again
