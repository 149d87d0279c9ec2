"""Statements that are to do harm: none may change a byte, leave a file, look into the engine, or outlive its limits.

They speak of a table `customers` with columns `id` and `name`. Those of kind `refused` are stopped by the gate. Those of
kind `limit` only read, and the gate lets them pass: the limits of the engine have to stop them.
"""

from typing import Literal, NamedTuple

from dataflow_ops.databases.schema import Dialect

PROOF = "/tmp/dataflow-ops-proof-of-harm"
"""What some of them try to write; nobody else does."""


class Hostile(NamedTuple):
    dialect: Dialect
    sql: str
    why: str
    kind: Literal["refused", "limit"] = "refused"


def _all(dialect: Dialect, why: str, *statements: str, kind: Literal["refused", "limit"] = "refused") -> list[Hostile]:
    return [Hostile(dialect, sql, why, kind) for sql in statements]


DEEP = "(" * 5_000 + "1" + ")" * 5_000
ENDLESS = "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) SELECT count(*) FROM r"

SQLITE = [
    *_all("sqlite", "writes", "INSERT INTO customers VALUES (9, 'x')", "UPDATE customers SET name = 'x'",
          "DELETE FROM customers", "REPLACE INTO customers VALUES (1, 'x')", "DROP TABLE customers",
          "CREATE TABLE x AS SELECT 1", "ALTER TABLE customers RENAME TO x", "VACUUM", "REINDEX", "ANALYZE",
          "CREATE TRIGGER x AFTER INSERT ON customers BEGIN DELETE FROM customers; END",
          "WITH x AS (SELECT 1) DELETE FROM customers", "WITH x(a) AS (VALUES (7)) INSERT INTO customers SELECT a, a FROM x",
          "WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x"),
    *_all("sqlite", "stacks statements", "SELECT 1; DELETE FROM customers", "SELECT 1;;;DROP TABLE customers;--",
          "SELECT ';' ; UPDATE customers SET name = 1", "SELECT 1 /* ; */ ; DROP TABLE customers"),
    *_all("sqlite", "hides statements in comments and quotes", "SELECT 1 -- \r; DELETE FROM customers",
          "SELECT /* '; DELETE FROM customers; -- */ 1 /* ' */; DELETE FROM customers",
          "SELECT 'a\\'; DELETE FROM customers; --'", "SELECT 1 /* /* */ ; DELETE FROM customers -- */",
          "SELECT \"a\"\"; DELETE FROM customers; --\" FROM [customers]]; DROP TABLE customers",
          "/**/;/**/DELETE/**/FROM/**/customers"),
    *_all("sqlite", "leaves the file", f"ATTACH DATABASE '{PROOF}' AS x", f"VACUUM INTO '{PROOF}'",
          f"VACUUM main INTO '{PROOF}'", "DETACH DATABASE main", "SELECT * FROM other.customers",
          f"SELECT writefile('{PROOF}', 'x')", "SELECT readfile('/etc/passwd')", "SELECT edit('x', 'sh')",
          "SELECT load_extension('/tmp/x.so')", "SELECT * FROM fsdir('/')", "SELECT * FROM zipfile('/tmp/x.zip')"),
    *_all("sqlite", "changes the connection", "PRAGMA writable_schema = ON", "PRAGMA query_only = OFF",
          "PRAGMA journal_mode = DELETE", "PRAGMA temp_store_directory = '/tmp'", "BEGIN IMMEDIATE", "SAVEPOINT x",
          "SELECT * FROM pragma_writable_schema", "SELECT fts3_tokenizer('x', x'41414141')"),
    *_all("sqlite", "looks into the engine", "SELECT sql FROM sqlite_master", "SELECT * FROM 'sqlite_master'",
          "SELECT * FROM [sqlite_schema]", "SELECT * FROM \"sqlite_temp_master\"", "SELECT 1 IN sqlite_master",
          "SELECT * FROM main.sqlite_master", "SELECT * FROM pragma_table_info('customers')", "SELECT * FROM dbstat",
          "EXPLAIN SELECT * FROM customers", "WITH x AS (SELECT * FROM sqlite_master) SELECT * FROM x",
          "SELECT (SELECT group_concat(sql) FROM sqlite_master) FROM customers"),
    *_all("sqlite", "exhausts the reader", f"SELECT {DEEP}", "SELECT 1 WHERE 1 IN (" + "1," * 60_000 + "1)",
          "SELECT " + "- " * 20_000 + "1", "SELECT 1" + " UNION ALL SELECT 1" * 30_000, "SELECT '\ud800'",
          "SELECT 1\0; DELETE FROM customers", "SELECT 1 FROM customers" + " JOIN customers" * 40,
          "SELECT randomblob(1000000000)", "SELECT zeroblob(1000000000)"),
    *_all("sqlite", "looks like something else", "ＳＥＬＥＣＴ 1", "SELECT\u200b 1", "SEL\u0415CT 1", "\ufeffDELETE FROM customers",
          "SELECT\u00a0*\u00a0FROM\u3000customers", "SELECT ℓoad_extension('x')", "SELECT \"load_extension\"('x')",
          "SELECT [readfile]('/etc/passwd')", "SELECT `readfile` ('/etc/passwd')", "SELECT ?", "SELECT :name, $a, @b"),
    *_all("sqlite", "runs without end", ENDLESS, "WITH RECURSIVE r(x) AS (SELECT 'a' UNION ALL SELECT x || x FROM r) "
          "SELECT max(length(x)) FROM r", "SELECT count(*) FROM generate_series(1, 1000000000) a, "
          "generate_series(1, 1000000000) b", kind="limit"),
]  # fmt: skip

