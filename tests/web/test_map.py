"""The map itself in a real browser, against a stand-in whose objects are where a formula says."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from bench.stand_in import LAT, LON, StandIn, running
from tests.web.running import CHROMIUM, Watched

MISSING = ("404 (Not Found)",)  # the stand-in answers only what a map needs
OBJECTS = 60


class Faulty(StandIn):
    """One that also sends what is no frame and no message."""

    async def messages(self) -> AsyncIterator[bytes | dict[str, Any]]:
        """Its messages, with rubbish between them."""
        random = np.random.default_rng(4)
        turn = 0
        async for message in super().messages():
            yield message
            turn += 1
            if turn % 5 == 0:
                yield random.bytes(int(random.integers(0, 400)))
            if turn % 7 == 0 and isinstance(message, bytes):
                yield message[: int(random.integers(1, len(message)))]


@pytest.fixture(scope="module")
def calm() -> Iterator[tuple[StandIn, str]]:
    """Confirmed objects, three of which come for a place."""
    stand_in = StandIn(OBJECTS, threats=3)
    stand_in.scene.fixed["status"][:] = 1
    with running(stand_in) as address:
        yield stand_in, address


@pytest.fixture
def pages(browser: Browser) -> Iterator[Any]:
    """`pages(address, path)`: a page whose map has been drawn."""
    made: list[Watched] = []

    def make(address: str, path: str = "/", **context: Any) -> Page:
        page = browser.new_page(viewport={"width": 1280, "height": 800}, locale="en-GB", **context)
        watched = Watched(page, address)
        watched.expected = MISSING
        made.append(watched)
        page.goto(address + path)
        page.wait_for_selector("#map[data-ready=yes]", timeout=60_000)
        return page

    yield make
    try:
        for watched in made:
            watched.check()
    finally:
        for watched in made:
            watched.page.context.close()


def figures(page: Page) -> dict[str, Any]:
    """What the map says of itself."""
    found: dict[str, Any] = page.evaluate("document.getElementById('map').figures()")
    return found


def on_page(page: Page, lat: float, lon: float, zoom: float = 10.0) -> tuple[float, float]:
    """Where a place is on a page whose map looks at the middle of the site: web mercator, written once more."""
    box = page.locator("#map").bounding_box()
    assert box is not None
    world = 512 * 2**zoom

    def mercator(lat: float, lon: float) -> tuple[float, float]:
        return lon / 360 * world, -math.asinh(math.tan(math.radians(lat))) / (2 * math.pi) * world

    (x, y), (x0, y0) = mercator(lat, lon), mercator(LAT, LON)
    return box["x"] + box["width"] / 2 + x - x0, box["y"] + box["height"] / 2 + y - y0


def lonely(stand_in: StandIn, page: Page, count: int) -> list[tuple[int, float, float]]:
    """Numbers and places on the page, now, of slow objects well inside the map and far from all others."""
    table = stand_in.scene.table(time.time())
    spots = [on_page(page, float(a), float(b)) for a, b in zip(table["lat"], table["lon"], strict=True)]
    box = page.locator("#map").bounding_box()
    assert box is not None
    found = []
    for i, (x, y) in enumerate(spots):
        inside = box["x"] + 40 < x < box["x"] + box["width"] - 40 and box["y"] + 60 < y < box["y"] + box["height"] - 60
        nearest = min(math.hypot(x - u, y - v) for j, (u, v) in enumerate(spots) if j != i)
        slow = math.hypot(table["east_mps"][i], table["north_mps"][i]) < 25
        if inside and slow and nearest > 45:
            found.append((int(table["number"][i]), x, y))
    assert len(found) >= count
    return found[:count]


def expect_selected(page: Page, what: str | None) -> None:
    """Wait until the address says that this is selected, and the map has taken its new size."""
    page.wait_for_function("what => new URLSearchParams(location.search).get('select') === what", arg=what)
    page.wait_for_timeout(300)


def click_until_selected(page: Page, lat: float, lon: float, what: str) -> None:
    """Click at a place until it answers: after a change of layout a busy machine may still draw the old one."""
    for _ in range(20):
        page.mouse.click(*on_page(page, lat, lon))
        page.wait_for_timeout(500)
        if page.evaluate("new URLSearchParams(location.search).get('select')") == what:
            return
    raise AssertionError(f"{what} was not selected")


@pytest.mark.parametrize("path", ["/", "/?canvas"])
def test_objects_are_where_they_are_and_can_be_clicked(calm: tuple[StandIn, str], pages: Any, path: str) -> None:
    stand_in, address = calm
    page = pages(address, path)
    assert page.locator("#map").get_attribute("data-surface") == ("canvas" if "canvas" in path else "webgl")
    assert figures(page)["rows"] == OBJECTS
    for i in range(3):
        number, x, y = lonely(stand_in, page, 3)[i]
        page.mouse.click(x, y)
        expect_selected(page, f"object:{number}")
        page.keyboard.press("Escape")
        expect_selected(page, None)
    click_until_selected(page, LAT - 0.06, LON + 0.12, "place:ferry")


def test_a_drag_moves_ground_and_objects_together_and_selects_nothing(calm: tuple[StandIn, str], pages: Any) -> None:
    stand_in, address = calm
    page = pages(address)
    ((number, x, y),) = lonely(stand_in, page, 1)
    middle = on_page(page, LAT, LON)
    page.mouse.move(*middle)
    page.wait_for_selector(".map-cursor:not(:empty)")
    lat, lon = map(float, page.locator(".map-cursor").inner_text().split(","))
    assert math.hypot(lat - LAT, lon - LON) < 0.002
    page.mouse.down()
    page.mouse.move(middle[0] + 60, middle[1] + 30, steps=4)
    page.wait_for_timeout(200)
    page.mouse.up()
    page.wait_for_timeout(1200)
    expect_selected(page, None)
    page.mouse.click(x + 60, y + 30)
    expect_selected(page, f"object:{number}")


def test_a_followed_object_stays_in_the_middle_and_an_isolated_one_is_alone(
    calm: tuple[StandIn, str], pages: Any
) -> None:
    page = pages(calm[1], "/?select=object:2&follow&isolate")
    page.wait_for_timeout(1500)
    assert figures(page)["drawn"] == 1
    page.keyboard.press("Escape")
    expect_selected(page, None)
    click_until_selected(page, LAT, LON, "object:2")


def test_arrow_keys_move_the_map(calm: tuple[StandIn, str], pages: Any) -> None:
    page = pages(calm[1])
    page.locator("#map canvas[tabindex]").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("lon => Number(new URLSearchParams(location.search).get('lon')) > lon + 0.05", arg=LON)
    page.keyboard.press("ArrowUp")
    page.wait_for_function("lat => Number(new URLSearchParams(location.search).get('lat')) > lat + 0.02", arg=LAT)


def test_screenshot_mode_stops_and_says_when(calm: tuple[StandIn, str], pages: Any) -> None:
    page = pages(calm[1], "/?screenshot")
    page.wait_for_selector("body[data-ready=yes]")
    page.wait_for_timeout(300)
    first = page.locator("#map").screenshot()
    page.wait_for_timeout(1500)
    assert page.locator("#map").screenshot() == first
    assert figures(page)["drawn"] > 10


def test_symbols_of_the_standard_come_on_demand(calm: tuple[StandIn, str], pages: Any) -> None:
    page = pages(calm[1], "/?symbols=app6")
    page.wait_for_function("performance.getEntriesByType('resource').some(({name}) => name.endsWith('milsymbol.js'))")
    page.wait_for_function("typeof ms === 'object'")


def test_what_would_not_be_seen_is_drawn_on_demand(calm: tuple[StandIn, str], pages: Any) -> None:
    page = pages(calm[1])
    with page.expect_response(lambda answer: "/api/coverage?height_m=" in answer.url):
        page.locator("#map").focus()
        page.keyboard.press("c")
    x, y = on_page(page, LAT + 0.1, LON - 0.25)
    clip = {"x": x, "y": y, "width": 40, "height": 40}
    page.wait_for_timeout(800)
    veiled = page.screenshot(clip=clip)
    page.keyboard.press("c")
    page.wait_for_timeout(800)
    assert page.screenshot(clip=clip) != veiled


def test_the_map_as_a_picture(calm: tuple[StandIn, str], pages: Any) -> None:
    page = pages(calm[1])
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name).join()")
    assert "milsymbol" not in loaded, "symbols of the standard are fetched by those only who want them"
    with page.expect_download() as download:
        page.get_by_role("button", name="Display").click()
        page.get_by_role("button", name="Picture").click()
    content = download.value.path().read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert len(content) > 10_000


def test_rubbish_is_counted_and_the_picture_goes_on(pages: Any) -> None:
    with running(Faulty(30, threats=1)) as address:
        page = pages(address)
        page.wait_for_timeout(2500)
        before = figures(page)
        assert before["malformed"] > 3
        assert before["rows"] == 30
        page.wait_for_timeout(1000)
        assert page.locator("#map").evaluate("map => !map.classList.contains('stale')")


def test_an_old_picture_greys(pages: Any) -> None:
    stand_in = StandIn(20, threats=0)
    with running(stand_in) as address:
        page = pages(address)
        assert page.locator("#map.stale").count() == 0
        stand_in.mute.set()
        page.wait_for_selector("#map.stale", timeout=15_000)


def test_without_webgl_there_is_a_map_all_the_same(browser: Browser) -> None:
    with running(StandIn(30, threats=1)) as address:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-3d-apis"]
        without = browser.browser_type.launch(executable_path=CHROMIUM, args=flags)
        try:
            page = without.new_page(viewport={"width": 900, "height": 700})
            page.goto(address)
            page.wait_for_selector("#map[data-ready=yes][data-surface=canvas]", timeout=30_000)
            page.wait_for_function("document.getElementById('map').figures().drawn > 0")
        finally:
            without.close()


def test_an_hour_of_objects_that_come_and_go_leaves_the_page_as_large(calm: tuple[StandIn, str], pages: Any) -> None:
    """Frames of an hour, made in the page and fed at once: after each simulated minute all objects are others."""
    page = pages(calm[1], "/?screenshot")
    page.wait_for_selector("body[data-ready=yes]")
    sizes = page.evaluate(HOUR)
    settled = sizes[10:]
    assert max(settled) <= 1.05 * min(settled), sizes
    assert sizes[0] > 0


# Trails and the picture grow by what they hold: count what their arrays take, which garbage collection cannot blur.
HOUR = """async () => {
  const base = new URL(document.querySelector('script[type=module]').src);
  const [{ Picture }, { TrailKeeper }] = await Promise.all([
    import(new URL('picture.js', base)), import(new URL('map/trail-lines.js', base))]);
  const columns = [['number','f64'],['lat','f64'],['lon','f64'],['last_report_ms','f64'],['height_m','f64'],
    ['east_mps','f64'],['north_mps','f64'],['identity','f64'],['status','f64'],['kind','f64'],['level','f64'],['flags','f64']];
  const picture = new Picture();
  picture.layOut({ version: 1, columns });
  const keeper = new TrailKeeper(picture);
  const rows = 500, sizes = [];
  let first = 1;
  for (let minute = 0; minute < 60; minute += 1) {
    for (let s = 0; s < 60; s += 2) {
      const gone = s === 0 && minute > 0 ? rows : 0;
      const view = new DataView(new ArrayBuffer(40 + 8 * gone + 8 * rows * columns.length));
      view.setUint8(0, 2); view.setUint8(1, 1); view.setUint32(4, rows, true); view.setUint32(8, gone, true);
      view.setFloat64(16, (minute * 60 + s) * 1000, true);
      for (let i = 0; i < gone; i += 1) view.setFloat64(40 + 8 * i, first - rows + i, true);
      columns.forEach(([name], c) => { for (let i = 0; i < rows; i += 1) {
        const value = { number: first + i, lat: 54 + s / 1e4, lon: 18 + i / 1e4, status: 1 }[name] ?? 0;
        view.setFloat64(40 + 8 * gone + 8 * (c * rows + i), value, true);
      } });
      if (!picture.apply(view.buffer)) throw new Error('malformed');
    }
    first += rows;
    const bytes = (object) => Object.values(object)
      .reduce((sum, value) => sum + (value?.byteLength ?? value?.size ?? 0), 0);
    sizes.push(bytes(picture.columns) + bytes(picture) + bytes(keeper.store) + keeper.store.free.length);
  }
  return sizes;
}"""
