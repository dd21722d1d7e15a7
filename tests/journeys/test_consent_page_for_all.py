"""The pages of log-in elsewhere for eyes of every kind: dark, large, by keyboard, many fields; and for no script."""

from collections.abc import Iterator
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from infra.demo.account import open_account
from infra.demo.life import Life
from infra.demo.world import World, fetch
from infra.local.club import CALLBACK, FORM, attempt, ticket_in
from tests.support.browser import WIDTH, phone

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(600)]
ALL = "profile.nickname profile.avatar account.user_name account.language"
READABLE, SEEN = 4.5, 3.0
"""Contrast of text, and of what is no text (WCAG 2.2, AA)."""
CONTRAST = """
const ground = node => { for (let at = node; at; at = at.parentElement) {
    const c = getComputedStyle(at).backgroundColor;
    if (c !== 'rgba(0, 0, 0, 0)') return c; } return 'rgb(255, 255, 255)'; };
const light = colour => colour.match(/[0-9.]+/g).slice(0, 3).map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
return [...document.querySelectorAll('main *')].filter(n => n.innerText).map(n => {
    const style = getComputedStyle(n), edge = ratio(style.borderTopColor, ground(n.parentElement));
    return [n.tagName, ratio(style.color, ground(n)), n.tagName === 'BUTTON' ? edge : 21]; });
"""


@pytest.fixture(scope="module")
def browser(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    """Give the browser, at our address already: the first page after a size of letters is chosen does not have it."""
    with phone(tmp_path_factory.mktemp("browser")) as opened:
        for _ in range(2):
            look(opened, "light")
            opened.get(f"{world.base_url}/v1/oauth/authorize?handover=none")
        yield opened


@pytest.fixture(scope="module")
def life(world: World) -> Life:
    """Give somebody with an account, logged in to the app."""
    begun = Life(world)
    open_account(
        begun, begun.person, mobile=begun.mobile, password=begun.password, name=f"收藏家的长长的名字{begun.mark}"
    )
    return begun


def page(life: Life) -> str:
    query = attempt().query(scope=ALL)
    return str(life.person.want(201, "POST /v1/oauth/handovers", {"request": query})["page"])


def look(browser: Chrome, colours: str, size: int = 16) -> None:
    """Set what somebody chose on their phone."""
    features = [{"name": "prefers-color-scheme", "value": colours}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    browser.execute_cdp_cmd("Page.setFontSizes", {"fontSizes": {"standard": size}})


@pytest.mark.promise("A4.1")
@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("size", [16, 32])
@pytest.mark.parametrize("which", ["consent", "guest", "refusal"])
def test_it_is_readable_in_the_dark_and_at_twice_the_size(
    browser: Chrome, life: Life, colours: str, size: int, which: str
):
    base = f"{life.world.base_url}/v1/oauth/authorize"
    where = {"guest": f"{base}?{attempt().query()}", "refusal": f"{base}?handover=none"}
    look(browser, colours, size)
    browser.get(where.get(which) or page(life))
    assert browser.execute_script("return getComputedStyle(document.body).fontSize") == f"{size}px"
    assert browser.execute_script("return document.documentElement.scrollWidth") <= WIDTH
    measured: list[Any] = browser.execute_script(CONTRAST)
    assert measured
    assert [one for one in measured if one[1] < READABLE or one[2] < SEEN] == []
    background = browser.execute_script("return getComputedStyle(document.querySelector('main')).backgroundColor")
    assert (background == "rgb(255, 255, 255)") == (colours == "light")
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "zh-CN"
    assert browser.title == browser.find_element(By.TAG_NAME, "h1").text
    for button in browser.find_elements(By.TAG_NAME, "button"):
        assert button.accessible_name == button.text
        assert button.rect["x"] + button.rect["width"] <= WIDTH


@pytest.mark.promise("A2.3", "A4.1")
def test_it_says_whose_account_which_fields_and_where_it_goes_on(browser: Chrome, life: Life):
    look(browser, "light")
    browser.get(page(life))
    said = browser.find_element(By.TAG_NAME, "main").text
    for words in (f"收藏家的长长的名字{life.mark}", "昵称", "头像", "用户名", "使用语言", "都会回到 club.example"):
        assert words in said
    assert len(browser.find_elements(By.TAG_NAME, "li")) == 5


@pytest.mark.promise("A2.3")
def test_the_keyboard_reaches_refusing_before_agreeing_and_shows_where_it_is(browser: Chrome, life: Life):
    look(browser, "light")
    browser.get(page(life))
    reached = []
    for _ in range(3):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        at = browser.switch_to.active_element
        reached.append((at.tag_name, at.get_attribute("value"), at.value_of_css_property("outline-style")))
    assert reached == [("a", None, "solid"), ("button", "refuse", "solid"), ("button", "agree", "solid")]


@pytest.mark.promise("A4.1", "A2.3")
def test_no_script_of_our_own_origin_opens_or_answers_it(browser: Chrome, life: Life):
    """Whoever smuggled a script into a page beside it still has no consent: the browser itself says what asks."""
    browser.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
    browser.get(f"{life.world.base_url}/v1/oauth/metadata")
    fetched = (
        "const done = arguments[arguments.length - 1]; fetch(arguments[0], arguments[1]).then(r => done(r.status))"
    )
    way = page(life)
    assert browser.execute_async_script(fetched, way, {}) == 403
    shown = fetch("GET", way)
    assert shown.status == 200, "and the way to it was not used up by that"
    ticket = ticket_in(shown.body.decode())
    asked = {"method": "POST", "body": f"ticket={ticket}&answer=agree", "headers": FORM}
    assert browser.execute_async_script(fetched, f"{life.world.base_url}/v1/oauth/authorize", asked) == 403
    assert life.person.want(200, "GET /v1/links")["data"] == []
    browser.get(page(life))
    browser.find_element(By.CSS_SELECTOR, "button[value=refuse]").click()
    WebDriverWait(browser, 30).until(lambda now: now.current_url.startswith(CALLBACK))
