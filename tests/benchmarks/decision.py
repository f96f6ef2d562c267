"""Prints how long a decision takes to show in a real browser: python tests/benchmarks/decision.py

The demo's longest encounters are decided on key by key. "drawn" is the time from the key to the
code drawn as decided, "shown" that until the page has what the server stored.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "e2e"))

from desk import Desk, WorkbenchPage  # noqa: E402
from running import serving  # noqa: E402
from selenium.webdriver import Chrome, ChromeOptions  # noqa: E402
from selenium.webdriver.chrome.service import Service  # noqa: E402

from suggest import Suggester  # noqa: E402
from suggest.app import create_app  # noqa: E402
from suggest.demo.start import demo_settings, prepare  # noqa: E402

DECISIONS = 40
TIMES = """
const times = performance.getEntriesByName(arguments[0], 'measure').map(m => m.duration);
return times;
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = demo_settings(Path(folder))
        suggester = Suggester.load()
        users = {user.name: user.password for user in prepare(settings, suggester)}
        options = ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        options.add_argument(f"--user-data-dir={folder}/profile")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
            options.add_argument(argument)
        with serving(create_app(settings, suggester, jobs=False)) as url:
            driver = Chrome(options, Service(shutil.which("chromedriver")))
            try:
                desk = Desk(driver, url, Path(folder))
                desk.sign_in("coder", users["coder"])
                desk.open("/worklist?type=inpatient&assignee=-")
                desk.click("#worklist tbody a")
                bench = WorkbenchPage(desk)
                print(f"{len(bench.states())} codes on the page")
                for number in range(min(DECISIONS, len(bench.states()) - 1)):
                    bench.decide(*(("a",) if number % 3 else ("r", "1")))
                for name in ("step drawn", "step shown"):
                    times = sorted(desk.script(TIMES, name))
                    print(
                        f"{name}: {len(times)} decisions, median {statistics.median(times):.0f} ms,"
                        f" p95 {times[len(times) * 95 // 100]:.0f} ms, worst {times[-1]:.0f} ms"
                    )
            finally:
                driver.quit()


if __name__ == "__main__":
    main()
