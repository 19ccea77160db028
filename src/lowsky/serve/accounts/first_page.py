"""The page behind the first administrator's link: one form without script, in the languages of the map.

It is opened from a terminal, at the first start, perhaps before anything else works; so it is made here and needs
nothing.
"""

from __future__ import annotations

import html
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from lowsky.model.errors import InputError
from lowsky.serve.errors import ApiError
from lowsky.serve.route import Query

from .first import USED
from .handlers import BUSY, Door, door_of, logged_in
from .passwords import BusyError
from .rules import SHORTEST_PASSWORD

FIRST_QUERY = (Query("key", str, "the secret of the link", ""),)
MAX_FORM_BYTES = 8_192
MAX_FIELDS = 8
WORDS = {
    "en": {
        "title": "The first administrator",
        "text": "Choose the name and the password of the first administrator. This works once.",
        "user": "Name",
        "password": f"Password (at least {SHORTEST_PASSWORD} characters)",
        "again": "Password again",
        "do": "Make the account",
        "unlike": "the two passwords are not the same",
        "used": "This link is used, over, or not the one printed last. A new start of the server prints a new one.",
    },
    "ko": {
        "title": "첫 관리자 계정",
        "text": "첫 관리자의 이름과 비밀번호를 정하십시오. 이 링크는 한 번만 쓸 수 있습니다.",
        "user": "이름",
        "password": f"비밀번호 ({SHORTEST_PASSWORD}자 이상)",
        "again": "비밀번호 확인",
        "do": "계정 만들기",
        "unlike": "두 비밀번호가 서로 다릅니다",
        "used": "사용했거나 만료되었거나 마지막에 출력된 링크가 아닙니다. 서버를 다시 시작하면 새 링크가 나옵니다.",
    },
}
PAGE = """\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>lowsky: {title}</title>
<link rel="icon" href="data:,">
</head>
<body bgcolor="#101820" text="#d8dee6">
<main style="max-width: 26rem; margin: 12vh auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif">
<h1>lowsky</h1>
<h2>{title}</h2>
{inside}
</main>
</body>
</html>
"""
FIELD = """\
<p><label>{label}<br>
<input name="{name}" type="{kind}" value="{value}" autocomplete="{fill}" required {more}></label></p>"""


async def get_first(request: Request, given: None) -> Response:
    """The form, if the link is good."""
    key = request.query_params.get("key", "")
    language = _language(request)
    if not door_of(request).accounts.first.is_good(key):
        return _page(language, f"<p>{html.escape(WORDS[language]['used'])}</p>", 410)
    return _form(language, key)


async def post_first(request: Request, given: None) -> Response:
    """Make the first administrator out of the form, and log in."""
    door, language = door_of(request), _language(request)
    door.audit.update(action="first administrator", outcome="refused", target="")
    fields = form_fields(await request.body())
    key, name, password = fields.get("key", ""), fields.get("user", ""), fields.get("password", "")
    if not door.accounts.first.is_good(key):
        return _page(language, f"<p>{html.escape(WORDS[language]['used'])}</p>", 410)
    if password != fields.get("again", ""):
        return _form(language, key, name, WORDS[language]["unlike"])
    try:
        secret = await _first_session(door, key, name, password)
    except InputError as error:
        return _form(language, key, name, str(error))
    return logged_in(door, secret, RedirectResponse("/", 303))


async def _first_session(door: Door, key: str, name: str, password: str) -> str:
    """Make the administrator; the secret of a session for it.

    Raises:
        InputError: if name or password cannot be one, or the link was used meanwhile.
        ApiError: 503, if too many passwords are being hashed.
    """
    accounts = door.accounts
    accounts.users.check_new(name, password)
    try:
        fresh = await accounts.passwords.make_soon(password)
    except BusyError:
        raise ApiError(503, BUSY) from None
    normal = await accounts.store.write_soon(lambda: accounts.first.use(key, name, fresh))
    secret = await accounts.store.write_soon(lambda: accounts.sessions.begin(normal, door.address, fresh))
    if secret is None:
        raise InputError(USED)
    return secret


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form as browsers send it; of a field that is there twice the first.

    Raises:
        ApiError: 422, if it is none.
    """
    try:
        text = body.decode("ascii")
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise ApiError(422, "the body is not a form") from None
    return {name: values[0] for name, values in fields.items()}


def _form(language: str, key: str, name: str = "", problem: str = "") -> Response:
    words = {word: html.escape(text) for word, text in WORDS[language].items()}
    fields = (
        ("user", "user", "text", name, "username", "autofocus"),
        ("password", "password", "password", "", "new-password", f'minlength="{SHORTEST_PASSWORD}"'),
        ("again", "again", "password", "", "new-password", ""),
    )
    rows = [
        FIELD.format(label=words[word], name=field, kind=kind, value=html.escape(value), fill=fill, more=more)
        for word, field, kind, value, fill, more in fields
    ]
    inside = [
        f"<p>{words['text']}</p>",
        f'<p role="alert"><strong>{html.escape(problem)}</strong></p>' if problem else "",
        '<form method="post" action="/first">',
        f'<input type="hidden" name="key" value="{html.escape(key)}">',
        *rows,
        f"<p><button>{words['do']}</button></p></form>",
    ]
    return _page(language, "\n".join(inside), 422 if problem else 200)


def _page(language: str, inside: str, status: int) -> Response:
    text = PAGE.format(language=language, title=html.escape(WORDS[language]["title"]), inside=inside)
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})


def _language(request: Request) -> str:
    """The first language of the browser that we have, else English."""
    for part in request.headers.get("accept-language", "")[:200].split(","):
        word = part.strip()[:2].lower()
        if word in WORDS:
            return word
    return "en"
