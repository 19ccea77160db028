"""How fast the map is in headless Chromium with software rendering: frames a second, start, and lag to the pixels.

    python bench/web.py                          1,000 and 5,000 objects of a stand-in server
    python bench/web.py --address http://...     one page of a server that runs already

Figures are read off the page itself (`Figures` in web/src/map/index.js) over some seconds after a settling time. The
lag counts from the receipt of a frame's newest report at the server, by the server's clock; against the stand-in, which
has no core, that is the moment of sending.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from bench.stand_in import StandIn, running

FLAGS = "--no-sandbox --use-gl=angle --use-angle=swiftshader --enable-unsafe-swiftshader --ignore-gpu-blocklist".split()
SETTLE_S = 4.0
MEASURE_S = 10
SIZE = {"width": 1280, "height": 800}
FIRST_OBJECTS = "document.getElementById('map')?.figures?.().drawn > 0"
FIRST_WAIT_S = 60.0
# Ask for a frame at every opportunity: how many can be drawn, not how many the calm pace of the map needs.
HURRY = """() => { const map = document.getElementById('map');
  const go = () => { map.dispatchEvent(new Event('hurry')); requestAnimationFrame(go); }; go(); }"""


@dataclass(frozen=True)
class Result:
    """One page's figures: medians over the measured seconds."""

    objects: int
    drawn: int
    first_objects_s: float
    frames_per_s: float
    draw_ms: float
    lag_ms: float
    heap_growth: float  # share by which the page's heap grew while measured


def measure(browser: Browser, address: str, seconds: int = MEASURE_S) -> Result:
    """Open a page and read its figures once a second."""
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    try:
        began_s = time.monotonic()
        page.goto(address)
        while not page.evaluate(FIRST_OBJECTS) and time.monotonic() - began_s < FIRST_WAIT_S:
            page.wait_for_timeout(20)  # not wait_for_function, which the pages' own policy forbids
        first_s = time.monotonic() - began_s
        page.evaluate(HURRY)
        page.wait_for_timeout(SETTLE_S * 1000)
        figures: list[dict[str, Any]] = []
        heaps: list[float] = []
        session = page.context.new_cdp_session(page)
        for _ in range(seconds):
            page.wait_for_timeout(1000)
            figures.append(page.evaluate("document.getElementById('map').figures()"))
            heaps.append(float(session.send("Runtime.getHeapUsage")["usedSize"]))
        middle = {key: statistics.median(float(each[key] or 0) for each in figures) for key in figures[0]}
        half = len(heaps) // 2
        return Result(
            objects=int(middle["rows"]),
            drawn=int(middle["drawn"]),
            first_objects_s=round(first_s, 2),
            frames_per_s=middle["framesPerS"],
            draw_ms=round(middle["drawMs"], 1),
            lag_ms=round(middle["lagMs"], 1),
            heap_growth=round(min(heaps[half:]) / min(heaps[:half] or heaps) - 1, 3),
        )
    finally:
        page.close()


def main(arguments: list[str] | None = None) -> int:
    """Print one line for each page."""
    parser = argparse.ArgumentParser(description="measure the map")
    parser.add_argument("--address", help="of a server that runs already; else a stand-in is started")
    parser.add_argument("--objects", type=int, nargs="*", default=[1000, 5000])
    parser.add_argument("--seconds", type=int, default=MEASURE_S)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args(arguments)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        print("error: there is no chromium on the path", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        try:
            if given.address:
                results = [measure(browser, given.address, given.seconds)]
            else:
                results = []
                for objects in given.objects:
                    with running(StandIn(objects, threats=20)) as address:
                        results.append(measure(browser, address, given.seconds))
        finally:
            browser.close()
    for result in results:
        print(json.dumps(asdict(result)) if given.json else _line(result))
    return 0


def _line(result: Result) -> str:
    return (
        f"{result.objects:6} objects ({result.drawn} in view): first after {result.first_objects_s:.1f} s, "
        f"{result.frames_per_s:.0f} frames/s, {result.draw_ms} ms a frame in the page, "
        f"{result.lag_ms:.0f} ms from report to pixels, heap {result.heap_growth:+.1%}"
    )


if __name__ == "__main__":
    sys.exit(main())
