"""Fixtures of the browser tests: one server and one browser for all, a fresh page each.

They need chromium on the path and the built pages; without them they are skipped, or fail with
LOWSKY_REQUIRE_BROWSER=1.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.web.running import CHROMIUM, FLAGS, STATIC, Running, Watched


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, drawing by software."""
    reason = "" if CHROMIUM else "there is no chromium on the path"
    reason = reason or ("" if STATIC.is_file() else "the map is not built (make web)")
    if reason and os.environ.get("LOWSKY_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with a small simulated scene and no accounts."""
    running = Running(tmp_path_factory.mktemp("web") / "site")
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture
def open_page(browser: Browser, server: Running) -> Iterator[Callable[..., Watched]]:
    """`open_page(width=1280, height=800, **context)`: a watched page, checked and closed after the test."""
    made: list[Watched] = []

    def make(width: int = 1280, height: int = 800, **context: object) -> Watched:
        page = browser.new_page(viewport={"width": width, "height": height}, locale="en-GB", **context)  # type: ignore[arg-type]
        page.set_default_timeout(15_000)
        made.append(Watched(page, server.address))
        return made[-1]

    yield make
    try:
        for watched in made:
            watched.check()
    finally:
        for watched in made:
            watched.page.context.close()
