from pathlib import Path

import pytest

from dataflow_ops.documents import _html_blocks, html
from dataflow_ops.documents.document import Document, Failed, Limits
from dataflow_ops.documents.markdown import written

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Keeping bees | Hill Farm</title></head><body>
<nav><ul><li><a href="/">Home</a></li><li><a href="/shop">Our shop</a></li></ul></nav>
<div class="cookie-banner">We use cookies. Accept all?</div>
<article><h1>Keeping bees</h1>
<p>Bees live in <b>colonies</b> of many thousands, as <a href="https://example.org/hive">the page on hives</a> explains
in much greater detail than there is room for here.</p>
<h2>What to buy</h2><p>You need a few tools, and you need them early in the season, before the first swarms leave.</p>
<ul><li>a smoker<ul><li>fuel: hay</li></ul></li><li>gloves</li></ul>
<ol><li>Open the hive.</li><li>Look for the queen.</li></ol>
<pre><code class="language-python">def weigh(hive):

    return hive * 2</code></pre>
<table><caption>Yield of the farm</caption><thead><tr><th>Year</th><th>Honey | kg</th></tr></thead>
<tbody><tr><td>2020</td><td>12</td></tr><tr><td>2021</td><td>14</td></tr></tbody></table>
<figure><img src="a.png" alt="hive"><figcaption>Figure 1: A hive seen from the front.</figcaption></figure>
<p>That is all there is to say about it, and the rest is a matter of patience and of warm days in spring.</p></article>
<footer><p>Copyright 2020 Hill Farm. All rights reserved. <a href="/privacy">Privacy</a></p></footer></body></html>"""


def _read(tmp_path: Path, page: str | bytes) -> Document | Failed:
    path = tmp_path / "content"
    path.write_bytes(page.encode() if isinstance(page, str) else page)
    return html.read(path, Limits())


def test_a_page_is_what_it_is_about(tmp_path):
    found = _read(tmp_path, PAGE)
    text = written(found.blocks).text
    assert [(block.kind, block.level) for block in found.blocks] == [
        ("heading", 1), ("paragraph", None), ("heading", 2), ("paragraph", None), ("list", None), ("list", None),
        ("code", None), ("caption", None), ("table", None), ("caption", None), ("paragraph", None),
    ]  # fmt: skip
    assert "**colonies**" in text
    assert "[the page on hives](https://example.org/hive)" in text
    assert "- a smoker\n  - fuel: hay\n- gloves" in text
    assert "1. Open the hive.\n2. Look for the queen." in text
    assert "```python\ndef weigh(hive):\n\n    return hive * 2\n```" in text
    assert "| Year | Honey \\| kg |\n| --- | --- |\n| 2020 | 12 |\n| 2021 | 14 |" in text
    assert not any(word in text for word in ("cookies", "Our shop", "Privacy", "rights"))
    assert (found.title, found.language, found.pages) == ("Keeping bees", "en", None)


MANUAL = """<html><body><header><h1>Site of manuals</h1></header><div class="sidebar"><ul><li><a href="a">Other</a></li></ul>
</div><div class="chapter"><div class="titlepage"><div><div><h1 class="title">Packing a hive</h1></div></div></div>
<p>This chapter tells how a hive is packed for a journey, and what has to be thought of on the day before.</p>
<div class="share">Share this page with friends and family who might be interested in reading about it as well</div>
<h2>On the day before</h2><p>Close the entrance after dark, when all bees have come home and the evening is cool.</p>
<p>Note:</p><ul><li><a href="x">One more page</a></li><li><a href="y">And another</a></li></ul>
<h2>Orders</h2><p>On the instrument these orders are given one after the other, each with the key at its end:</p>
<figure><pre class="language-sh">close --all</pre></figure><p>or only:</p><pre><code class="lang-sh">close</code></pre>
</div><h2>More from this site</h2><footer>All rights reserved</footer></body></html>"""


def test_headings_and_code_of_the_page_are_kept_and_boxes_between_are_not(tmp_path):
    found = _read(tmp_path, MANUAL)
    assert [(block.kind, block.text.split(" ")[0]) for block in found.blocks] == [
        ("heading", "Packing"), ("paragraph", "This"), ("heading", "On"), ("paragraph", "Close"),
        ("paragraph", "Note:"), ("heading", "Orders"), ("paragraph", "On"), ("code", "```sh\nclose"), ("paragraph", "or"),
        ("code", "```sh\nclose\n```"),
    ]  # fmt: skip


RUSSIAN = "<html><head><meta charset='windows-1251'></head><body><p>Пчёлы живут большими семьями.</p></body></html>"


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<html><body><p>Short.</p></body></html>", "Short."),
        (RUSSIAN.encode("cp1251"), "Пчёлы живут большими семьями."),
        ("\ufeff<html><p>Bees &amp; wax</p>".encode("utf-16-le"), "Bees & wax"),
        ("<html><body><p>Wax\x01 and\x0f &#1;honey&#x1F;, &#11088;</p></body></html>", "Wax and honey, ⭐"),
        ("<?xml version='1.0' encoding='utf-8'?><html><body><p>Wax and honey</p></body></html>", "Wax and honey"),
    ],
)
def test_small_pages_in_any_encoding(tmp_path, page, text):
    assert written(_read(tmp_path, page).blocks).text == text


@pytest.mark.parametrize("page", ["<html></html>", "<!doctype html>", "<html><script>var a = 'words';</script></html>"])
def test_a_page_without_words_has_none(tmp_path, page):
    found = _read(tmp_path, page)
    assert isinstance(found, Failed)
    assert found.kind == "no text"


def test_comments_and_names_that_are_none_are_read_over(tmp_path):
    page = PAGE.replace("<h2>", "<!-- a --><t\\>odd</t\\><h2>").replace("<article>", "<article><!-- b -->")
    assert [block.text for block in _read(tmp_path, page).blocks if block.kind == "heading"] == [
        "Keeping bees", "What to buy",
    ]  # fmt: skip


@pytest.mark.parametrize("page", ["<div>" * 1_500 + "<p>deep words</p>", "<table><tr><td>" * 400 + "deep words"])
def test_pages_made_to_be_deep_end(page):
    assert "deep words" in written(_html_blocks.blocks(html.tree(f"<html><body>{page}"))).text


@pytest.mark.parametrize(
    ("inside", "text"),
    [
        ("a <i>b</i><b> c </b>d", "a *b* **c** d"),
        ("one<br>two", "one\ntwo"),
        ("m<sup>2</sup> and H<sub>2</sub>O, 10<sup>n+1</sup>, x<sup>a</sup>", "m² and H₂O, 10ⁿ⁺¹, x^a"),
        ("<code>a `b`</code>", "`` a `b` ``"),
        ("<a href='javascript:x()'>run</a> <a href='#top'>up</a> <a href='b.html'>on</a>", "run up [on](b.html)"),
        ("<span><div>block in words</div></span>", "block in words"),
        ("<math alttext='x^2'><mi>x</mi></math>", "$x^2$"),
        ("<ruby>蜜<rt>みつ</rt></ruby>", "蜜"),
        ("<p># no head</p><p>- no list</p>", "\\# no head\n\n\\- no list"),
        ("<ol start='3'><li>c</li><li>d</li></ol>", "3. c\n4. d"),
        ("<ul><li>a<p>b</p></li><li></li></ul>", "- a\n\n  b"),
        ("<dl><dt>drone</dt><dd>male</dd></dl>", "- drone\n  - male"),
        ("<ul><li><h3>Card</h3>words</li></ul>", "### Card\n\nwords"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
        ("<pre>a<br>  b</pre>", "```\na\n  b\n```"),
        ("<table><tr><td>only<td>row</table>", "| only | row |\n| --- | --- |"),
        ("<table><tr><td><h2>Head</h2></td><td>side</td></tr></table>", "## Head\n\nside"),
        ("<table><tr><td>one</td></tr><tr><td>column</td></tr></table>", "one\n\ncolumn"),
        (
            "<table><tr><th rowspan=2>a<th colspan=2>b<tr><td>c<td>d<tr><td>e<td>f<td>g</table>",
            "| a | b |  |\n| --- | --- | --- |\n|  | c | d |\n| e | f | g |",
        ),
        ("<table><tr><td colspan='99999999999999'>a<td>b<tr><td rowspan='-1'>c<td>d</table>",
         "| a | b |\n| --- | --- |\n| c | d |"),
        ("<form><p>kept</p><input value='x'><button>Send</button></form>", "kept"),
        ("<p>a\n   b\u00a0c</p>", "a b\u00a0c"),
        ("<img src='x.png' alt='unknown'>", ""),
    ],
)  # fmt: skip
def test_elements_become_markdown(inside, text):
    assert written(_html_blocks.blocks(html.tree(f"<html><body>{inside}</body></html>"))).text == text


def test_a_table_that_spans_everything_stays_small():
    rows = "<tr>" + "<td colspan=500 rowspan=500>a" * 20
    found = _html_blocks.blocks(html.tree(f"<table>{rows * 300}</table>"))
    assert sum(len(block.text) for block in found) < 3_000_000


def test_pictures_are_shown_where_they_are_known():
    known = {"a.png": "image-0001.png"}.get
    found = _html_blocks.blocks(html.tree("<p>before <img src='a.png' alt='a hive'> after</p>"), known)
    assert [(block.kind, block.text, block.image) for block in found] == [
        ("paragraph", "before", None), ("image", "a hive", "image-0001.png"), ("paragraph", "after", None),
    ]  # fmt: skip
