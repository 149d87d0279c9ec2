"""Functions of each engine that only read, cost little, and show nothing of the server or its files."""

from dataflow_ops.databases.schema import Dialect

_COMMON = """
abs acos asin atan atan2 avg cast ceil ceiling char char_length coalesce concat concat_ws cos count cume_dist degrees
dense_rank exp first_value floor greatest instr lag last_value lead least left length ln log log10 log2 lower lpad ltrim
max min mod nth_value ntile nullif octet_length percent_rank pi position pow power radians rank repeat replace reverse
right round row_number rpad rtrim sign sin sqrt substr substring sum tan trim upper
"""
_SQLITE = """
acosh asinh atanh cosh date datetime embed format generate_series glob group_concat hex if ifnull iif json
json_array json_array_length json_each json_error_position json_extract json_group_array json_group_object json_insert
json_object json_patch json_pretty json_quote json_remove json_replace json_set json_tree json_type json_valid jsonb
jsonb_array jsonb_extract jsonb_group_array jsonb_group_object jsonb_object julianday like likelihood likely match max
median min octet_length percentile percentile_cont percentile_disc printf quote random rank bm25 highlight snippet sinh
soundex strftime string_agg subtype tanh time timediff total trunc typeof unhex unicode unistr unistr_quote unixepoch
unlikely vec_distance_cosine vec_distance_l1 vec_distance_l2 vec_distance_hamming vec_f32 vec_int8 vec_bit vec_length
vec_normalize vec_to_json vec_type vec_add vec_sub vec_slice
"""
_POSTGRES = """
acosh asinh atanh cosh sinh tanh character_length grouping get_bit sha224 sha384 sha512 age any_value array_agg array_append array_cat array_dims array_length array_lower array_ndims array_position
array_positions array_prepend array_remove array_replace array_to_string array_upper ascii bit_and bit_count bit_length
bit_or bit_xor bool_and bool_or btrim cardinality cbrt chr clock_timestamp corr cosd cot covar_pop covar_samp date
date_bin date_part date_trunc decode div encode ends_with erf every extract floor gcd gen_random_uuid generate_series
generate_subscripts get_byte hashtext initcap int4 isfinite json_agg json_array_elements json_array_elements_text
json_array_length json_build_array json_build_object json_each json_each_text json_extract_path json_extract_path_text
json_object json_object_agg json_object_keys json_strip_nulls json_to_record json_to_recordset json_typeof jsonb_agg
jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array jsonb_build_object jsonb_each
jsonb_each_text jsonb_exists jsonb_extract_path jsonb_extract_path_text jsonb_object jsonb_object_agg jsonb_object_keys
jsonb_path_exists jsonb_path_query jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_set
jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof justify_days justify_hours justify_interval lcm
lower_inc lower_inf make_date make_interval make_time make_timestamp make_timestamptz md5 min_scale mode normalize now
num_nonnulls num_nulls numrange int4range int8range daterange tsrange tstzrange isempty upper_inc upper_inf range_merge
overlay parse_ident percentile_cont percentile_disc phraseto_tsquery plainto_tsquery quote_literal random
regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
regexp_split_to_table regexp_substr regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy
regr_syy row row_to_json scale sha256 similarity sind split_part starts_with statement_timestamp stddev stddev_pop
stddev_samp string_agg string_to_array string_to_table strpos tand timeofday timezone to_ascii to_char to_date to_hex
to_json to_jsonb to_number to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim_scale trunc ts_rank
ts_rank_cd unnest unaccent var_pop var_samp variance websearch_to_tsquery width_bucket word_similarity
"""
_MYSQL = """
nvl nvl2 chr grouping adddate addtime against any_value ascii bin bit_and bit_count bit_length bit_or bit_xor character_length conv convert
convert_tz cot crc32 curdate current_date current_time current_timestamp curtime date date_add date_format date_sub
datediff day dayname dayofmonth dayofweek dayofyear elt export_set extract field find_in_set format from_base64
from_days from_unixtime get_format group_concat hex hour if ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa insert
interval isnull is_uuid json_array json_arrayagg json_array_append json_array_insert json_contains json_contains_path
json_depth json_exists json_extract json_insert json_keys json_length json_merge_patch json_merge_preserve json_object
json_objectagg json_overlaps json_pretty json_query json_quote json_remove json_replace json_search json_set
json_storage_size json_table json_type json_unquote json_valid json_value last_day lcase localtime localtimestamp locate
make_set makedate maketime match md5 median microsecond mid minute month monthname now oct ord percentile_cont
percentile_disc period_add period_diff quarter quote rand regexp_instr regexp_like regexp_replace regexp_substr row
sec_to_time second sha sha1 sha2 soundex space std stddev stddev_pop stddev_samp str_to_date strcmp subdate
substring_index subtime sysdate time time_format time_to_sec timediff timestamp timestampadd timestampdiff to_base64
to_char to_days to_seconds truncate ucase unhex unix_timestamp utc_date utc_time utc_timestamp uuid uuid_short values
var_pop var_samp variance week weekday weekofyear weight_string year yearweek
"""
KNOWN: dict[Dialect, frozenset[str]] = {
    "sqlite": frozenset((_COMMON + _SQLITE).split()) - {"repeat", "lpad", "rpad", "left", "right"},
    "postgres": frozenset((_COMMON + _POSTGRES).split()),
    "mysql": frozenset((_COMMON + _MYSQL).split()),
}
"""What may be called, by the names engines know it by."""

