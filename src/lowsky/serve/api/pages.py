"""The pages and the files they are made of, out of the package; nothing outside their folder can be reached.

Files whose path carries a hash of their content may be kept by browsers for a year; all others are asked for again each
time, which costs a 304.
"""

from __future__ import annotations

import mimetypes
import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import NotModifiedResponse

from ..errors import ApiError

STATIC = Path(__file__).resolve().parent.parent / "static"
HASHED = re.compile(r"(?:^|\.)[0-9a-f]{8,}[./]")
KEEP_S = 31_536_000
MIMES = {".js": "text/javascript", ".mjs": "text/javascript", ".pmtiles": "application/octet-stream",
         ".geojson": "application/geo+json", ".woff2": "font/woff2", ".pbf": "application/x-protobuf"}  # fmt: skip


async def get_map(request: Request, given: None) -> Response:
    """The map."""
    return _file(request, "index.html")


async def get_login(request: Request, given: None) -> Response:
    """The login page."""
    return _file(request, "login.html")


async def get_static(request: Request, given: None) -> Response:
    """A file of the pages."""
    return _file(request, str(request.path_params["path"]))


def _file(request: Request, name: str) -> Response:
    path = static_path(name)
    kept = f"public, max-age={KEEP_S}, immutable" if HASHED.search(name) else "no-cache"
    response = FileResponse(path, media_type=_mime(path), stat_result=path.stat(), headers={"cache-control": kept})
    if "range" not in request.headers and request.headers.get("if-none-match") == response.headers.get("etag"):
        return NotModifiedResponse(response.headers)
    return response


def static_path(name: str) -> Path:
    """The file of that name under the folder of static files.

    Raises:
        ApiError: 404 if there is none, or the name leads out of the folder or to a hidden file.
    """
    parts = name.split("/")
    if "\0" in name or "\\" in name or any(part.startswith(".") for part in parts):
        raise ApiError(404, "there is nothing under this address")
    try:
        path = (STATIC / name).resolve()
        found = path.is_relative_to(STATIC) and path.is_file()
    except (OSError, RuntimeError):  # a name longer than any file's, a ring of links
        found = False
    if not found:
        raise ApiError(404, "there is nothing under this address")
    return path


def _mime(path: Path) -> str:
    return MIMES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
