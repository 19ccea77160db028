"""A real browser: the first administrator's page works under our policy, and a hostile page next door gets nowhere.

The hostile page is served from another port of the same host, which for cookies is the same site: SameSite=Strict alone
does not stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from lowsky.serve.guard.settings import GuardSettings
from lowsky.serve.route import Role
from tests.serve.doors import PASSWORD, Door, Person
from tests.serve.listening import Listening

CHROMIUM = Path("/usr/bin/chromium")
HOSTILE = """<!doctype html><title>hostile</title><body><script>
const target = "http://127.0.0.1:%d";
const tried = {};
const attempt = async (name, work) => { try { tried[name] = await work() } catch (error) { tried[name] = "failed" } };
async function attack() {
  const json = { "content-type": "application/json" };
  const more = { credentials: "include" };
  await attempt("read", async () => (await fetch(target + "/api/objects", more)).text());
  await attempt("read blind", async () => (await fetch(target + "/api/objects", { ...more, mode: "no-cors" })).text());
  const change = target + "/api/calls/7/acknowledge";
  await attempt("change", async () => (await fetch(change, { ...more, method: "POST" })).status);
  await attempt("change blind", async () => (await fetch(change,
    { ...more, method: "POST", mode: "no-cors", body: "{}" })).status);
  await attempt("log in", async () => (await fetch(target + "/api/session", { ...more, method: "POST", headers: json,
    body: '{"user": "officer", "password": "a long enough one"}' })).status);
  await attempt("socket", () => new Promise((done) => {
    const socket = new WebSocket(target.replace("http", "ws") + "/feed");
    socket.onopen = () => done("open");
    socket.onerror = () => done("failed");
  }));
  await attempt("script", () => new Promise((done) => {
    const script = document.createElement("script");
    script.src = target + "/api/session";
    script.onload = () => done("loaded");
    script.onerror = () => done("failed");
    document.body.append(script);
  }));
  await attempt("frame", () => new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.src = target + "/login";
    frame.onload = () => { try { done(frame.contentDocument ? "read" : "failed") } catch { done("failed") } };
    document.body.append(frame);
  }));
  return tried;
}
</script></body>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture
def listening(door: Door) -> Iterator[Listening]:
    """The guarded server on a port."""
    opened = Listening(door.guard, GuardSettings())
    yield opened
    opened.close()


def test_the_first_page_works_in_a_browser(browser: Browser, listening: Listening, door: Door) -> None:
    address = f"http://127.0.0.1:{listening.port}"
    page, complaints = _page(browser)
    page.goto(f"{address}/first?key={door.accounts.first.make()}")
    page.fill("input[name=user]", "chief")
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=again]", PASSWORD + "x")
    page.click("button")
    assert "not the same" in page.inner_text("[role=alert]")
    page.fill("input[name=password]", PASSWORD)
    page.fill("input[name=again]", PASSWORD)
    page.click("button")
    page.wait_for_url(address + "/")
    assert page.inner_text("body") == "reached chief"
    assert page.evaluate("document.cookie") == ""
    assert [c for c in complaints if "Content Security Policy" in c] == []
    page.context.close()


def test_a_hostile_page_on_the_same_site_gets_nowhere(browser: Browser, listening: Listening, door: Door) -> None:
    person: Person = door.person(Role.OFFICER)
    hostile = Listening(_pages(HOSTILE % listening.port), GuardSettings())
    page, _ = _page(browser)
    try:
        name, _, value = person.cookie.partition("=")
        where = f"http://127.0.0.1:{listening.port}"
        page.context.add_cookies([{"name": name, "value": value, "url": where, "httpOnly": True, "sameSite": "Strict"}])
        page.goto(f"http://127.0.0.1:{listening.port}/")
        assert page.inner_text("body") == "reached officer"  # the cookie is good
        page.goto(f"http://127.0.0.1:{hostile.port}/")
        before = len(door.lines())
        tried = page.evaluate("attack()")
        page.evaluate(f"location.href = '{where}/?at=1'")
        page.wait_for_function("document.body.innerText === 'reached officer'")  # a plain link is no attack
    finally:
        page.context.close()
        hostile.close()
    assert len(tried) == 8
    assert set(tried.values()) == {"failed"}, tried
    assert {line["outcome"] for line in door.lines()[before:]} <= {"refused"}
    assert door.guard.refused["origin"] >= 5


def _pages(text: str) -> Callable[..., Any]:
    """An application that answers everything with a page."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text.encode()})

    return answer


def _page(browser: Browser) -> tuple[Page, list[str]]:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    return page, complaints
