"""Whether a request was made by our own pages: against cross-site request forgery and reading across sites.

Three independent walls stand in front of what changes something: the cookie is SameSite=Strict; the browser's own
words (`Sec-Fetch-Site`, `Origin`) must say that one of our pages asks; and a header must carry a proof bound to the
session, which other sites cannot read. Requests with an API token need none of this, as browsers do not send tokens by
themselves.
"""

from __future__ import annotations

from .addresses import origin_of
from .refusal import Head, Refused

CSRF_HEADER = "x-csrf-token"
JSON = "application/json"


def check_made_here(head: Head, own: str) -> None:
    """Refuse what the browser says another site has made; who sends neither header is no browser of today.

    Args:
        own: the server's origin, as `Hosts.check` gives it.

    Raises:
        Refused: 403.
    """
    if is_foreign(head):
        raise Refused(403, "origin", "another site made this request (Sec-Fetch-Site)")
    given = head.one("origin")
    if given is not None and origin_of(given) != own:
        raise Refused(403, "origin", f"another site made this request (Origin: {given[:100]})")


def check_socket_origin(head: Head, own: str, needed: bool) -> None:
    """Refuse a WebSocket from another site; the browser's rules for requests do not hold for WebSockets.

    Args:
        needed: whether the Origin must be there, which every browser sends: always, but for API tokens.

    Raises:
        Refused: 403.
    """
    if needed and head.one("origin") is None:
        raise Refused(403, "origin", "the header Origin is missing")
    check_made_here(head, own)


def check_not_embedded(head: Head, is_page: bool) -> None:
    """Refuse other sites that load our answers as images, scripts or frames; a link to a page is fine.

    Raises:
        Refused: 403.
    """
    mode, target = head.one("sec-fetch-mode"), head.one("sec-fetch-dest")
    if is_foreign(head) and not (is_page and mode == "navigate" and target == "document"):
        raise Refused(403, "origin", "another site made this request (Sec-Fetch-Site)")


def is_foreign(head: Head) -> bool:
    """Whether the browser says that another site made the request."""
    return (head.one("sec-fetch-site") or "none").lower() not in ("same-origin", "none")


def check_media(head: Head) -> None:
    """Refuse a body that does not call itself JSON: unasked, other sites can only send plain text and forms.

    Raises:
        Refused: 415.
    """
    given = (head.one("content-type") or "").partition(";")[0].strip().lower()
    if given != JSON:
        raise Refused(415, "media", f"the body must be {JSON} (header Content-Type), not {given[:60] or 'untold'}")
