"""Every secret in here is invented and put together on the spot, so that no scanner takes the file for a leak."""

import json
import random
import string
import zlib
from base64 import urlsafe_b64encode

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import describe
from dataflow_ops.refine.code import SECRETS, redact_secrets

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
HEX = "0123456789abcdef"
RNG = random.Random(5)


def drawn(size, alphabet=BASE62):
    return "".join(RNG.choices(alphabet, k=size))


def checked(prefix):
    body = drawn(30)
    sum_ = zlib.crc32(body.encode())
    return prefix + body + "".join(BASE62[sum_ // 62**place % 62] for place in range(5, -1, -1))


def part(value):
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def armoured(kind="RSA PRIVATE", lines=4, newline="\n"):
    body = newline.join(drawn(64, BASE62 + "+/") for _ in range(lines))
    return f"-----BEGIN {kind} KEY-----{newline}{body}{newline}-----END {kind} KEY-----"


TOKENS = {
    "anthropic_key": "sk-" + "ant-api03-" + drawn(93) + "AA",
    "aws_access_key": "AK" + "IA" + drawn(16, string.ascii_uppercase + "234567"),
    "databricks_token": "da" + "pi" + drawn(32, HEX),
    "digitalocean_token": "dop" + "_v1_" + drawn(64, HEX),
    "github_token": checked("gh" + "p_"),
    "gitlab_token": "glp" + "at-" + drawn(20),
    "google_api_key": "AI" + "za" + drawn(35),
    "google_oauth_token": "GOC" + "SPX-" + drawn(28),
    "huggingface_token": "h" + "f_" + drawn(34, string.ascii_letters),
    "jwt": part({"alg": "HS256", "typ": "JWT"}) + "." + part({"sub": "1234567890"}) + "." + drawn(43),
    "npm_token": checked("np" + "m_"),
    "openai_key": "s" + "k-proj-" + drawn(60) + "T3Blbk" + "FJ" + drawn(60),
    "pypi_token": "py" + "pi-AgEIcHlwaS5vcmc" + drawn(130),
    "sendgrid_key": "S" + "G." + drawn(22) + "." + drawn(43),
    "shopify_token": "shp" + "at_" + drawn(32, HEX),
    "slack_token": "xo" + "xb-" + drawn(12, string.digits) + "-" + drawn(13, string.digits) + "-" + drawn(24),
    "stripe_key": "sk_" + "live_" + drawn(24),
    "twilio_key": "S" + "K" + drawn(32, HEX),
}
KEY, AWS = drawn(40), drawn(20) + "/" + drawn(18) + "+"


def redacted(value, **params):
    result = redact_secrets(pa.table({"code": pa.array([value], pa.string())}), **params)
    return result["code"][0].as_py(), result["secrets"][0].as_py()


@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("around", ['x = "{}"', "export K={}", "# {} was here", "curl https://{}@host/a?b", "{}"])
def test_tokens_are_known_by_their_shape(kind, around):
    assert redacted(around.format(TOKENS[kind])) == (around.format(f"<{kind}>"), 1)


@pytest.mark.parametrize(
    "value",
    [
        TOKENS["github_token"][:-1] + ("a" if TOKENS["github_token"][-1] != "a" else "b"),
        "x" + TOKENS["aws_access_key"],
        TOKENS["aws_access_key"] + "AB",
        "AK" + "IA" + "IOSFODNN7EXAMPLE",
        "gh" + "p_" + "x" * 36,
        part({"typ": "other"}) + "." + part({"sub": 1}) + "." + drawn(43),
        "eyJ" + "not-a-header" + ".abcdef.ghijklmnopqrstuvwxyz",
        "s" + "k-fading-circle-of-many-small-dots-turning",
        "SKIP_THE_TESTS_THAT_TAKE_LONGER_THAN_OTHERS",
        "robot12345678:AA is no token",
    ],
)
def test_what_only_looks_like_a_token_stays(value):
    assert redacted(f'x = "{value}"') == (f'x = "{value}"', 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'api_key = "{KEY}"', 'api_key = "<api_key>"'),
        (rf'"{{\"token\": \"{KEY}\", \"n\": 1}}"', r'"{\"token\": \"<token>\", \"n\": 1}"'),
        (f"'apiKey': '{KEY}',", "'apiKey': '<api_key>',"),
        (f'SECRET_TOKEN={KEY}', "SECRET_TOKEN=<token>"),
        (f'export ENCRYPTION_KEY={KEY}  # prod\r', "export ENCRYPTION_KEY=<key>  # prod\r"),
        (f'config["client_secret"] = b"{KEY}"', 'config["client_secret"] = b"<secret>"'),
        (f'private static final String AUTH_TOKEN = "{KEY}";', 'private static final String AUTH_TOKEN = "<token>";'),
        (f'const char password[32] = "{KEY}";', 'const char password[32] = "<password>";'),
        (f'password: str | None = "{KEY}"', 'password: str | None = "<password>"'),
        (f'if token != "{KEY}":', 'if token != "<token>":'),
        (f'props.put("secret", "{KEY}")', 'props.put("secret", "<secret>")'),
        (f"<accessToken>{KEY}</accessToken>", "<accessToken><token></accessToken>"),
        (f"GET /v1?api_key={KEY}&page=2", "GET /v1?api_key=<api_key>&page=2"),
        (f'-H "Authorization: Bearer {KEY}"', '-H "Authorization: Bearer <token>"'),
        (f"auth_token: {drawn(32, HEX)}", "auth_token: <token>"),
        (f'aws_secret_access_key = "{AWS}"', 'aws_secret_access_key = "<aws_secret_key>"'),
        (f'Client("{TOKENS["aws_access_key"]}", "{AWS}")', 'Client("<aws_access_key>", "<aws_secret_key>")'),
        ("AccountName=a;AccountKey=" + drawn(86) + "==;", "AccountName=a;AccountKey=<azure_storage_key>;"),
        ('db.connect(password="tr0ub4dor&3")', 'db.connect(password="<password>")'),
        ('"pwd": "Kx72mmpq"', '"pwd": "<password>"'),
        (f"postgres://app:{KEY}@db.internal:5432/x", "postgres://app:<password>@db.internal:5432/x"),
        ("redis://:Sx8vv!q@cache:6379", "redis://:<password>@cache:6379"),
        ("https://api.telegram.org/bot" + drawn(9, "123456789") + ":AA" + drawn(33) + "/getMe",
         "https://api.telegram.org/bot<telegram_token>/getMe"),
        ("https://hooks.slack.com/services/" + "T0" + drawn(8, HEX.upper()) + "/B0" + drawn(8, HEX.upper()) + "/" + drawn(24),
         "https://hooks.slack.com/services/<slack_webhook>"),
    ],
)  # fmt: skip
def test_secrets_are_known_by_their_name_or_place(before, after):
    assert redacted(before) == (after, before.count(AWS) * before.count("Client") + 1)


