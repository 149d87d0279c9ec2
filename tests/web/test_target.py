import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from dataflow_ops.errors import BadArgument
from dataflow_ops.web.address import Reach
from dataflow_ops.web.result import Fault
from dataflow_ops.web.target import literal, network, target

REFUSED = [
    "ftp://a.test/x", "file:///etc/passwd", "gopher://127.0.0.1:70/_x", "javascript:alert(1)", "data:text/html,x",
    "a.test/x", "//a.test/x", "/x", "", "http:", "http://", "http:///x", "http:/127.0.0.1/", "https:a.test",
    "http://user@a.test/", "http://user:secret@a.test/", "http://@a.test/", "http://a.test@127.0.0.1/",
    "http://a.test:secret@b.test@c.test/", "http://1.1.1.1 &@127.0.0.1/", "http://a.test\\@127.0.0.1/",
    "http://127.0.0.1\\.a.test/", "http://a.test:22/", "http://a.test:0/", "http://a.test:99999/", "http://a.test:x/",
    "http://a.test:8080/", "http://127.1/", "http://127.0.1/", "http://0177.0.0.1/", "http://0x7f.0.0.1/",
    "http://2130706433/", "http://0x7f000001/", "http://017700000001/", "http://0/", "http://1.1.1.1.1/",
    "http://127.0.0.1./", "http://256.1.1.1/", "http://127.0.0.1/", "http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/",
    "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://[::]/", "http://[::1/",
    "http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://[0:0:0:0:0:ffff:127.0.0.1]/",
    "http://[fe80::1%25eth0]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://%31%32%37.0.0.1/",
    "http://a..test/", "http://.a.test/", "http://-a.test/", "http://a.test%00.b.test/", "http://a b.test/",
    "http://a.test/\r\nHost: b.test", "http://a.test/\0", "http://a.test\t.b.test/", "http://" + "a" * 64 + ".test/",
    "http://" + "a." * 130 + "test/", "http://a.test/" + "x" * 8_000, "http://a.test/\u2028", "http://exa\ud800mple/",
    "http://localhost:6379/", "http://a.test/:80@127.0.0.1:22",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED[:-1])
def test_what_is_no_plain_address_is_refused(text):
    found = target(text, Reach())
    assert isinstance(found, Fault)
    assert found.kind == "refused"
    assert len(found.detail) < 600
    found.detail.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://a.test", "http://a.test"),
        ("  https://a.test/x \n", "https://a.test/x"),
        ("HTTP://A.test:80/x#there", "http://A.test/x"),
        ("https://a.test:443/a%2fb?q=%7e&c=a+b%20c", "https://a.test/a%2fb?q=%7e&c=a+b%20c"),
        ("http://a.test/my file.pdf", "http://a.test/my%20file.pdf"),
        ("http://bücher.test/straße", "http://xn--bcher-kva.test/stra%C3%9Fe"),
        ("http://a_b.test./x", "http://a_b.test./x"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700:4700::1111]/", "http://[2606:4700:4700::1111]/"),
        ("http://a.test/:80@127.0.0.1:22", "http://a.test/:80@127.0.0.1:22"),
        ("https://a.test:80/", "https://a.test:80/"),
    ],
)
def test_an_address_is_asked_for_as_it_is_written(text, expected):
    assert str(target(text, Reach())) == expected


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("c", "http://a.test/x/c"), ("/c?d", "http://a.test/c?d"), ("//b.test/c", "http://b.test/c"),
        ("https://b.test", "https://b.test"), ("../../c", "http://a.test/c"), ("?q", "http://a.test/x/y?q"),
    ],
)  # fmt: skip
def test_a_redirect_is_seen_from_where_it_stands(location, expected):
    assert str(target(location, Reach(), base=URL("http://a.test/x/y"))) == expected


@pytest.mark.parametrize("location", ["//127.0.0.1/", "http://[::1]/", "//me@b.test/", "\\\\b.test", "ftp://b.test/"])
def test_a_redirect_is_looked_at_alike(location):
    assert isinstance(target(location, Reach(), base=URL("http://a.test/")), Fault)


def test_ports_are_those_that_are_named():
    reach = Reach(ports=(8080,))
    assert isinstance(target("http://a.test:8080/", reach), URL)
    assert isinstance(target("http://a.test/", reach), Fault)
    assert isinstance(target("http://a.test:99/", Reach(ports=())), URL)


@example("http://①②⑦.⓪.⓪.①")
@given(st.text(max_size=30) | st.from_regex(r"https?://[\w.\[\]:@%-]{0,30}/?.{0,5}"))
def test_anything_is_refused_or_a_url_of_the_web(text):
    found = target(text, Reach())
    if isinstance(found, URL):
        assert found.scheme in ("http", "https")
        assert found.user is None
        address = literal(found.raw_host)
        assert address is None or Reach().why_not(address) is None
    else:
        str(found).encode()


def test_a_password_is_not_repeated():
    found = target("http://me:secret@a.test/x@y", Reach())
    assert str(found).startswith("refused: 'http://…@a.test/x@y' has a user's name before its host")


def test_networks_are_networks():
    assert str(network("10.1.0.0/16")) == "10.1.0.0/16"
    with pytest.raises(BadArgument, match=r"networks: '10.1': .* expected networks such as"):
        network("10.1")
