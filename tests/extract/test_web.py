import pyarrow as pa
import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.extract.web import fetched
from dataflow_ops.op import call, describe
from tests.web.serving import page, serving


def _rows(*urls):
    chunks = pa.chunked_array([pa.array(["x", *urls[:1]])[1:], pa.array(urls[1:], pa.string())])
    return pa.table({"id": [f"r{at}" for at in range(len(urls))], "url": chunks})


def test_every_row_has_content_or_a_reason():
    answers = {"/a": page(b"caf\xe9", content_type="text/plain; charset=latin-1"), "/empty": page(b"")}
    with serving(answers) as site:
        rows = _rows(site.url("/a"), None, site.url("/none"), "http://10.0.0.1:1/", site.url("/empty#x"))
        found = fetched(rows, allow_private=True, ports=[site.port], pause=0)
        assert found.select(["id", "url"]) == rows
        assert found.drop_columns(["id", "url"]).to_pylist() == [
            {"content": b"caf\xe9", "content_type": "text/plain", "charset": "iso8859-1",
             "final_url": site.url("/a"), "fetch_fault": None},
            _nothing("refused: the row names no URL"),
            _nothing("not found: status 404 Not Found"),
            _nothing("refused: 'http://10.0.0.1:1/' has the port 1; expected http://host/path or https://host/path"),
            {"content": b"", "content_type": "text/plain", "charset": None,
             "final_url": site.url("/empty"), "fetch_fault": None},
        ]  # fmt: skip
    assert found.schema.field("content").type == pa.large_binary()


def _nothing(fault):
    return dict.fromkeys(["content", "content_type", "charset", "final_url"]) | {"fetch_fault": fault}


def test_this_machine_is_not_asked_unless_its_network_is_named():
    with serving({"/": page()}) as site:
        settings = {"ports": [site.port], "robots": False}
        assert fetched(_rows(site.url()), **settings)["fetch_fault"][0].as_py().startswith("refused: ")
        assert site.asked == []
        assert fetched(_rows(site.url()), **settings, networks=["127.0.0.0/8"])["fetch_fault"].null_count == 1


def test_a_table_without_rows_keeps_its_columns():
    found = fetched(pa.table({"id": pa.array([], pa.string()), "url": pa.array([], pa.string())}))
    assert found.column_names == ["id", "url", "content", "content_type", "charset", "final_url", "fetch_fault"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"final_url": "content"}, "expected five different columns"),
        ({"networks": ["10.0.0.1/8"]}, "networks: '10.0.0.1/8'"),
        ({"url": "link"}, "there is no column 'link'; did you mean|there is no column 'link'"),
    ],
)
def test_settings_that_do_not_fit_are_named(settings, message):
    with pytest.raises(BadArgument, match=message):
        call(fetched, _rows("http://a.test/"), **settings)


@pytest.mark.parametrize("given", [{"seconds": 0}, {"ports": [0]}, {"user_agent": "a\nb"}, {"per_host_at_once": 0}])
def test_settings_out_of_bounds_are_refused_when_a_dag_is_parsed(given):
    with pytest.raises(BadArgument):
        describe(fetched, **given)
