"""First view, warnings, details, time and loss of connection, as a person meets them."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.web.running import Running, Watched

OpenPage = Callable[..., Watched]
LOST = (
    "ERR_CONNECTION_REFUSED", "WebSocket connection", "ERR_EMPTY_RESPONSE", "ERR_CONNECTION_RESET", "Failed to fetch",
    "maplibre-gl.mjs", "/api/",
)  # fmt: skip


def raised_call(page: Page) -> None:
    """Wait until a call stands."""
    page.wait_for_selector(".notices .card:not(.over)", timeout=40_000)


def test_first_view_tells_that_the_picture_is_live(open_page: OpenPage) -> None:
    page = open_page().open()
    expect(page.locator(".mode")).to_have_text("LIVE")
    expect(page.locator(".utc")).to_have_text(re.compile(r"\d\d:\d\d:\d\d UTC"))
    expect(page.locator(".newest")).to_have_text(re.compile(r"newest report \d+\.\d s ago"))
    page.wait_for_selector(".rows .row")
    assert page.locator(".sensors .dot").count() >= 1
    assert page.title() == "Test harbour – lowsky"
    page.wait_for_selector("#map canvas")
    sound = page.locator(".switches button").first
    expect(sound).to_contain_text("Click for sound")
    page.locator("#notices-title").click()
    expect(sound).to_have_attribute("aria-label", "Sound is on")
    page.keyboard.press("m")
    expect(sound).to_contain_text("muted")


def test_a_warning_is_raised_seen_and_acknowledged(open_page: OpenPage, server: Running) -> None:
    page = open_page().open()
    server.threaten()
    raised_call(page)
    card = page.locator(".card:not(.over)").first
    expect(card).to_contain_text("Container pier")
    expect(card).to_contain_text(re.compile(r"in \d|now"))
    expect(card).to_contain_text(re.compile(r"\d+ %"))
    expect(page.locator("[role=alert].unseen, .unseen[role=alert]").first).to_be_attached()
    page.keyboard.press("a")
    page.wait_for_selector("[data-part=done]:has-text('acknowledged')", state="attached")
    for _ in range(50):  # the page says so as soon as it is asked for, the list from the next picture on
        if any(notice["acknowledged"] for notice in server.get("/api/notices")["notices"]):
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError("no notice of the list is acknowledged within 5 s of the page's saying so")
    page.keyboard.press("Enter")
    expect(page.locator(".details")).to_contain_text("Why there is a notice")
    page.wait_for_url(re.compile(r"select=(notice|call):\d+"))


def test_details_show_provenance(open_page: OpenPage, server: Running) -> None:
    page = open_page().open()
    page.locator(".rows .row").first.click()
    details = page.locator(".details")
    expect(details).to_contain_text("What this rests on")
    expect(details.locator("table tbody tr").first).to_be_visible()
    expect(details.locator(".chart")).to_have_count(2)
    page.wait_for_url(re.compile(r"select=object:\d+"))
    page.locator(".sensors .dot").first.click()
    expect(details).to_contain_text("Does it see what it should?")
    page.go_back()
    expect(details.locator("h2")).to_have_text(re.compile(r"Object \d+"))


def test_an_address_shows_the_same_view(open_page: OpenPage, server: Running) -> None:
    number = server.get("/api/objects")["objects"][0]["number"]
    page = open_page().open(f"/?select=object:{number}&units=nautical&coords=mgrs&theme=day&labels=2&kinds=bird")
    expect(page.locator(".details h2")).to_have_text(f"Object {number}")
    expect(page.locator(".details")).to_contain_text(" kn")
    assert page.locator("html").get_attribute("data-theme") == "day"
    page.wait_for_url(re.compile("labels=2"))


def test_the_past_is_shown_and_never_taken_for_now(open_page: OpenPage) -> None:
    page = open_page().open()
    page.wait_for_selector(".rows .row")
    page.wait_for_function("!document.querySelector('.slider').hasAttribute('data-empty')", timeout=30_000)
    slider = page.locator(".slider")
    box = slider.bounding_box()
    assert box is not None
    slider.click(position={"x": box["width"] * 0.8, "y": 20})
    expect(page.locator(".banner.past")).to_be_visible()
    expect(page.locator(".mode")).to_have_text("PAST")
    assert page.locator("body").get_attribute("data-time") == "past"
    page.wait_for_url(re.compile(r"at=\d{4}-"))
    before = page.locator(".utc").inner_text()
    page.keyboard.press(".")
    expect(page.locator(".utc")).not_to_have_text(before)
    page.locator(".rows .row").first.click()
    expect(page.locator(".details")).to_contain_text("told for the present only")
    page.locator(".banner.past button").click()
    expect(page.locator(".details")).to_contain_text("What this rests on")
    expect(page.locator(".mode")).to_have_text("LIVE")


def test_a_lost_connection_is_told_and_comes_back(open_page: OpenPage, server: Running) -> None:
    watched = open_page()
    watched.expected = LOST
    page = watched.open()
    page.wait_for_selector(".rows .row")
    server.kill()
    try:
        expect(page.locator(".banner.lost")).to_contain_text("Connection lost. The picture is", timeout=15_000)
        expect(page.locator(".mode")).to_have_text("NOT LIVE")
        expect(page.locator(".notices")).to_contain_text("Without connection")
    finally:
        server.start()
    expect(page.locator(".mode")).to_have_text("LIVE", timeout=30_000)
    expect(page.locator(".banner.lost")).to_be_hidden()
    page.wait_for_selector(".rows .row", timeout=30_000)
    server.threaten()
    raised_call(page)
    page.locator(".acknowledge:visible").first.click()
    page.wait_for_selector("[data-part=done]:has-text('acknowledged')", state="attached")
