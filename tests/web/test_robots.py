import pytest

from dataflow_ops.web.robots import read

RULES = b"""\xef\xbb\xbf# a comment
User-agent: *
Disallow: /private   # and why
Allow: /private/open
Disallow: /*.pdf$
Disallow: /search*q=
Crawl-delay: 3

Sitemap: https://a.test/map.xml
user-AGENT: Other-Bot/2.1
User-agent: dataflow-ops
disallow: /ours
Crawl-delay: 99999

User-agent: empty
Disallow:

User-agent: dataflow-ops
Disallow: /more
"""


@pytest.mark.parametrize(
    ("visitor", "path", "expected"),
    [
        ("somebody", "/", True),
        ("somebody", "/private", False),
        ("somebody", "/privateer", False),
        ("somebody", "/private/x", False),
        ("somebody", "/private/open", True),
        ("somebody", "/private/open/x", True),
        ("somebody", "/a/b.pdf", False),
        ("somebody", "/a/b.pdfx", True),
        ("somebody", "/a/b.pdf?x=1", True),
        ("somebody", "/a.pdf.pdf", False),
        ("somebody", "/search?page=1&q=x", False),
        ("somebody", "/search?page=1", True),
        ("somebody", "/ours", True),
        ("somebody", "/robots.txt", True),
        ("dataflow-ops/1.0", "/ours", False),
        ("dataflow-ops", "/more", False),
        ("DataFlow-Ops (+https://a.test)", "/private", True),
        ("other-bot", "/ours", False),
        ("other-bot", "/more", True),
        ("empty", "/private", True),
        ("", "/private", False),
    ],
)
def test_the_longest_rule_of_the_visitors_group_counts(visitor, path, expected):
    assert read(RULES, visitor).allows(path) is expected


@pytest.mark.parametrize(
    ("rules", "path", "expected"),
    [
        ("", "/x", True),
        ("Disallow: /x", "/x", True),
        ("User-agent: *\nDisallow: /", "/x", False),
        ("User-agent: *\rDisallow: /\rAllow: /$", "/", True),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", True),
        ("User-agent: *\nAllow: /a\nDisallow: /a", "/a", True),
        ("User-agent: *\nDisallow: /caf%C3%A9", "/café", False),
        ("User-agent: *\nDisallow: /café", "/caf%c3%a9", False),
        ("User-agent: *\nDisallow: /%7ejoe", "/~joe", False),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", True),
        ("User-agent: *\nDisallow: /a%2fb", "/a%2Fb", False),
        ("User-agent: *\nDisallow: *secret", "/a/secret", False),
        ("User-agent: *\nDisallow: /a*b*$", "/a1b2", False),
        ("User-agent: *\nDisallow: /a*a$", "/a", True),
        ("<html>not found</html>", "/x", True),
        ("\0\xff\x00User-agent", "/x", True),
    ],
)
def test_rules_of_all_forms(rules, path, expected):
    assert read(rules.encode(), "dataflow-ops").allows(path) is expected


@pytest.mark.parametrize(("visitor", "expected"), [("somebody", 3.0), ("dataflow-ops", 10.0), ("empty", 0.0)])
def test_a_delay_is_kept_to_within_reason(visitor, expected):
    assert read(RULES, visitor).delay == expected


def test_a_hostile_file_is_read_in_no_time():
    stars = b"User-agent: *\n" + b"Disallow: /" + b"*a" * 2_000 + b"b\n" + b"Disallow: /x\n" * 20_000
    found = read(stars, "dataflow-ops")
    assert found.allows("/" + "a" * 4_000)
    assert not found.allows("/x")