POSTGRES = [
    *_all("postgres", "writes", "INSERT INTO customers VALUES (9, 'x')", "TRUNCATE customers",
          "WITH x AS (DELETE FROM customers RETURNING *) SELECT * FROM x",
          "WITH x AS (UPDATE customers SET name = 'x' RETURNING *) SELECT count(*) FROM x",
          "WITH x AS (INSERT INTO customers VALUES (9, 'x') RETURNING id) SELECT id FROM x",
          "MERGE INTO customers USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE", "SELECT * INTO x FROM customers",
          "SELECT id INTO TEMP x FROM customers", "CREATE TABLE x AS SELECT 1", "EXPLAIN ANALYZE DELETE FROM customers",
          "SELECT 1; DELETE FROM customers", "PREPARE x AS DELETE FROM customers", "EXECUTE x"),
    *_all("postgres", "leaves the database", f"COPY customers TO '{PROOF}'", f"COPY customers TO PROGRAM 'touch {PROOF}'",
          "COPY customers FROM PROGRAM 'id'", "SELECT pg_read_file('/etc/passwd')", "SELECT pg_read_binary_file('/etc/passwd')",
          "SELECT pg_ls_dir('/')", "SELECT * FROM pg_ls_logdir()", "SELECT pg_stat_file('/etc/passwd')",
          "SELECT lo_import('/etc/passwd')", f"SELECT lo_export(1, '{PROOF}')", "SELECT lo_from_bytea(0, 'x')",
          "SELECT * FROM dblink('dbname=postgres', 'SELECT 1') AS t(a int)", "SELECT dblink_exec('', 'DROP TABLE customers')",
          "SELECT pg_catalog.pg_read_file('/etc/passwd')", "SELECT \"pg_read_file\"('/etc/passwd')",
          "SELECT xpath('//x', 'x')", "LOAD 'x'"),
    *_all("postgres", "runs other statements", "DO $$ BEGIN DELETE FROM customers; END $$",
          "SELECT query_to_xml('DELETE FROM customers', true, false, '')", "SELECT table_to_xml('customers', true, false, '')",
          "SELECT cursor_to_xml('x', 1, true, false, '')", "SELECT database_to_xml(true, false, '')",
          "SELECT ts_stat('SELECT to_tsvector(name) FROM customers')", "SELECT ts_rewrite('a'::tsquery, 'SELECT 1')",
          "CALL x()", "SELECT $$a$$; DELETE FROM customers; SELECT $$b$$",
          "SELECT crosstab('DELETE FROM customers')", "SELECT connectby('customers', 'id', 'id', '1', 0)"),
    *_all("postgres", "changes the server or the session", "SELECT set_config('transaction_read_only', 'off', false)",
          "SET transaction_read_only = off", "RESET ALL", "SELECT pg_sleep(100)", "SELECT pg_sleep_for('1 hour')",
          "SELECT pg_advisory_lock(1)", "SELECT pg_try_advisory_xact_lock(1)", "SELECT pg_terminate_backend(1)",
          "SELECT pg_cancel_backend(1)", "SELECT pg_reload_conf()", "SELECT pg_rotate_logfile()", "SELECT pg_notify('x', 'y')",
          "SELECT nextval('x')", "SELECT setval('x', 1)", "SELECT currval('x')", "SELECT txid_current()",
          "SELECT pg_switch_wal()", "SELECT pg_create_restore_point('x')", "LISTEN x", "NOTIFY x", "VACUUM", "CHECKPOINT",
          "LOCK TABLE customers", "SELECT * FROM customers FOR UPDATE", "SELECT * FROM customers FOR KEY SHARE",
          "SELECT pg_stat_reset()", "COMMIT", "ROLLBACK; DELETE FROM customers"),
    *_all("postgres", "looks into the engine", "SELECT * FROM pg_shadow", "SELECT passwd FROM pg_catalog.pg_authid",
          "SELECT * FROM information_schema.tables", "SELECT (TABLE pg_user LIMIT 1)", "WITH x AS (TABLE pg_user) SELECT * FROM x", "SELECT 1 UNION TABLE pg_user", "SELECT CAST('x' AS pg_catalog.regclass)", "SELECT * FROM customers, LATERAL (TABLE pg_authid) x", "TABLE pg_authid",
          "SELECT 'customers'::regclass", "SELECT current_setting('data_directory')", "SELECT pg_get_viewdef(1)",
          "SELECT has_table_privilege('x', 'select')", "SELECT version()", "SHOW data_directory",
          "SELECT inet_server_addr()", "SELECT * FROM other.secrets", "SELECT * FROM customers, LATERAL pg_show_all_settings()"),
    *_all("postgres", "hides in quotes and comments", "SELECT E'\\'; DELETE FROM customers; --'; DELETE FROM customers",
          "SELECT U&'\\0027; DELETE FROM customers'", "SELECT U&\"pg!005fsleep\" UESCAPE '!' (1)",
          "SELECT /* /* */ 1; DELETE FROM customers; -- */ 1", "SELECT 1 -- \r; DELETE FROM customers",
          "SELECT $a$'$a$; DELETE FROM customers; --'", "SELECT pg_sleep/**/(100)", "SELECT pg_sleep\n(100)",
          "WITH pg_sleep(a) AS (SELECT 1) SELECT pg_sleep(100)",
          "WITH xmltable(a) AS (SELECT 1) SELECT * FROM xmltable('/a' PASSING '<a/>' COLUMNS b text)", "SELECT 1 OPERATOR(pg_catalog.+) pg_sleep(1)",
          "SELECT * FROM ROWS FROM (pg_ls_dir('/')) AS x", "SELECT $1", "\\! id", "SELECT {{ x }}"),
    *_all("postgres", "exhausts the reader", f"SELECT {DEEP}", "SELECT a" + "[1]" * 30_000, "SELECT a" + "[1]" * 1_000,
          "SELECT " + "ARRAY[" * 40 + "1" + "]" * 40, "SELECT 1 FROM customers" + " LEFT JOIN (SELECT DISTINCT ON (1) 2) x" * 40,
          "SELECT repeat('x', 1000000000)", "SELECT repeat('x', 00000000001000000000)", "SELECT lpad('x', 1000000000)", "SELECT repeat('x', id * 100000) FROM customers"),
    *_all("postgres", "runs without end", ENDLESS, "SELECT count(*) FROM generate_series(1, 100000) a, "
          "generate_series(1, 100000) b", "SELECT a FROM generate_series(1, 1000000000) a", kind="limit"),
]  # fmt: skip

