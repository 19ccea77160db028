"""The first administrator, signing in and out, roles on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.web.running import Running, Watched

PASSWORD = "quiet harbour morning 7"
OTHER = "another lighthouse keeper 9"


@pytest.fixture(scope="module")
def guarded(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with accounts, and none made yet."""
    running = Running(tmp_path_factory.mktemp("login") / "site", accounts=True)
    try:
        running.start()
        yield running
    finally:
        running.kill()


def test_accounts_from_the_first_link_to_a_viewer(browser: Browser, guarded: Running) -> None:
    watched = Watched(browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB"), guarded.address)
    watched.expected = ("401", "403")
    page = watched.page
    page.set_default_timeout(15_000)
    try:
        page.goto(guarded.address + "/?lat=56&lon=11&zoom=9")
        page.wait_for_url(re.compile("/login"))

        found = re.search(r"/first\?key=\S+", guarded.log.read_text())
        assert found is not None
        page.goto(guarded.address + found[0])
        page.fill("input[name=user]", "harbour.master")
        page.fill("input[name=password]", PASSWORD)
        page.fill("input[name=again]", PASSWORD)
        page.locator("form button").click()
        page.wait_for_selector(".notices")

        page.get_by_role("button", name="Account").click()
        page.get_by_role("button", name="Users", exact=True).click()
        dialog = page.locator("dialog")
        dialog.get_by_label("Name").fill("visitor")
        dialog.get_by_label(re.compile("New password")).fill("short")
        dialog.get_by_label(re.compile("New password")).fill(OTHER)
        dialog.get_by_role("button", name="Make the user").click()
        expect(dialog.locator("tbody tr")).to_have_count(2)
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Account").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(re.compile("/login"))
        page.fill("input[name=user]", "visitor")
        page.fill("input[name=password]", "not the password")
        page.keyboard.press("Enter")
        expect(page.locator("[role=alert]")).to_have_text("Name or password is not right.")
        page.fill("input[name=password]", OTHER)
        page.keyboard.press("Enter")
        page.wait_for_selector(".notices")
        page.get_by_role("button", name="Account").click()
        expect(page.locator(".menu")).to_contain_text("viewer")
        expect(page.get_by_role("button", name="Users", exact=True)).to_have_count(0)
        expect(page.get_by_role("button", name="Begin an exercise")).to_have_count(0)
        watched.check()
    finally:
        page.context.close()
