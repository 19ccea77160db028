"""Signatures of webhooks, as https://www.standardwebhooks.com defines them (version 1.0, symmetric).

HMAC-SHA256 with the receiver's secret over `id.timestamp.body`, in base64 behind `v1,`. The time is that of the
attempt, so that a receiver can refuse what was recorded and sent again later; the id is that of the message, the same
in all attempts, so that it can drop what it has already.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

TOLERANCE_S = 300  # by which a receiver's clock may differ from ours


def signed_headers(secret: bytes, identifier: str, at_s: int, body: bytes) -> dict[str, str]:
    """The three headers of a message sent at a time (s since 1970)."""
    return {
        "webhook-id": identifier,
        "webhook-timestamp": f"{at_s}",
        "webhook-signature": f"v1,{signature(secret, identifier, at_s, body)}",
    }


def signature(secret: bytes, identifier: str, at_s: int, body: bytes) -> str:
    """The signature in base64."""
    signed = f"{identifier}.{at_s}.".encode() + body
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
