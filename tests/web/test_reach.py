"""The same truth for everybody: by keyboard alone, in Korean, on a phone, on a wall, by colours of day."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.web.running import Running, Watched

OpenPage = Callable[..., Watched]
UNNAMED = """() => [...document.querySelectorAll('button, input, select, textarea, [role=slider], [tabindex="0"]')]
  .filter((node) => node.offsetParent !== null)
  .filter((node) => !(node.getAttribute('aria-label') || node.getAttribute('aria-labelledby') || node.textContent.trim()
    || node.labels?.length || node.title))
  .map((node) => node.outerHTML.slice(0, 120))"""


def test_everything_works_by_keyboard_alone(open_page: OpenPage, server: Running) -> None:
    page = open_page().open()
    server.threaten()
    page.wait_for_selector(".notices .card:not(.over)", timeout=40_000)
    page.keyboard.press("j")
    expect(page.locator(".card-main[aria-current=true]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".details")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("acknowledge the selected or first waiting notice")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator(".details")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("zzz")
    expect(page.locator(".objects .calm")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    expect(page.locator(".said")).to_have_text("Labels: all that fit")
    page.keyboard.press("n")
    assert page.locator("html").get_attribute("data-theme") == "day"
    page.keyboard.press(" ")
    expect(page.locator(".mode")).to_have_text("PAST")
    page.keyboard.press(" ")
    expect(page.locator(".mode")).to_have_text("LIVE")
    page.keyboard.press("d")
    expect(page.locator(".details h2")).to_have_text("Display")


def test_every_control_has_a_name(open_page: OpenPage) -> None:
    page = open_page().open()
    page.wait_for_selector(".rows .row")
    page.locator(".tools .icon-button").click()
    page.keyboard.press("d")
    assert page.evaluate(UNNAMED) == []
    page.locator(".rows .row").first.click()
    page.wait_for_selector(".details table")
    assert page.evaluate(UNNAMED) == []
    for landmark in ("header", "main", "nav", "aside", "h1", "h2"):
        assert page.locator(landmark).count() >= 1, landmark


def test_korean(open_page: OpenPage) -> None:
    page = open_page().open("/?lang=ko")
    assert page.locator("html").get_attribute("lang") == "ko"
    expect(page.locator(".mode")).to_have_text("실시간")
    expect(page.locator("#notices-title")).to_have_text("알림")
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("단축키와 기호")
    shown = page.locator("body").inner_text()
    assert not re.search(r"\b[a-z]+\.[a-z]+[A-Za-z.]*\b", shown.replace("lowsky 0.1.0", "")), shown
    page.keyboard.press("Escape")
    page.get_by_role("button", name="English").click()
    expect(page.locator(".mode")).to_have_text("LIVE")


def test_a_phone_shows_notices_and_map(open_page: OpenPage, server: Running) -> None:
    page = open_page(390, 844, has_touch=True).open()
    server.threaten()
    page.wait_for_selector(".notices .card:not(.over)", timeout=40_000)
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator(".objects")).to_be_hidden()
    expect(page.locator(".timeline")).to_be_hidden()
    expect(page.locator(".mode")).to_have_text("LIVE")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    box = page.locator("#map").bounding_box()
    assert box is not None
    assert box["height"] > 300
    page.locator(".card-main").first.tap()
    expect(page.locator(".details")).to_be_visible()


def test_a_wall_display_has_no_controls(open_page: OpenPage) -> None:
    page = open_page().open("/?kiosk")
    expect(page.locator(".notices")).to_be_visible()
    for hidden in (".switches", ".timeline", ".objects"):
        expect(page.locator(hidden)).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".timeline")).to_be_visible()


def test_names_from_radios_stay_text(open_page: OpenPage, server: Running) -> None:
    """A place's name takes the same way to the page as an identity does."""
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    place = {"id": "evil", "name": evil, "shape": "point", "points": [[56.0, 11.0]], "radius_m": 100.0}
    server.put("/api/places", {"places": [place]})
    page = open_page().open("/?select=place:evil")
    expect(page.locator(".details h2")).to_have_text(evil)
    assert page.locator(".details img, .details script").count() == 0


def test_exercise_marks_everything(open_page: OpenPage, server: Running) -> None:
    page = open_page().open()
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Begin an exercise").click()
    expect(page.locator(".banner.drill")).to_contain_text("EXERCISE")
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="End the exercise").click()
    expect(page.locator(".banner.drill")).to_be_hidden()


def test_the_table_is_saved_with_units_in_its_heads(open_page: OpenPage) -> None:
    page = open_page().open("/?list=all")
    page.wait_for_selector(".rows .row")
    page.keyboard.press("d")
    with page.expect_download() as download:
        page.get_by_role("button", name="Table (CSV)").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith(
        "number,time_utc,status,kind,kind_probability,level,identity,lat_deg,lon_deg,height_ellipsoid_m"
    )
    assert len(lines) > 1
