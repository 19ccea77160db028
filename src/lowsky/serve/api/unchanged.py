"""Answers that say whether they have changed, so that who polls gets 304 and no body if not (RFC 9110, 13.1.2)."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

MAX_TAGS = 100  # looked at in If-None-Match


def answer_if_changed(request: Request, body: bytes, media: str) -> Response:
    """The body with its entity tag, or 304 if the client has it already."""
    tag = f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    given = request.headers.get("if-none-match", "").split(",", MAX_TAGS)
    if any(known.strip().removeprefix("W/") in (tag, "*") for known in given):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)