@pytest.mark.parametrize(
    "line",
    [
        'password = "password"', 'password = "changeme123"', 'api_key = "your-api-key-goes-here-1234"',
        'token = "xxxxxxxxxxxxxxxxxxxxxxxx1a"', 'secret = "${SECRET_FROM_VAULT_2}"', "token = os.environ['TOKEN_NAME_42']",
        'api_key = process.env.API_KEY_V2_PRODUCTION', 'password = "{{ vault_db_password_1 }}"',
        'TOKEN = "<your-token-1234567890>"', 'token_type = "urn:ietf:params:oauth:token-type:jwt2"',
        'password_hasher = "pbkdf2_sha256"', 'secret_name = "projects/my-project-1/secrets/db2"', "token = next_token2",
        'token = "getAuthorizationTokenFromRequestHeaderOfUpstreamService"',
        'tokenizer = "bert-base-uncased-v2-finetuned"', 'key = "' + KEY + '"', 'public_key_token = "' + KEY + '"',
        'monkey = "' + KEY + '"', "passwordField2 = getElementById('password-field-2')", "postgres://user:password@host/db",
        "postgres://postgres:postgres@localhost", "http://host:8080/a@b", "mysql://u:${PASSWORD}@h", "ftp://a:%s@b",
        "Bearer of bad news in the year 1984 and later", "password: string", 'password = ""', "assert token == expected_token_1",
        f'sha256 = "{drawn(64, HEX)}"', "-----BEGIN RSA PRIVATE " + "KEY-----", "secret: 2020-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_placeholders_names_and_code_stay(line):
    assert redacted(line) == (line, 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"a\n{armoured()}\nb", "a\n<private_key>\nb"),
        (f'k = """{armoured("EC PRIVATE")}"""', 'k = """<private_key>"""'),
        (json.dumps({"private_key": armoured("PRIVATE") + "\n"}), '{"private_key": "<private_key>\\n"}'),
        (armoured("PGP PRIVATE").replace("KEY-", "KEY BLOCK-"), "<private_key>"),
        (armoured(newline="\r\n").replace("KEY-----\r\n", "KEY-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: AES-128-CBC,0\r\n", 1),
         "<private_key>"),
        (armoured("OPENSSH PRIVATE").partition("\n-----END")[0] + "\nx = 1", "<private_key>\nx = 1"),
        ("-----BEGIN PRIVATE " + "KEY-----\n" + armoured(), "-----BEGIN PRIVATE " + "KEY-----\n<private_key>"),
        (armoured("CERTIFICATE PUBLIC"), None),
    ],
)  # fmt: skip
def test_private_keys_go_as_whole_blocks(before, after):
    assert redacted(before) == (after or before, 1 if after else 0)


