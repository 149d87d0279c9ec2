import asyncio
import gzip
import signal
import socket
import threading
import time
import zlib
from ipaddress import ip_network

import pytest

from dataflow_ops.web.address import Reach
from dataflow_ops.web.fetch import fetch
from dataflow_ops.web.result import Fault, Page
from dataflow_ops.web.settings import Settings

from .serving import moved, page, serving

HERE = Reach(networks=(ip_network("127.0.0.1/32"),), ports=())
QUICK = {"reach": HERE, "seconds": 3.0, "idle_seconds": 0.4, "retries": 0, "pause": 0.0, "max_bytes": 1 << 20}
NO_ROBOTS = {"/robots.txt": page(b"", "404 Not Found")}


def fetched(*urls, **settings):
    return fetch(urls, Settings(**QUICK | settings))


def one(answer, **settings):
    with serving({"/": answer}) as site:
        return fetched(site.url("/"), **settings)[0]


def test_a_page_comes_with_its_kind_and_its_address():
    with serving({"/a": moved("/b?x=1#there"), "/b?x=1": page(b"%PDF-1.7 ...", content_type="text/html")}) as site:
        (found,) = fetched(site.url("/a#here"))
        assert found == Page(b"%PDF-1.7 ...", "application/pdf", None, site.url("/b?x=1"))


def _raw_deflate(data):
    coder = zlib.compressobj(wbits=-15)
    return coder.compress(data) + coder.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", lambda data: gzip.compress(data[:9], mtime=0) + gzip.compress(data[9:], mtime=0)),
        ("GZIP", lambda data: gzip.compress(data, mtime=0) + b"trailing dirt"),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", lambda data: data),
    ],
)
def test_what_came_compressed_is_unpacked(encoding, pack):
    text = b"<html>" + b"hello " * 100_000
    assert one(page(pack(text), content_encoding=encoding)).content == text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page(b"", "404 Not Found"), "not found: status 404 Not Found"),
        (page(b"", "410 Gone"), "not found: status 410 Gone"),
        (page(b"", "204 No Content"), "not found: status 204"),
        (page(b"", "403 Forbidden"), "error: status 403"),
        (page(b"", "500 Oops"), "error: status 500"),
        (page(b"", "302 Found"), "error: status 302"),
        (page(b"x" * 2_000_000), "too large: more than 1 MiB"),
        (page(b"x" * 2_000_000, transfer_encoding="chunked", content_length=""), "error: "),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000_000, "too large: more than 1 MiB"),
        (page(gzip.compress(b"\0" * 50_000_000, mtime=0), content_encoding="gzip"), "too large: more than 1 MiB"),
        (page(gzip.compress(gzip.compress(b"a", mtime=0), mtime=0), content_encoding="gzip, gzip"), "error: the encoding 'gzip, gzip'"),
        (page(b"abc", content_encoding="br"), "error: the encoding 'br' was not asked for"),
        (page(b"abc", content_encoding="gzip"), "error: the compressed content is damaged"),
        (page(gzip.compress(b"a" * 999, mtime=0)[:-9], content_encoding="gzip"), "error: the compressed content breaks off"),
        (page(b"abc", content_length="999"), "error: the connection broke"),
        (page(b"abc", content_length="-1"), "error: no proper answer"),
        (page(status="418 T\udce9a \x01 pot".encode(errors="surrogateescape").decode("latin-1")), "error: status 418 T"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "error: "),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000 + b"\r\n\r\nhello", "error: no proper answer"),
        (b"", "error: the connection broke"),
        (moved("/"), "error: more than 5 redirects"),
        (moved("http://169.254.169.254/latest/meta-data/"), "refused: a redirect: 'http://169.254.169.254/latest"),
        (moved("http://127.0.0.2:1/"), "refused: a redirect: 'http://127.0.0.2:1/' has a loopback address as its host"),
        (moved("//[::ffff:127.0.0.2]/"), "refused: a redirect: '//[::ffff:127.0.0.2]/' has a loopback address, as ::f"),
        (moved("file:///etc/passwd"), "refused: a redirect: 'file:///etc/passwd' has the scheme 'file'"),
        (moved("http://me:secret@127.0.0.1/"), "refused: a redirect: "),
        (moved("http://no-such-host.invalid/"), "not found: there is no host 'no-such-host.invalid'"),
    ],
)  # fmt: skip
def test_what_is_no_page_has_a_reason(answer, expected):
    found = one(answer)
    assert isinstance(found, Fault)
    assert str(found).startswith(expected)


