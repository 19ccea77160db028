"""Secrets that the server makes itself: of sessions, of tokens, of the first administrator's link.

All have 256 bits from the operating system. Guessing them is hopeless, so that at rest a plain SHA-256 is enough:
whoever reads the store learns nothing that opens the door. (Passwords are short and chosen by people: see
`passwords`.)
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

SECRET_BYTES = 32
LONGEST_SECRET = 128  # characters looked at; what is longer is not ours
TOKEN_PREFIX = "lowsky_"  # lets people and secret scanners see what it is


def new_secret(prefix: str = "") -> str:
    """A fresh secret, URL-safe text of 43 characters after the prefix."""
    return prefix + secrets.token_urlsafe(SECRET_BYTES)


def at_rest(secret: str) -> bytes:
    """What is stored of a secret: its SHA-256, 32 bytes."""
    return hashlib.sha256(secret[: LONGEST_SECRET + 1].encode("utf-8", "surrogatepass")).digest()


def bound_to(secret: str, purpose: str) -> str:
    """A second secret that only who knows the first can make (HMAC-SHA-256), as text; used as proof against CSRF."""
    return hmac.new(secret.encode("utf-8", "surrogatepass"), purpose.encode(), hashlib.sha256).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))