MYSQL = [
    *_all("mysql", "writes", "DELETE FROM customers", "INSERT INTO customers VALUES (9, 'x')", "TRUNCATE TABLE customers",
          "REPLACE INTO customers VALUES (1, 'x')", "SELECT 1; DROP TABLE customers", "CREATE TABLE x SELECT 1",
          "LOAD DATA INFILE '/etc/passwd' INTO TABLE customers", "HANDLER customers OPEN", "CALL x()", "DO SLEEP(100)",
          "WITH x AS (SELECT 1) DELETE FROM customers", "SELECT NEXT VALUE FOR x", "SELECT nextval(x)", "RENAME TABLE customers TO x"),
    *_all("mysql", "leaves the database", f"SELECT 'x' INTO OUTFILE '{PROOF}'", f"SELECT 'x' INTO DUMPFILE '{PROOF}'",
          f"SELECT name FROM customers INTO OUTFILE '{PROOF}'", f"SELECT name INTO OUTFILE '{PROOF}' FROM customers",
          f"(SELECT 1) INTO OUTFILE '{PROOF}'", f"SELECT 1 UNION SELECT 2 INTO OUTFILE '{PROOF}'",
          "SELECT LOAD_FILE('/etc/passwd')", "SELECT sys_exec('id')", "SELECT sys_eval('id')", "SELECT lib_mysqludf_sys_info()"),
    *_all("mysql", "runs what is in comments", f"SELECT 1 /*! INTO OUTFILE '{PROOF}' */", "SELECT /*!50000 SLEEP(100) */",
          "SELECT 1 /*M! , SLEEP(100) */", "SELECT /*+ MAX_EXECUTION_TIME(0) */ 1", "SELECT /*+ SET_VAR(sql_mode='') */ 1",
          "SELECT 1 --1; DELETE FROM customers",
          "SELECT 1 --\u00a0, load_file('/etc/passwd') FROM (SELECT 1 AS `\u00a0`) t", "SELECT 1 # ' \n; DELETE FROM customers # '", "/*! DELETE FROM customers */",
          "SELECT 1 /*!99999 */ ; DELETE FROM customers", "SELECT 1/*!*/;DELETE FROM customers"),
    *_all("mysql", "waits or takes locks", "SELECT SLEEP(100)", "SELECT sleep (100)", "SELECT `sleep`(100)",
          "SELECT BENCHMARK(1000000000, MD5('x'))", "SELECT GET_LOCK('x', 100)", "SELECT RELEASE_LOCK('x')",
          "SELECT RELEASE_ALL_LOCKS()", "SELECT * FROM customers FOR UPDATE", "SELECT * FROM customers LOCK IN SHARE MODE",
          "SELECT MASTER_POS_WAIT('x', 1, 100)", "SELECT WAIT_FOR_EXECUTED_GTID_SET('x')", "LOCK TABLES customers READ",
          "FLUSH TABLES WITH READ LOCK", "KILL 1", "SHUTDOWN"),
    *_all("mysql", "keeps or changes variables", "SELECT @a := 1", "SELECT @a", "SELECT id INTO @a FROM customers",
          "SET SESSION TRANSACTION READ WRITE", "SET GLOBAL general_log = 1", "SELECT LAST_INSERT_ID(5)",
          "SELECT * FROM customers PROCEDURE ANALYSE()", "PREPARE x FROM 'DELETE FROM customers'", "USE mysql", "COMMIT"),
    *_all("mysql", "looks into the engine", "SELECT * FROM mysql.user", "SELECT * FROM information_schema.tables",
          "SELECT * FROM `performance_schema`.`threads`", "SELECT * FROM sys.version", "SELECT @@datadir", "SELECT VERSION()",
          "SELECT USER(), DATABASE()", "SHOW GRANTS", "DESCRIBE customers", "EXPLAIN SELECT 1", "TABLE mysql.user",
          "SELECT * FROM other.secrets", "SELECT * FROM `mysql` . `user`"),
    *_all("mysql", "hides in quotes", "SELECT 'a\\'; DELETE FROM customers; -- '; DELETE FROM customers",
          "SELECT \"a\"\"; DELETE FROM customers", "SELECT _gbk'\xbf\\'; DELETE FROM customers; -- '",
          "SELECT 'a'; DELIMITER // DELETE FROM customers", "SELECT 1 \\G", "SELECT {x SLEEP(1)}", "ＳＬＥＥＰ(1)"),
    *_all("mysql", "exhausts the reader", f"SELECT {DEEP}", "SELECT 1 FROM customers" + " STRAIGHT_JOIN customers" * 40,
          "SELECT REPEAT('x', 1000000000)", "SELECT SPACE(1000000000)",
          "SELECT RPAD('x', 1000000000, 'y')", "SELECT '" + "x" * 100_000 + "'"),
    *_all("mysql", "runs without end", "WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r WHERE x < 1000000000) "
          "SELECT count(*) FROM r AS a, r AS b",
          "SELECT count(*) FROM customers a, customers b, customers c, customers d, customers e, customers f, customers g, "
          "customers h, customers i, customers j, customers k, customers l, customers m, customers n, customers o, "
          "customers p, customers q, customers r, customers s, customers t, customers u", kind="limit"),
]  # fmt: skip

HOSTILE = [*SQLITE, *POSTGRES, *MYSQL]
