"""The consent page of log-in elsewhere as a person meets it: in a real browser, on a phone, by touching its buttons."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from infra.demo.account import open_account
from infra.demo.life import Life
from infra.demo.world import World, fetch
from infra.local.club import BASIC, CALLBACK, FORM, Tried, attempt, told_at
from tests.support.browser import HEIGHT, WIDTH, phone

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(600)]
LOOKS = ("width", "height", "font-size", "font-weight", "color", "background-color", "border-top-color")
TOUCHED = 44
"""How high, in pixels, what is touched must be."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Give the browser."""
    with phone(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


@pytest.fixture(scope="module")
def life(world: World) -> Life:
    """Give somebody with an account, logged in to the app."""
    begun = Life(world)
    name = f"收藏家{begun.mark}"
    open_account(begun, begun.person, mobile=begun.mobile, password=begun.password, name=name)
    return begun


def handed_over(life: Life, tried: Tried) -> str:
    """Have the app ask for a way to the page."""
    return str(life.person.want(201, "POST /v1/oauth/handovers", {"request": tried.query()})["page"])


def touch(browser: Chrome, answer: str) -> str:
    """Touch a button; gives the address that the browser goes to, which it can't reach."""
    before = browser.current_url
    browser.find_element(By.CSS_SELECTOR, f"button[value={answer}]").click()
    WebDriverWait(browser, 30).until(lambda now: now.current_url != before)
    return str(browser.current_url)


def complaints(browser: Chrome) -> list[str]:
    """Give what the page's own policy made the browser refuse."""
    return [line["message"] for line in browser.get_log("browser") if "Content Security Policy" in line["message"]]


@pytest.mark.promise("A2.3", "A4.1")
def test_the_page_fits_a_phone_and_refusing_is_as_easy_as_agreeing(browser: Chrome, life: Life):
    browser.get(handed_over(life, attempt()))
    assert browser.execute_script("return [innerWidth, innerHeight]") == [WIDTH, HEIGHT]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= WIDTH
    said = browser.find_element(By.TAG_NAME, "main").text
    for words in ("示例模型社", "用户名", "使用语言", "https://club.example/privacy"):
        assert words in said
    refuse, agree = browser.find_elements(By.TAG_NAME, "button")
    assert (refuse.get_attribute("value"), agree.get_attribute("value")) == ("refuse", "agree")
    assert [refuse.value_of_css_property(look) for look in LOOKS] == [
        agree.value_of_css_property(look) for look in LOOKS
    ]
    assert (refuse.rect["y"], refuse.rect["width"]) == (agree.rect["y"], agree.rect["width"])
    assert refuse.rect["height"] >= TOUCHED
    assert agree.rect["y"] + agree.rect["height"] <= HEIGHT, "both are seen without scrolling"
    assert browser.execute_script("return document.scripts.length") == 0
    assert complaints(browser) == []


@pytest.mark.promise("A2.3", "B3.1")
def test_refusing_leads_back_with_nothing(browser: Chrome, life: Life):
    tried = attempt()
    browser.get(handed_over(life, tried))
    where = touch(browser, "refuse")
    assert where.startswith(f"{CALLBACK}?")
    assert told_at(where) == {"error": "access_denied", "state": tried.state, "iss": life.world.base_url}
    assert complaints(browser) == []


@pytest.mark.promise("A4.1", "B3.1", "B3.2")
def test_agreeing_leads_back_with_a_code_and_the_page_serves_once(browser: Chrome, life: Life):
    tried = attempt()
    browser.get(page := handed_over(life, tried))
    where = touch(browser, "agree")
    assert where.startswith(f"{CALLBACK}?")
    assert complaints(browser) == [], "what the page may lead to includes where it leads"
    exchange = tried.exchange(told_at(where)["code"]).encode()
    got = fetch("POST", f"{life.world.base_url}/v1/oauth/token", exchange, headers={**FORM, **BASIC}).json
    bearing = {"Authorization": f"Bearer {got['access_token']}"}
    info = fetch("GET", f"{life.world.base_url}/v1/oauth/userinfo", headers=bearing).json
    assert info["name"] == f"收藏家{life.mark}"
    browser.get(page)
    assert browser.find_element(By.TAG_NAME, "h1").text == "无法继续"
    assert browser.execute_script("return document.documentElement.scrollWidth") <= WIDTH


def test_the_form_leads_nowhere_else_even_when_something_changes_it(browser: Chrome, life: Life):
    browser.get(handed_over(life, attempt()))
    before = browser.current_url
    browser.execute_script("document.forms[0].action = 'https://evil.example/'")
    browser.find_element(By.CSS_SELECTOR, "button[value=agree]").click()
    WebDriverWait(browser, 30).until(lambda _: any("form-action" in line for line in complaints(browser)))
    assert browser.current_url == before


def test_another_website_can_not_frame_it(browser: Chrome, life: Life):
    page = handed_over(life, attempt())
    browser.get("data:text/html," + quote(f'<iframe src="{page}"></iframe>'))
    browser.switch_to.frame(0)
    assert browser.find_elements(By.TAG_NAME, "form") == []
    assert browser.execute_script("return document.URL").startswith("chrome-error:"), "the browser refused it"


def test_whoever_opens_a_request_outside_the_app_is_told_where_to_go_on(browser: Chrome, life: Life):
    browser.get(f"{life.world.base_url}/v1/oauth/authorize?{attempt().query()}")
    assert browser.find_element(By.TAG_NAME, "h1").text == "请在聚乐部落应用里继续"
    assert browser.find_elements(By.TAG_NAME, "form") == []
    browser.get(f"{life.world.base_url}/v1/oauth/authorize?{attempt().query(state='x' * 2000)}")
    assert browser.find_element(By.TAG_NAME, "h1").text == "无法继续"
