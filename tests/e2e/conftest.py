from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from desk import Desk
from fastapi import FastAPI
from running import Running, serving
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

ARGUMENTS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--window-size=1440,900", "--lang=en-US",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no way out, as in a hospital
)  # fmt: skip


@pytest.fixture(scope="session")
def running(new_app: Callable[..., FastAPI]) -> Iterator[Running]:
    """The server with users of every role."""
    app = new_app()
    with serving(app) as url:
        site = Running(app, url)
        site.add_users()
        yield site


@pytest.fixture(scope="session")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[int], Chrome]]:
    """Browsers by number, each started once: starting takes longer than most tests."""
    binaries = {name: shutil.which(name) for name in ("chromium", "chromedriver")}
    missing = sorted(name for name, path in binaries.items() if path is None)
    if missing:
        pytest.fail(
            f"{' and '.join(missing)} not found: the browser tests need Debian's browser "
            "(apt-get install chromium chromium-driver)",
            pytrace=False,
        )
    started: dict[int, Chrome] = {}

    def browser(number: int) -> Chrome:
        if number not in started:
            options = ChromeOptions()
            options.binary_location = binaries["chromium"] or ""
            for argument in ARGUMENTS:
                options.add_argument(argument)
            profile = tmp_path_factory.mktemp(f"chromium-{number}")
            options.add_argument(f"--user-data-dir={profile}")
            options.add_experimental_option(
                "prefs",
                {
                    "download.default_directory": str(profile / "downloads"),
                    "download.prompt_for_download": False,
                    "plugins.always_open_pdf_externally": True,
                },
            )
            driver = Chrome(options, Service(binaries["chromedriver"]))
            driver.set_page_load_timeout(60)
            driver.downloads = profile / "downloads"  # type: ignore[attr-defined]
            started[number] = driver
        return started[number]

    yield browser
    for driver in started.values():
        driver.quit()


def _desk(driver: Chrome, running: Running) -> Desk:
    driver.get(f"{running.url}/sign-in")
    driver.delete_all_cookies()
    downloads: Path = driver.downloads  # type: ignore[attr-defined]
    return Desk(driver, running.url, downloads)


@pytest.fixture
def desk(browsers: Callable[[int], Chrome], running: Running) -> Desk:
    """A browser in which nobody is signed in."""
    return _desk(browsers(1), running)


@pytest.fixture
def other_desk(browsers: Callable[[int], Chrome], running: Running) -> Desk:
    """Another person's browser."""
    return _desk(browsers(2), running)
