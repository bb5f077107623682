"""The explorer in headless Chromium: script work of the map's frames with 50,000 words, and time of typing.

Chromium renders in software, as on a machine without a graphics card. Script work of a frame is what its
trace says of functions, events, timers and collections of garbage in the page's main thread, up to its end.
"""

from __future__ import annotations

import bisect
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from side_by_side import imdb, report_figure

_SCRIPT = {
    *("FunctionCall", "EvaluateScript", "FireAnimationFrame", "TimerFire", "EventDispatch", "RunMicrotasks"),
    *("MajorGC", "MinorGC"),
}
_CATEGORIES = "devtools.timeline,disabled-by-default-devtools.timeline"
_MEASURE_TYPING = """async () => {
  const typed = document.getElementById("typed"), answer = document.getElementById("answer"), times = [];
  const changed = () => new Promise(done => {
    const watch = new MutationObserver(() => { watch.disconnect(); done(); });
    watch.observe(document.getElementById("explained"), { childList: true });
  });
  for (const word of "this is one of the best films that I have ever seen and not a dull minute".split(" ")) {
    typed.value += word + " ";
    const began = performance.now(), seen = changed();
    typed.dispatchEvent(new Event("input"));
    await seen;
    times.push(performance.now() - began);
  }
  return times;
}"""


def main() -> None:
    if len(sys.argv) > 1:
        measure(sys.argv[1])
        return
    import uvicorn

    from wordloom.explorer import application
    from wordloom.explorer.explored import Explorable, Explored
    from wordloom.fit import fit
    from wordloom.server.listening import address_of, configuration, listener
    from wordloom.settings import Settings

    data = imdb()
    model = fit(data.train, Settings(architecture="mean", num_words=50_000, random_state=0))
    with listener("127.0.0.1", 0) as listening:
        explored = Explored(model, "imdb", Explorable(source=data))
        server = uvicorn.Server(configuration(application(explored), explored.limits))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        measure(address_of(listening))
        server.should_exit = True
        thread.join()


def measure(address: str) -> None:
    """Measure the explorer that answers at an address."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--disable-gpu"], chromium_sandbox=False
        )
        page = browser.new_page(viewport={"width": 1180, "height": 800})
        began = time.perf_counter()
        page.goto(address)
        page.wait_for_selector("body[data-ready]")
        report_figure(
            "explorer: until it can be used", time.perf_counter() - began, "s", goal=1.5, at_most=True
        )
        times = page.evaluate(_MEASURE_TYPING)
        report_figure(
            "a typed word until the highlights change, median", statistics.median(times), "ms", 100, True
        )
        report_figure("a typed word until the highlights change, longest", max(times), "ms", 100, True)
        page.get_by_role("tab", name="Map").click()
        page.locator("#plot[data-ready]").wait_for(timeout=120_000)
        page.wait_for_timeout(2_000)
        for what, act in (("moving", _pan), ("zooming", _zoom)):
            work = frames(page, act)
            for name, figure in (
                ("median", statistics.median(work)),
                ("95 %", sorted(work)[int(0.95 * len(work))]),
            ):
                report_figure(f"script work of a frame while {what} the map, {name}", figure, "ms", 16, True)
        browser.close()


def _middle(page: Page) -> tuple[float, float]:
    box = page.locator("#plot").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _pan(page: Page) -> None:
    x, y = _middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(60):
        page.mouse.move(x + 3 * step, y + 2 * step)
        time.sleep(0.016)


def _zoom(page: Page) -> None:
    page.mouse.up()
    page.mouse.move(*_middle(page))
    for step in range(60):
        page.mouse.wheel(0, -40 if step < 30 else 40)
        time.sleep(0.016)


def frames(page: Page, act: Callable[[Page], None]) -> list[float]:
    """Milliseconds of script work of each frame while something is done with the page."""
    session: CDPSession = page.context.new_cdp_session(page)
    events: list[dict[str, Any]] = []
    complete: list[bool] = []
    session.on("Tracing.dataCollected", lambda some: events.extend(some["value"]))
    session.on("Tracing.tracingComplete", lambda _: complete.append(True))
    session.send("Tracing.start", {"categories": _CATEGORIES, "transferMode": "ReportEvents"})
    act(page)
    session.send("Tracing.end")
    while not complete:
        page.wait_for_timeout(50)
    page.wait_for_timeout(1_000)
    return [work for work in _work_of_frames(events) if work > 0.05]


def _work_of_frames(events: list[dict[str, Any]]) -> list[float]:
    spans = [event for event in events if event.get("ph") == "X" and event["name"] in _SCRIPT]
    drawn = [event for event in spans if event["name"] == "FireAnimationFrame"]
    main = {(event["pid"], event["tid"]) for event in drawn}
    ends = sorted(event["ts"] + event["dur"] for event in drawn)
    work, reached = [0.0] * len(ends), 0
    for event in sorted(spans, key=lambda event: event["ts"]):
        begin, end = event["ts"], event["ts"] + event.get("dur", 0)
        frame = bisect.bisect_left(ends, end)
        if (event["pid"], event["tid"]) in main and end > reached and frame < len(ends):
            work[frame] += (end - max(begin, reached)) / 1000
            reached = end
    return work


if __name__ == "__main__":
    main()