def _dripping(send):
    send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(200):
        send(b"x")
        time.sleep(0.05)


def _silent(send):
    send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nx")
    time.sleep(3)


def _headless(send):
    for _ in range(200):
        send(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


def _endless(send):
    send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    while True:
        send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (_dripping, "time: not done in 1 s"),
        (_headless, "time: not done in 1 s"),
        (_silent, "time: nothing came for 0.4 s"),
        (_endless, "too large: more than 1 MiB"),
        (lambda send: time.sleep(3), "time: nothing came for 0.4 s"),
    ],
)
def test_a_server_that_takes_its_time_is_left(answer, expected):
    assert str(one(answer, seconds=1.0, robots=False)) == expected


def test_redirects_to_what_is_checked_are_followed_anew():
    """The site is allowed, its neighbour on the same machine is not, and is not asked."""
    with serving({"/": page()}, "127.0.0.3") as inner, serving({"/": moved(inner.url("/"))}) as site:
        (found,) = fetched(site.url("/"))
        assert "127.0.0.3" in found.detail
        assert found.kind == "refused"
        assert inner.asked == []


def test_a_name_is_checked_by_what_it_leads_to():
    reach = Reach(networks=(ip_network("127.0.0.3/32"),), ports=())
    with serving({"/": moved("http://localhost:1/")}, "127.0.0.3") as site:
        (found,) = fetched(site.url("/"), reach=reach)
    assert str(found) == "refused: 'localhost' leads to 127.0.0.1, a loopback address"


def test_a_name_that_changes_its_mind_leads_to_what_was_checked(monkeypatch):
    asked, real = [], socket.getaddrinfo

    def turncoat(host, *rest, **more):
        if host != "turncoat.test":
            return real(host, *rest, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "127.0.0.3", *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", turncoat)
    with serving({"/a": moved("/b"), "/b": page(connection="close")}) as site:
        urls = [f"http://turncoat.test:{site.port}/{path}" for path in "ab"]
        assert [type(each) for each in fetched(*urls)] == [Page, Page]
    assert asked == ["turncoat.test"]


def test_a_name_of_which_one_address_is_inside_is_refused(monkeypatch):
    real = socket.getaddrinfo
    both = lambda *rest, **more: real("127.0.0.1", *rest[1:], **more) + real("10.0.0.1", *rest[1:], **more)  # noqa: E731
    monkeypatch.setattr(socket, "getaddrinfo", both)
    (found,) = fetched("http://both.test/")
    assert str(found) == "refused: 'both.test' leads to 10.0.0.1, a private address"


def test_what_passes_is_tried_again():
    answers = {"/": [page(b"", "503 Busy", retry_after="0.2"), b"", page(b"", "502 Bad"), page(b"<html>at last")]}
    with serving(NO_ROBOTS | answers) as site:
        (found,) = fetched(site.url("/"), retries=3, longest_wait=1.0)
        assert found.content == b"<html>at last"
        assert len(site.paths) == 4


def test_a_host_that_asks_for_a_long_time_is_given_up():
    busy = page(b"", "429 Too Many Requests", retry_after="3600")
    with serving(NO_ROBOTS | {"/0": busy, "/1": page()}) as site:
        first, second = fetched(site.url("/0"), site.url("/1"), retries=3, per_host_at_once=1)
        assert str(first) == "error: status 429 Too Many Requests; it asks to be left alone for 3,600 s"
        assert second.detail.startswith("the host was given up after: status 429")
        assert site.paths == ["/0"]


def test_a_host_that_never_answers_is_given_up():
    with serving({}) as site:
        site.answers = dict.fromkeys((f"/{at}" for at in range(40)), b"")
        found = fetched(*map(site.url, site.answers), robots=False)
        assert 12 <= len(set(site.paths)) <= 13
    assert {each.kind for each in found} == {"error"}
    assert sum("given up" in each.detail for each in found) >= 27


def test_robots_are_kept_to():
    rules = page(b"User-agent: *\nDisallow: /private")
    answers = {"/robots.txt": rules, "/open": page(), "/private": page(), "/to": moved("/private")}
    with serving(answers) as site:
        found = fetched(*map(site.url, ("/open", "/private", "/to")))
        assert [getattr(each, "kind", None) for each in found] == [None, "robots", "robots"]
        assert sorted(site.paths) == ["/open", "/to"]
        assert len(site.asked) == 3, "robots.txt is asked for once"
        assert [type(each) for each in fetched(site.url("/private"), robots=False)] == [Page]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page(b"", "404 Not Found"), None),
        (page(b"", "403 Forbidden"), None),
        (page(b"", "500 Oops"), "robots: http://"),
        (page(b"User-agent: *\nDisallow: /" + b"#" * (3 << 20)), "robots: "),
        (page(b"User-agent: *\nDisallow: /\n", status="203 Other"), "robots: "),
        (moved("/elsewhere"), "robots: "),
        (b"", "error: http://"),
    ],
)
def test_a_site_whose_robots_cannot_be_read_is_left_alone(answer, expected):
    rules = page(b"User-agent: *\nDisallow: /\n")
    with serving({"/robots.txt": answer, "/elsewhere": rules, "/": page()}) as site:
        (found,) = fetched(site.url("/"))
    assert (expected is None) == isinstance(found, Page)
    assert expected is None or str(found).startswith(expected)


