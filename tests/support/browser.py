"""A real browser at the size of a phone, which reaches this machine and nothing else."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

WIDTH, HEIGHT = 390, 844
MISSING = "{0} is not installed, and the pages for people are tested in it: apt-get install chromium chromium-driver"


class Driver(Service):
    """The browser's driver, asked for at the one address that tests may reach."""

    @property
    def service_url(self) -> str:
        """Give the driver's own address."""
        return f"http://127.0.0.1:{self.port}"


def installed(program: str) -> str:
    """Find a program of the system; a test that needs it fails where there is none, and says what to do."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(MISSING.format(program))
    return path


@contextmanager
def phone(folder: Path) -> Iterator[Chrome]:
    """Open the browser; names lead nowhere in it, so an address elsewhere is seen, and never reached."""
    options = ChromeOptions()
    options.binary_location = installed("chromium")
    arguments = [
        "--headless=new",
        "--no-sandbox",  # it needs what a container does not give; only our own pages are opened
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--proxy-server=direct://",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        f"--user-data-dir={folder}",
    ]
    for argument in arguments:
        options.add_argument(argument)
    metrics = {"width": WIDTH, "height": HEIGHT, "pixelRatio": 2.0, "mobile": True, "touch": True}
    options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options=options, service=Driver(installed("chromedriver")))
    try:
        browser.set_page_load_timeout(60)
        yield browser
    finally:
        browser.quit()
