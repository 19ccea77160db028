"""The cookie that holds a session: not readable by scripts, not sent from other sites, over TLS only where there is
TLS.
"""

from __future__ import annotations

from starlette.responses import Response

NAME = "lowsky_session"


def cookie_name(scheme: str) -> str:
    """Its name; `__Host-` makes browsers insist on TLS, on this very host and on no other path."""
    return f"__Host-{NAME}" if scheme == "https" else NAME


def set_cookie(response: Response, scheme: str, secret: str, lasts_s: float) -> None:
    """Hand the session to the browser."""
    response.set_cookie(
        cookie_name(scheme),
        secret,
        max_age=int(lasts_s),
        path="/",
        secure=scheme == "https",
        httponly=True,
        samesite="strict",
    )


def clear_cookie(response: Response, scheme: str) -> None:
    """Take the session from the browser."""
    response.delete_cookie(cookie_name(scheme), path="/", secure=scheme == "https", httponly=True, samesite="strict")