def test_a_host_has_few_requests_at_once_and_pauses():
    running, most = [0], [0]

    def slow(send):
        running[0] += 1
        most[0] = max(most[0], running[0])
        time.sleep(0.05)
        running[0] -= 1
        send(page())

    urls = [f"/{at}" for at in range(8)]
    with serving(NO_ROBOTS | dict.fromkeys(urls, slow)) as site:
        assert all(isinstance(each, Page) for each in fetched(*map(site.url, urls), per_host_at_once=2))
        assert most[0] <= 2
        site.asked.clear()
        fetched(*map(site.url, urls[:4]), pause=0.1, robots=False)
        starts = [at for at, _, _ in site.asked]
        assert min(late - early for early, late in zip(starts, starts[1:])) > 0.08  # noqa: B905, RUF007


def test_a_url_that_stands_twice_is_asked_for_once():
    with serving({"/": page()}) as site:
        found = fetched(site.url("/"), None, site.url("/#part"), " ", site.url("/"))
        assert site.paths == ["/"]
    assert [type(each) for each in found] == [Page, Fault, Page, Fault, Page]
    assert str(found[1]) == "refused: the row names no URL"


def test_all_contents_together_are_bounded():
    urls = [f"/{at}" for at in range(4)]
    with serving(NO_ROBOTS | dict.fromkeys(urls, page(b"x" * 1_000))) as site:
        found = fetched(*map(site.url, urls), total_bytes=2_500)
        assert sorted(str(getattr(each, "kind", "page")) for each in found) == [
            "page",
            "page",
            "too large",
            "too large",
        ]
        twice = fetched(site.url("/0"), site.url("/0#a"), site.url("/0#b"), total_bytes=2_500)
        assert {each.kind for each in twice} == {"too large"}


def test_it_runs_where_an_event_loop_runs():
    async def notebook():
        with serving({"/": page()}) as site:
            return fetched(site.url("/"))

    assert isinstance(asyncio.run(notebook())[0], Page)


def test_who_stops_waiting_stops_all_of_it():
    def alarm(*_):
        raise InterruptedError("stopped")

    answered = []

    def slow(send):
        time.sleep(3)
        answered.append(1)

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        with serving(NO_ROBOTS | {"/": slow}) as site:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(InterruptedError, match="stopped"):
                fetched(site.url("/"), seconds=60.0, idle_seconds=60.0)
            assert answered == []
        assert [each.name for each in threading.enumerate() if each.name.startswith("fetch")] == []
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_nothing_of_the_environment_is_used(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving({"/": page()}) as site:
        (found,) = fetched(site.url("/"), user_agent="visitor/7")
        head = site.asked[-1][2].lower()
    assert isinstance(found, Page)
    assert b"user-agent: visitor/7" in head
    assert b"accept-encoding: gzip, deflate\r\n" in head
    assert b"cookie" not in head
    assert b"authorization" not in head


def test_hosts_that_are_none_are_not_found():
    (found,) = fetched("http://no-such-host.invalid/")
    assert found.kind in ("not found", "error")
    assert "no-such-host.invalid" in found.detail
