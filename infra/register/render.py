"""Renders a policy text to one self-contained page: no script, nothing loaded, no raw HTML."""

import re
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ANCHOR = re.compile(r"\s*\{#([A-Za-z0-9.]+)\}$")
_HEADING = re.compile(r"^#{2,4} .*\{#([A-Za-z0-9.]+)\}$", re.MULTILINE)

_PAGE = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ max-width: 42rem; margin: 0 auto; padding: 1rem; line-height: 1.7; font-family: system-ui, sans-serif; }}
strong {{ text-decoration: underline; text-underline-offset: .2em; }}
table {{ border-collapse: collapse; display: block; overflow-x: auto; font-size: .9em; }}
th, td {{ border: 1px solid #bbb; padding: .3rem .5rem; text-align: left; vertical-align: top; }}
</style>
</head>
<body>
<nav>
{contents}</nav>
<main>
{body}</main>
</body>
</html>
"""


def clauses(markdown: str) -> tuple[str, ...]:
    """Return the section ids of a text, in order."""
    return tuple(_HEADING.findall(markdown))


def page(markdown: str, lang: str) -> str:
    """Render a text with its section ids as anchors and a list of its parts on top."""
    parser = _parser()
    tokens = parser.parse(markdown)
    title, parts = "", []
    for opening, inline in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        text = _anchored(opening, inline)
        if opening.tag == "h1":
            title = text
        elif opening.tag == "h2":
            parts.append(f'<a href="#{opening.attrGet("id")}">{_escape(text)}</a><br>\n')
    body = parser.renderer.render(tokens, parser.options, {})
    return _PAGE.format(lang=lang, title=_escape(title), contents="".join(parts), body=body)


def _anchored(opening: Token, inline: Token) -> str:
    match = _ANCHOR.search(inline.content)
    if match and inline.children:
        opening.attrSet("id", match[1])
        inline.content = inline.content[: match.start()]
        last = inline.children[-1]
        last.content = _ANCHOR.sub("", last.content)
    return inline.content


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
