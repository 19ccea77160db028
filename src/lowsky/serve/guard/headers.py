"""Headers of every answer that tell browsers what our pages may do, which is little: everything comes from here.

Content Security Policy level 3: no inline script, no eval, no frames, no plugins, nothing from elsewhere. MapLibre
runs its worker from a file of ours and its images come as blobs. `style-src-attr` is open because libraries write
style attributes into the elements they make; style sheets and script stay closed.
"""

from __future__ import annotations

from collections.abc import Iterable

Headers = list[tuple[bytes, bytes]]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "media-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer browsing-topics camera display-capture encrypted-media geolocation gyroscope hid "
        "identity-credentials-get magnetometer microphone midi payment publickey-credentials-get serial "
        "usb xr-spatial-tracking"
    ).split()
)
FIXED: dict[bytes, bytes] = {
    b"content-security-policy": POLICY.encode(),
    b"permissions-policy": PERMISSIONS.encode(),
    b"referrer-policy": b"same-origin",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
UNWANTED = frozenset({b"server", b"x-powered-by"})


def protected(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of an answer with ours; what a handler says about caching stays, and without it nothing is kept."""
    kept = [(name, value) for name, value in headers if name.lower() not in FIXED and name.lower() not in UNWANTED]
    if not any(name.lower() == b"cache-control" for name, _ in kept):
        kept.append((b"cache-control", b"no-store"))
    return kept + list(FIXED.items())
