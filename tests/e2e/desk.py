"""A person at a browser: what they see, press and wait for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from running import PASSWORD
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

# What chromedriver says instead of "stale" where the page changes in the middle of a question.
_LEFT = "does not belong to the document"
PATIENCE = 20  # seconds until a test gives up; waiting ends as soon as it is there


class Desk:
    """One browser window on one site."""

    def __init__(self, driver: Chrome, url: str, downloads: Path) -> None:
        self.driver = driver
        self.url = url
        self.downloads = downloads

    def open(self, path: str) -> None:
        self.driver.get(self.url + path)

    def sign_in(self, name: str, password: str = PASSWORD) -> None:
        """By keyboard; whoever was signed in here is forgotten."""
        self.driver.delete_all_cookies()
        self.open("/sign-in")
        self.driver.switch_to.active_element.send_keys(name, Keys.TAB, password, Keys.ENTER)
        self.until(lambda: "/sign-in" not in self.driver.current_url, "signed in")

    def press(self, *keys: str) -> None:
        """Keys one after the other, to whatever has the focus."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def ctrl_enter(self) -> None:
        chain = ActionChains(self.driver)
        chain.key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()

    def until(self, true: Callable[[], Any], what: str) -> Any:
        """Wait for it; what the page shows stands in the failure."""

        def asked(_: Chrome) -> Any:
            try:
                return true()
            except StaleElementReferenceException:
                return False
            except WebDriverException as error:
                if _LEFT not in str(error.msg):
                    raise
                return False

        try:
            return WebDriverWait(self.driver, PATIENCE, poll_frequency=0.05).until(asked)
        except Exception as error:
            picture = Path(tempfile.mkdtemp()) / "page.png"
            self.driver.save_screenshot(str(picture))
            shown = "\n".join(e.text for e in self.all("#messages, dialog[open]"))
            raise AssertionError(
                f"never: {what}, at {self.driver.current_url}. See {picture}. Said: {shown}"
            ) from error

    def all(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css: str) -> WebElement:
        """The visible element, waited for."""
        found: WebElement = self.until(
            lambda: next((e for e in self.all(css) if e.is_displayed()), None), css
        )
        return found

    def says(self, words: str, css: str = "body") -> None:
        """Wait until the words stand there."""
        self.until(
            lambda: any(words.lower() in e.text.lower() for e in self.all(css)),
            f"{words!r} in {css}",
        )

    def click(self, css: str) -> None:
        self.choose(css, "")

    def choose(self, css: str, words: str) -> None:
        """Click the one of several that has the words."""

        def clicked() -> bool:
            for e in self.all(css):
                if e.is_displayed() and words.lower() in e.text.lower():
                    e.click()
                    return True
            return False

        self.until(clicked, f"{words!r} among {css}" if words else css)

    def script(self, text: str, *given: Any) -> Any:
        return self.driver.execute_script(text, *given)


class WorkbenchPage:
    """The coder's page."""

    def __init__(self, desk: Desk, encounter_id: str | None = None) -> None:
        self.desk = desk
        if encounter_id is not None:
            desk.open(f"/encounters/{encounter_id}")
        desk.one("#codes-body")
        desk.until(lambda: self.code() or not desk.all("#codes .entry"), "a current code")

    @property
    def encounter_id(self) -> str:
        return self.desk.driver.current_url.partition("/encounters/")[2].partition("#")[0]

    def code(self) -> str:
        """The code that the keys act on."""
        found = self.desk.all("#codes .entry.current")
        return found[0].get_attribute("data-code") or "" if found else ""

    def states(self) -> dict[str, str]:
        """Code -> state, as drawn, in the order of the page."""
        return dict(
            self.desk.script(
                "return [...document.querySelectorAll('#codes .entry')]"
                ".map(e => [e.dataset.code, e.dataset.state])"
            )
        )

    def settled(self) -> None:
        """Wait until the server has answered what was pressed."""
        self.desk.until(lambda: not self.desk.all("#codes .entry.ahead"), "the server's answer")

    def press(self, *keys: str) -> None:
        self.desk.press(*keys)

    def go_to(self, code: str) -> None:
        """With k and j, as a coder would."""
        codes = list(self.states())
        for _ in range(len(codes) + 1):
            if self.code() == code:
                return
            at, to = codes.index(self.code()), codes.index(code)
            before = self.code()
            self.press("j" if to > at else "k")
            self.desk.until(lambda before=before: self.code() != before, "the next code")
        raise AssertionError(f"no way to {code} in {codes}")

    def decide(self, key: str, *more: str) -> None:
        """Press the key on the current code and wait for the decision to be stored."""
        code, before = self.code(), self.states()
        self.press(key, *more)
        self.desk.until(lambda: self.states().get(code) != before.get(code), f"{key} on {code}")
        self.settled()
