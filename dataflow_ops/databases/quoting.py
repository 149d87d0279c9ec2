"""Names and values as SQL writes them."""

import re

from dataflow_ops.databases.schema import Dialect

LONGEST_NAME = 128
"""Characters of a name that a prompt shows; PostgreSQL and MySQL allow 63 and 64."""

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_PLAIN = {
    "sqlite": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "mysql": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "postgres": re.compile(r"[a-z_][a-z0-9_]*"),
}
# Words that an engine, or the parser of the statements given to it, does not take for a name without quotes.
_COMMON = (
    "all|alter|analyse|analyze|and|any|array|as|asc|asymmetric|authorization|between|binary|both|case|cast|check"
    "|collate|collation|column|concurrently|constraint|create|cross|cube|current_catalog|current_date|current_role"
    "|current_schema|current_time|current_timestamp|current_user|default|deferrable|desc|describe|distinct|do|drop"
    "|else|end|except|false|fetch|for|foreign|freeze|from|full|glob|grant|group|having|if|ilike|in|initially|inner"
    "|insert|intersect|interval|into|is|isnull|join|lateral|leading|left|like|limit|localtime|localtimestamp|lock"
    "|natural|not|notnull|null|offset|on|only|or|order|outer|overlaps|placing|primary|qualify|references|regexp"
    "|returning|revoke|right|rlike|rollback|rollup|select|session_user|similar|some|symmetric|table|tablesample"
    "|then|to|trailing|true|union|unique|user|using|values|variadic|verbose|when|where|window|with|xor"
)
_SQLITE = "add|autoincrement|commit|delete|escape|exists|index|nothing|raise|recursive|set|transaction|update"
_MYSQL = (
    "accessible|add|asensitive|before|bigint|blob|by|call|cascade|change|char|character|condition|continue"
    "|convert|cume_dist|cursor|databases|day_hour|day_microsecond|day_minute|day_second|dec|decimal|declare"
    "|delayed|delete|delete_domain_id|dense_rank|deterministic|distinctrow|div|do_domain_ids|double|dual|each"
    "|elseif|empty|enclosed|escaped|exists|exit|explain|first_value|float|float4|float8|force|fulltext|function"
    "|generated|get|grouping|groups|high_priority|hour_microsecond|hour_minute|hour_second|ignore"
    "|ignore_domain_ids|index|infile|inout|insensitive|int|int1|int2|int3|int4|int8|integer|io_after_gtids"
    "|io_before_gtids|iterate|json_table|key|keys|kill|lag|last_value|lead|leave|library|linear|lines|load|long"
    "|longblob|longtext|loop|low_priority|manual|master_bind|master_demote_to_replica|master_demote_to_slave"
    "|master_ssl_verify_server_cert|match|maxvalue|mediumblob|mediumint|mediumtext|middleint|minute_microsecond"
    "|minute_second|mod|modifies|no_write_to_binlog|nth_value|ntile|numeric|of|optimize|optimizer_costs|optionally"
    "|out|outfile|over|page_checksum|parallel|parse_vcol_expr|partition|percent_rank|portion|precision|procedure"
    "|purge|range|rank|read|read_write|reads|real|recursive|ref_system_id|release|rename|repeat|replace|require"
    "|resignal|restrict|return|row|row_number|rows|schemas|second_microsecond|sensitive|separator|set|show|signal"
    "|smallint|spatial|specific|sql|sql_big_result|sql_buffer_result|sql_cache|sql_calc_found_rows|sql_no_cache"
    "|sql_small_result|sqlexception|sqlstate|sqlwarning|ssl|starting|stats_auto_recalc|stats_persistent"
    "|stats_sample_pages|stored|straight_join|system|terminated|tinyblob|tinyint|tinytext|trigger|undo|unlock"
    "|unsigned|update|usage|use|utc_date|utc_time|utc_timestamp|varbinary|varchar|varcharacter|varying|virtual"
    "|while|write|year_month|zerofill"
)
_RESERVED: dict[Dialect, frozenset[str]] = {
    "sqlite": frozenset(f"{_COMMON}|{_SQLITE}".split("|")),
    "postgres": frozenset(_COMMON.split("|")),
    "mysql": frozenset(f"{_COMMON}|{_MYSQL}".split("|")),
}


def showable(name: str) -> bool:
    """Return whether a name can stand in a line of text: all of it can be seen, it holds no fence and is not too long."""
    return 0 < len(name) <= LONGEST_NAME and name.isprintable() and "```" not in name and "~~~" not in name


def quoted(name: str, dialect: Dialect) -> str:
    """Return a name of a column as `dialect` reads it: in quotes where it has to be."""
    if _PLAIN[dialect].fullmatch(name) and name.lower() not in _RESERVED[dialect]:
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
