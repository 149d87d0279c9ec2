"""Pages inside the Airflow UI: there for who is logged in."""

import urllib.error
import urllib.request

import pytest
from dataflow_ui import render

from dataflow_ops.catalog import catalog


def test_every_op_is_on_the_page():
    page = render()
    for name in catalog():
        assert f"<code>{name}</code>" in page


def test_docstrings_are_no_markup():
    assert "&lt;ref&gt;" in render()


def get(airflow, **headers):
    request = urllib.request.Request(f"{airflow.api.url}/dataflow/ops", headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return answer.read().decode()


def test_the_page_asks_who_is_there(airflow):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(airflow)
    airflow.api.get("dags")
    assert "filters.values.between" in get(airflow, Authorization=f"Bearer {airflow.api._token}")