_WORDS = """
all and any array as between by case cube distinct else end except exists filter from full glob group having ilike in
inner intersect is join lateral left like limit match materialized not offset on or over partition regexp rlike
rollup select sets similar some then union using values when where window with within xor recursive escape outer
cross natural unbounded range rows groups preceding following div mod binary both leading trailing against overlaps index force use system bernoulli of
"""
WORDS = frozenset(_WORDS.split())
"""Words of the language that a bracket may follow; engines know no function by these names, or a harmless one."""

_TYPES = """
bigint binary bit blob bpchar char character clob date datetime dec decimal double fixed float int int2 int4 int8
integer interval nchar ntext number numeric nvarchar real signed smallint string text time timestamp timestamptz
timetz tinyint unsigned varbinary varbit varchar varying vec0 year columns nested path
"""
TYPES = frozenset(_TYPES.split())
"""Types that take a length, and what else a bracket follows in CAST and JSON_TABLE."""

SIZED = frozenset({"repeat", "space", "lpad", "rpad"})
"""Functions whose result is as long as an argument says."""
LONGEST = 10_000

_CHANGING_POSTGRES = "clock_timestamp gen_random_uuid now random statement_timestamp timeofday transaction_timestamp"
_CHANGING_MYSQL = "curdate curtime now rand sysdate uuid uuid_short"
CHANGING: dict[Dialect, frozenset[str]] = {
    "sqlite": frozenset({"random"}),
    "postgres": frozenset(_CHANGING_POSTGRES.split()),
    "mysql": frozenset(_CHANGING_MYSQL.split()),
}
"""What answers otherwise from one call to the next."""

_BARE_POSTGRES = """
current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
localtimestamp session_user tablesample user
"""
_BARE_MYSQL = """
current_date current_time current_timestamp current_user localtime localtimestamp utc_date utc_time utc_timestamp
"""
BARE: dict[Dialect, frozenset[str]] = {
    "sqlite": frozenset({"current_date", "current_time", "current_timestamp"}),
    "postgres": frozenset(_BARE_POSTGRES.split()),
    "mysql": frozenset(_BARE_MYSQL.split()),
}
"""The same, by words of the language, with or without a bracket."""

NOW_WITHOUT: dict[Dialect, dict[str, int]] = {
    "sqlite": {"date": 0, "time": 0, "datetime": 0, "julianday": 0, "unixepoch": 0, "strftime": 1},
    "postgres": {"age": 1},
    "mysql": {"unix_timestamp": 0},
}
"""What takes the time it is where it has so many arguments."""
NOW = frozenset({"now", "today", "tomorrow", "yesterday", "localtime", "utc"})
"""Texts that functions of dates and casts to dates take for the time, or the time zone, of the machine."""
