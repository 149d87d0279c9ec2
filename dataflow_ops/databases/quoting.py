"""Names and values as SQL writes them."""

import re

from dataflow_ops.databases.schema import Dialect

LONGEST_NAME = 128
"""Characters of a name that a prompt shows; PostgreSQL and MySQL allow 63 and 64."""

_PLAIN = {
    "sqlite": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "mysql": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "postgres": re.compile(r"[a-z_][a-z0-9_]*"),
}
# What any of the three may not take as a bare name; a quoted name is right in all of them.
_RESERVED = (
    "abort|action|add|all|alter|always|analyse|analyze|and|any|array|as|asc|asymmetric|attach|authorization|before|begin|between"
    "|bigint|binary|blob|both|by|call|cascade|case|cast|change|char|character|check|collate|collation|column|columns|commit"
    "|concurrently|condition|conflict|constraint|continue|convert|create|cross|cube|cume_dist|current|current_catalog"
    "|current_date|current_role|current_schema|current_time|current_timestamp|current_user|cursor|database|databases|dec|decimal"
    "|declare|default|deferrable|deferred|delayed|delete|dense_rank|desc|describe|detach|deterministic|distinct|distinctrow|div"
    "|do|double|drop|dual|each|else|elseif|empty|enclosed|end|escape|escaped|except|exclusive|exists|exit|explain|fail|false"
    "|fetch|filter|first_value|float|for|force|foreign|freeze|from|full|fulltext|function|generated|get|glob|grant|group"
    "|grouping|groups|having|high_priority|if|ignore|ilike|immediate|in|index|indexed|infile|initially|inner|inout|insensitive"
    "|insert|instead|int|integer|intersect|interval|into|is|isnull|iterate|join|key|keys|kill|lag|last_value|lateral|lead|leading"
    "|leave|left|like|limit|linear|lines|load|localtime|localtimestamp|lock|long|loop|low_priority|match|materialized|maxvalue"
    "|mod|natural|no|not|nothing|notnull|nth_value|ntile|null|numeric|of|offset|on|only|optimize|option|optionally|or|order|out"
    "|outer|outfile|over|overlaps|partition|percent_rank|placing|plan|pragma|precision|primary|procedure|purge|query|raise"
    "|range|rank|read|reads|real|recursive|references|regexp|reindex|release|rename|repeat|replace|require|resignal|restrict"
    "|return|returning|revoke|right|rlike|rollback|row|row_number|rows|savepoint|schema|schemas|select|sensitive|separator"
    "|session_user|set|show|signal|similar|smallint|some|spatial|specific|sql|ssl|starting|stored|straight_join|symmetric"
    "|system|table|tablesample|temp|temporary|terminated|then|to|trailing|transaction|trigger|true|undo|union|unique|unlock"
    "|unsigned|update|usage|use|user|using|vacuum|values|varchar|variadic|varying|verbose|view|virtual|when|where|while|window"
    "|with|without|write|xor|zerofill"
)
_IS_RESERVED = frozenset(_RESERVED.split("|"))


def showable(name: str) -> bool:
    """Return whether a name can stand in a line of text: all of it can be seen, it holds no fence and is not too long."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and "```" not in name and "~~~" not in name


def quoted(name: str, dialect: Dialect) -> str:
    """Return a name of a column as `dialect` reads it: in quotes where it has to be."""
    if _PLAIN[dialect].fullmatch(name) and name.lower() not in _IS_RESERVED:
        return name
    mark = "`" if dialect == "mysql" else '"'
    return mark + name.replace(mark, mark * 2) + mark


def literal(value: str | None, dialect: Dialect, *, number: bool = False) -> str:
    """Return a value as a literal; bare where `number` says that its column holds numbers and it is one."""
    if value is None:
        return "NULL"
    if number and _NUMBER.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\") if dialect == "mysql" else value
    return "'" + escaped.replace("'", "''") + "'"


_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