def test_kinds_are_chosen():
    text = f'password = "{KEY}"\nx = "{TOKENS["github_token"]}"\n' + armoured()
    assert redacted(text, kinds=("private_key",)) == (text.partition("-----")[0] + "<private_key>", 1)
    assert redacted(text, kinds=("github_token",))[1] == 1
    assert redacted(text)[1] == 3
    with pytest.raises(BadArgument, match="no kind 'github'; did you mean 'github_token'"):
        redacted(text, kinds=("github",))
    with pytest.raises(BadArgument, match="at least one of"):
        redacted(text, kinds=())
    with pytest.raises(BadArgument, match="no column 'cod'; did you mean 'code'"):
        redacted(text, code="cod")


def test_rows_nulls_types_and_chunks_stay():
    line = f'token = "{KEY}"'
    codes = pa.chunked_array([pa.array(["skip", None, f"{line}\n{line}"], pa.large_string()).slice(1), ["", "x = 1"]])
    table = pa.table({"id": ["a", "b", "c", "d"], "code": codes})
    result = redact_secrets(table)
    assert result["code"].to_pylist() == [None, 'token = "<token>"\ntoken = "<token>"', "", "x = 1"]
    assert result["code"].type == pa.large_string()
    assert result["secrets"].to_pylist() == [None, 2, 0, 0]
    assert redact_secrets(table, found=None).column_names == ["id", "code"]
    assert redact_secrets(result)["secrets"].to_pylist() == [None, 0, 0, 0]
    assert redact_secrets(pa.table({"code": pa.nulls(2)}))["secrets"].to_pylist() == [None, None]
    assert redact_secrets(table.slice(0, 0))["secrets"].to_pylist() == []
    assert describe(redact_secrets).writes == ("code", "secrets")


def test_more_files_than_are_searched_at_once():
    lines = [f'token = "{KEY}"' if number % 3 == 0 else f'token = "v{number}"' for number in range(700)]
    counts = redact_secrets(pa.table({"code": lines}))["secrets"].to_pylist()
    assert counts == [int(number % 3 == 0) for number in range(700)]


PIECES = [
    *TOKENS.values(), KEY, AWS, armoured(lines=2), *'"\'`=:<>/@,;[]() \n\\-_', "password", "token", " = ", "Bearer ", "https://u:",
    "api_key", "-----BEGIN PRIVATE " + "KEY-----", "-----END PRIVATE " + "KEY-----", "AccountKey=", "</", "İ", "谢", "x1",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_what_is_redacted_holds_no_more_secrets(value):
    once, count = redacted(value)
    assert (count > 0) == (once != value)
    assert redacted(once) == (once, 0)


@pytest.mark.parametrize(
    "unit",
    ["A", "-----BEGIN ", "-----BEGIN PRIVATE " + "KEY-----", '"', "password=", "password: ", 'token="', "://", "://a:",
     "eyJ", "eyJaaaaaaaaaaa.", "AKIA", "sk-", "Bearer ", "key", "token\t", "-----BEGIN PRIVATE " + "KEY-----\nAAAA\n", "hooks.slack.com/"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(unit):
    text = unit * (1_000_000 // len(unit))
    assert redacted(text) == (text, 0)


def test_every_kind_is_tested():
    others = {"assigned", "azure_storage_key", "private_key", "slack_webhook", "telegram_token", "url_password"}
    assert set(SECRETS) == {*TOKENS, *others}
