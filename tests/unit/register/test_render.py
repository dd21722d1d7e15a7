"""From Markdown to a page that runs nothing and loads nothing."""

from infra.register.render import clauses, page

TEXT = """# 政策 & more

## 一、部分 {#1}

### 1.1 条 {#1.1}

**重点。** 其余 <script>alert(1)</script> [x](javascript:alert(1))

| a | b |
| --- | --- |
| 1 | 2 |
"""


def test_sections_are_found_in_order():
    assert clauses(TEXT) == ("1", "1.1")


def test_sections_become_anchors_and_parts_are_listed():
    shown = page(TEXT, "zh-CN")
    assert '<h3 id="1.1">1.1 条</h3>' in shown
    assert '<a href="#1">一、部分</a>' in shown
    assert "{#" not in shown


def test_the_page_says_its_language_and_title():
    shown = page(TEXT, "zh-CN")
    assert '<html lang="zh-CN">' in shown
    assert "<title>政策 &amp; more</title>" in shown


def test_emphasis_and_tables_are_kept():
    shown = page(TEXT, "en")
    assert "<strong>重点。</strong>" in shown
    assert "<td>2</td>" in shown


def test_nothing_in_a_text_can_run():
    shown = page(TEXT, "en")
    assert "<script" not in shown
    assert 'href="javascript' not in shown
