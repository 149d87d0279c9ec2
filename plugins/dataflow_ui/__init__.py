"""Pages of DataFlow Ops inside the Airflow UI: thin, over what the package itself can tell.

Airflow finds the plugin in its plugins folder, or by the entry point of the installed package.
"""

import re
from html import escape
from string import Template
from typing import TYPE_CHECKING, Any

from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

if TYPE_CHECKING:
    from dataflow_ops.catalog import Entry

PAGE = Template("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ops</title>
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<style>
  body { font: 14px/1.5 system-ui, sans-serif; margin: 24px; max-width: 1100px; }
  h1 { font-size: 20px } h2 { font-size: 16px; margin-top: 32px }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; vertical-align: top; padding: 6px 12px 6px 0; border-bottom: 1px solid #8884 }
  th { font-weight: 600 } td:first-child, th:first-child { width: 18em } td:last-child { width: 14em }
  code { font-size: 13px }
</style></head><body>
<h1>Ops</h1>
<p>$count operations that a DAG file can apply to rows: <code>apply(filters.values.between, batch, column="words", at_least=50)</code></p>
$tables
</body></html>
""")


def app() -> FastAPI:
    """Return the pages; they are for users who are logged in."""
    from airflow.api_fastapi.core_api.security import get_user  # noqa: PLC0415 - needs a configured Airflow
    from fastapi import Depends  # noqa: PLC0415

    pages = FastAPI(title="DataFlow Ops", dependencies=[Depends(get_user)])

    @pages.get("/ops", response_class=HTMLResponse)
    def ops() -> str:
        """Show the catalogue."""
        return render()

    return pages


def render() -> str:
    """Return the catalogue as a page: a table for each verb."""
    from dataflow_ops.catalog import catalog, entry_of  # noqa: PLC0415 - loads all ops: only where the page is asked for

    entries = [entry_of(op) for op in catalog().values()]
    verbs = dict.fromkeys(entry.verb for entry in entries)
    tables = "".join(_table(verb, [entry for entry in entries if entry.verb == verb]) for verb in verbs)
    return PAGE.substitute(count=len(entries), tables=tables)


def _table(verb: str, entries: "list[Entry]") -> str:
    rows = "".join(_row(entry) for entry in entries)
    return f"<h2>{escape(verb)}</h2><table><tr><th>Op<th>What it does<th>Settings</tr>{rows}</table>"


def _row(entry: "Entry") -> str:
    settings = ", ".join(param.name for param in entry.of_kind("setting", "table"))
    return (
        f"<tr><td><code>{escape(entry.name)}</code><td>{_marked(entry.summary)}<td><code>{escape(settings)}</code></tr>"
    )


def _marked(summary: str) -> str:
    """Return HTML of a docstring's line: what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(summary))


class DataflowPlugin(AirflowPlugin):
    """What Airflow loads."""

    name = "dataflow_ui"
    fastapi_apps: list[Any] = [{"app": app(), "url_prefix": "/dataflow", "name": "DataFlow Ops"}]  # noqa: RUF012 - Airflow's way
    external_views: list[Any] = [  # noqa: RUF012
        {
            "name": "DataFlow ops",
            "href": "dataflow/ops",
            "destination": "nav",
            "category": "browse",
            "url_route": "dataflow-ops",
        }
    ]
