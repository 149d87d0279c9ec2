"""Answers to the prompts of `sql` by plain rules. This is no model: queries are drawn, said, heard and compared.

Much is wrong on purpose, so that there is something to find out: statements that do not run, return nothing or write,
questions that ask something else, reasonings with a mistake or without an end. How many reasonings are right depends on
the question, so that all difficulties occur. A statement that no rule can read gets an honest question that is too
general, and a question that no rule understands a guess.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

import xxhash

from dataflow_ops.fences import fenced
from dataflow_ops.llm.rehearsal import sql_styles
from dataflow_ops.llm.rehearsal.sql_draw import LEVELS, Pen, Wish
from dataflow_ops.llm.rehearsal.sql_faults import misspelt, mistaken, misunderstood
from dataflow_ops.llm.rehearsal.sql_hear import heard
from dataflow_ops.llm.rehearsal.sql_known import known_sql
from dataflow_ops.llm.rehearsal.sql_levels import drawn
from dataflow_ops.llm.rehearsal.sql_plan import Col, Lit, Query, Test, main_source, nameless, together
from dataflow_ops.llm.rehearsal.sql_read import read
from dataflow_ops.llm.rehearsal.sql_schema import Tables, tables_in
from dataflow_ops.llm.rehearsal.sql_steps import steps
from dataflow_ops.llm.rehearsal.sql_vary import varied
from dataflow_ops.llm.rehearsal.sql_vectors import near
from dataflow_ops.llm.rehearsal.sql_write import written

Values = Mapping[str, Any]

BROKEN, EMPTY, WRITING, BLOCKLESS = 1 / 12, 1 / 25, 1 / 40, 1 / 50
"""Shares of queries that do not run, that return nothing, that write, and of answers without a query."""
MISASKED, MISSED = 1 / 12, 1 / 10
"""Shares of questions that ask something else, and of those that are taken for right all the same."""
CUT, BY_GOLD = 1 / 25, 0.95
"""Shares of reasonings that break off, and of right ones among those that know the query."""
RIGHT = ((0.45, 0.97), (0.75, 0.8), (0.92, 0.45), (1.0, 0.15))
"""How many reasonings of a question are right, by where its hash lies between 0 and 1."""
OPENING = "Rehearsed, by rule."
DIALECTS = {"sqlite": "sqlite", "postgres": "postgres", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}
_NUMBER = re.compile(r"\d{1,3}")
_SECTION = {
    name: re.compile(rf"<{name}>\n(.*?)\n</{name}>", re.DOTALL) for name in ("engine", "schema", "evidence", "question")
}


def query(values: Values, draw: Random) -> str:
    """Write a query of the complexity wanted, mostly one that runs."""
    tables, dialect = _tables(values), _dialect(values)
    wish = Wish(_level(values), _count(values), str(values.get("functions") or "")[:500], dialect)
    plan = drawn(tables, wish, draw)
    if plan is None:
        return f"{OPENING} The schema shows no table, so there is nothing to ask.\n\n{fenced('SELECT 1', 'sql')}"
    told = f"{OPENING} Somebody who looks after {_about(plan)} asks this; the query is {wish.level}."
    return f"{told}\n\n{_faulty(plan, tables, dialect, draw)}"


def _faulty(plan: Query, tables: Tables, dialect: str, draw: Random) -> str:
    """Return the block for a plan, at times one with a fault."""
    chance = draw.random()
    if chance < WRITING:
        return fenced(f"UPDATE {_about(plan)} SET id = 0", "sql")  # noqa: S608 - it is there to be refused
    if chance < WRITING + EMPTY and not plan.also:
        plan = replace(plan, where=together((*_all(plan), Test(Lit("1", number=True), "=", (Lit("0", number=True),)))))
    sql = written(plan, tables, dialect)
    if WRITING + EMPTY < chance < WRITING + EMPTY + BROKEN:
        sql = misspelt(sql, draw.choice(_names(plan)), draw)
    return f"{sql}\n" if chance > 1 - BLOCKLESS else fenced(sql, "sql")


def _all(plan: Query) -> tuple[Any, ...]:
    return (plan.where,) if plan.where else ()


def _names(plan: Query) -> list[str]:
    columns = [item.expr.name for item in plan.items if isinstance(item.expr, Col)]
    return [*columns, *(source.table for source in plan.sources)] or ["SELECT"]


def _about(plan: Query) -> str:
    source = main_source(plan)
    return source.table if source else "numbers"


def variation(values: Values, draw: Random) -> str:
    """Change a query in the way wanted; one that no rule can read is replaced by another."""
    tables, dialect, kind = _tables(values), _dialect(values), str(values["kind"])
    plan = read(str(values["sql"]), tables, dialect)
    pen = Pen(tables, draw, Wish("moderate", dialect=dialect))
    made = (varied(plan, kind, pen) if plan else None) or drawn(tables, pen.wish, draw)
    sql = _faulty(made, tables, dialect, draw) if made else fenced("SELECT 1", "sql")
    return f"{OPENING} This is a change of the kind {kind[:40]!r}.\n\n{sql}"


def vector_query(values: Values, draw: Random) -> str:
    """Write a query that looks for texts near in meaning to some words of an example."""
    tables = _tables(values)
    names = {
        name: str(values[name]) for name in ("table", "column", "key", "vector_table", "vector_column", "vector_key")
    }
    known, plan = near(tables, names, _level(values), draw)
    return f"{OPENING} Somebody looks for texts on a subject.\n\n{_faulty(plan, known, 'sqlite', draw)}"


def question(values: Values, draw: Random) -> dict[str, Any]:
    """Ask for what a query returns, in the style wanted; at times for something else."""
    tables, dialect = _tables(values), _dialect(values)
    plan = read(str(values["sql"]), tables, dialect)
    if plan is None:
        shown = [table.name for table in tables.tables if table.name.lower() in str(values["sql"])[:2_000].lower()]
        return {"question": sql_styles.unclear(shown, draw), "evidence": _unsaid(values)}
    if draw.random() < MISASKED:
        plan = misunderstood(plan, draw)
    explained = str(values.get("evidence_wanted", "no")).strip().lower() == "yes"
    asked, evidence = sql_styles.asked(plan, tables, str(values["style"]), draw, explained=explained)
    return {"question": asked, "evidence": evidence or (_unsaid(values) if explained else "")}


def _unsaid(values: Values) -> str:
    wanted = str(values.get("evidence_wanted", "no")).strip().lower() == "yes"
    return "Rehearsed: all that is meant stands in the question." if wanted else ""


def corresponds(values: Values, draw: Random) -> dict[str, Any]:
    """Hear the question, read the query, and compare the two; what is not understood is taken to fit."""
    tables, dialect = _tables(values), _dialect(values)
    plan = read(str(values["sql"]), tables, dialect)
    meant = _meant(str(values["question"]), str(values.get("evidence") or ""), tables, dialect)
    if plan is None or meant is None:
        which = "query" if plan is None else "question"
        return {"reason": f"Rehearsed: no rule understands this {which}, so it is let through.", "corresponds": True}
    asked, given = (written(nameless(each), tables, dialect) for each in (meant, plan))
    if asked == given:
        return {"reason": "Rehearsed: by rule, both ask for the same.", "corresponds": True}
    missed = draw.random() < MISSED
    reason = "Rehearsed: by rule, they look alike." if missed else f"Rehearsed: by rule, {_difference(asked, given)}"
    return {"reason": reason, "corresponds": missed}


def _difference(asked: str, given: str) -> str:
    """Name the first clause in which two statements differ."""
    pairs = zip(asked.splitlines(), given.splitlines(), strict=False)
    one, other = next(((a, b) for a, b in pairs if a != b), (asked, given))
    return f"the question asks for {one[:120]!r} where the query has {other[:120]!r}."


def reasoning(values: Values, draw: Random) -> str:
    """Work a query out from the task alone, rightly or with a mistake."""
    text = str(values["prompt"])
    told = _sections(text)
    asked = told["question"] or text
    tables, dialect = tables_in(told["schema"] or text), _named(told["engine"])
    plan = _meant(asked, told["evidence"], tables, dialect)
    if plan is None:
        guess = drawn(tables, Wish("simple", draw.randint(1, 3), "", dialect), draw)
        sql = written(guess, tables, dialect) if guess else "SELECT 1"
        return f"{OPENING} No rule understands this question, so the query is a guess.\n\n{fenced(sql, 'sql')}"
    return _reasoned(plan, tables, dialect, _right(f"{asked} {told['evidence']}"), draw)


def reasoning_by_gold(values: Values, draw: Random) -> str:
    """Explain a query that is known; at times the one at the end is another."""
    text = str(values["prompt"])
    told = _sections(text)
    tables, dialect = tables_in(told["schema"] or text), _named(told["engine"])
    plan = read(str(values["sql"]), tables, dialect)
    if plan is None:
        told_so = f"{OPENING} What is asked is found by the tables, conditions and order named in the task."
        return f"{told_so}\n\n{fenced(str(values['sql']).strip(), 'sql')}"
    return _reasoned(plan, tables, dialect, BY_GOLD, draw)


def _sections(prompt: str) -> dict[str, str]:
    """Return what stands between the tags of a task."""
    found = {name: pattern.search(prompt) for name, pattern in _SECTION.items()}
    return {name: each[1] if each else "" for name, each in found.items()}


def _reasoned(plan: Query, tables: Tables, dialect: str, right: float, draw: Random) -> str:
    plan = plan if draw.random() < right else mistaken(plan, draw)
    text = f"{OPENING}\n\n{steps(plan, tables, dialect, draw)}"
    if draw.random() < CUT:
        return text[: len(text) * 2 // 3]
    return f"{text}\n\n{fenced(written(plan, tables, dialect), 'sql')}"


def _right(asked: str) -> float:
    place = xxhash.xxh3_64_intdigest(" ".join(asked.split()).encode("utf-8", "replace")) / 2**64
    return next(share for upto, share in RIGHT if place <= upto)


def _meant(asked: str, evidence: str, tables: Tables, dialect: str) -> Query | None:
    """Return what a question asks for: as it is heard, as its evidence says it, or as it is known by its wording."""
    plan = heard(asked, tables) or (heard(evidence, tables) if evidence else None)
    if plan is None and dialect == "sqlite" and (sql := known_sql(asked)) is not None:
        return read(sql, tables, dialect)
    return plan


def _tables(values: Values) -> Tables:
    return tables_in(str(values["schema"]))


def _dialect(values: Values) -> str:
    return _named(str(values["dialect"]))


def _named(engine: str) -> str:
    return DIALECTS.get(engine.strip().lower(), "sqlite")


def _level(values: Values) -> str:
    level = str(values.get("complexity", "")).strip().lower()
    return level if level in LEVELS else "simple"


def _count(values: Values) -> int:
    found = _NUMBER.search(str(values.get("columns", ""))[:200])
    return int(found[0]) if found else 2
