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
    "abort|accessible|action|add|all|alter|always|analyse|analyze|and|any|array|as|asc|asensitive|asymmetric|attach"
    "|authorization|autoincrement|before|begin|between|bigint|binary|blob|both|by|call|cascade|case|cast|change|char"
    "|character|check|collate|collation|column|columns|commit|concurrently|condition|conflict|constraint|continue"
    "|convert|create|cross|cube|cume_dist|current|current_catalog|current_date|current_role|current_schema"
    "|current_time|current_timestamp|current_user|cursor|database|databases|day_hour|day_microsecond|day_minute"
    "|day_second|dec|decimal|declare|default|deferrable|deferred|delayed|delete|delete_domain_id|dense_rank|desc"
    "|describe|detach|deterministic|distinct|distinctrow|div|do|do_domain_ids|double|drop|dual|each|else|elseif"
    "|empty|enclosed|end|escape|escaped|except|exclusive|exists|exit|explain|fail|false|fetch|filter|first_value"
    "|float|float4|float8|for|force|foreign|freeze|from|full|fulltext|function|generated|get|glob|grant|group"
    "|grouping|groups|having|high_priority|hour_microsecond|hour_minute|hour_second|if|ignore|ignore_domain_ids"
    "|ilike|immediate|in|index|indexed|infile|initially|inner|inout|insensitive|insert|instead|int|int1|int2|int3"
    "|int4|int8|integer|intersect|interval|into|io_after_gtids|io_before_gtids|is|isnull|iterate|join|json_table|key"
    "|keys|kill|lag|last_value|lateral|lead|leading|leave|left|like|limit|linear|lines|load|localtime|localtimestamp"
    "|lock|long|longblob|longtext|loop|low_priority|manual|master_bind|master_demote_to_replica"
    "|master_demote_to_slave|master_ssl_verify_server_cert|match|materialized|maxvalue|mediumblob|mediumint"
    "|mediumtext|middleint|minute_microsecond|minute_second|mod|modifies|natural|no|no_write_to_binlog|not|nothing"
    "|notnull|nth_value|ntile|null|numeric|of|offset|on|only|optimize|optimizer_costs|option|optionally|or|order|out"
    "|outer|outfile|over|overlaps|page_checksum|parallel|parse_vcol_expr|partition|percent_rank|placing|plan|portion"
    "|pragma|precision|primary|procedure|purge|qualify|query|raise|range|rank|read|read_write|reads|real|recursive"
    "|ref_system_id|references|regexp|reindex|release|rename|repeat|replace|require|resignal|restrict|return"
    "|returning|revoke|right|rlike|rollback|row|row_number|rows|savepoint|schema|schemas|second_microsecond|select"
    "|sensitive|separator|session_user|set|show|signal|similar|smallint|some|spatial|specific|sql|sql_big_result"
    "|sql_buffer_result|sql_cache|sql_calc_found_rows|sql_no_cache|sql_small_result|sqlexception|sqlstate|sqlwarning"
    "|ssl|starting|stats_auto_recalc|stats_persistent|stats_sample_pages|stored|straight_join|symmetric|system|table"
    "|tablesample|temp|temporary|terminated|then|tinyblob|tinyint|tinytext|to|trailing|transaction|trigger|true|undo"
    "|union|unique|unlock|unsigned|update|usage|use|user|using|utc_date|utc_time|utc_timestamp|vacuum|values"
    "|varbinary|varchar|varcharacter|variadic|varying|verbose|view|virtual|when|where|while|window|with|without"
    "|write|xor|year_month|zerofill"
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
