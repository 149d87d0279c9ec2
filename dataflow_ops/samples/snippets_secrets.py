"""Files of code with secrets in them. All secrets are invented, and put together here from parts of random text."""

import base64
import json
from collections.abc import Iterator
from random import Random
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits
from zlib import crc32

from dataflow_ops.samples.snippets_dealt import Snippet

_BASE62 = digits + ascii_uppercase + ascii_lowercase


def with_secrets() -> Iterator[Snippet]:
    """Yield files that hold one or two secrets each: what is published of them, if anything, must not hold any."""
    rng = Random(62)  # noqa: S311 - to be repeatable
    yield _cloud(rng)
    yield _tokens(rng)
    yield _private_key(rng)
    yield _password(rng)
    yield _session(rng)


def _text(rng: Random, alphabet: str, length: int) -> str:
    return "".join(rng.choices(alphabet, k=length))


def _secret(code: str, path: str, language: str, *secrets: str) -> Snippet:
    return Snippet(code.strip("\n"), path, language, kind="secret", publish="either", secrets=secrets)


def _cloud(rng: Random) -> Snippet:
    name = "AK" + "IA" + _text(rng, ascii_uppercase + "234567", 16)
    secret = _text(rng, ascii_letters + digits + "+/", 40)
    code = f'''
"""Copies the nightly archive of the weather station to object storage."""

import datetime

import storage_client

AWS_ACCESS_KEY_ID = "{name}"
AWS_SECRET_ACCESS_KEY = "{secret}"


def upload_archive(path, day=None):
    """Upload one archive under the name of its day, and return where it lies now."""
    day = day or datetime.date.today()
    client = storage_client.connect(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)
    return client.put("archives/%s.tar" % day.isoformat(), path)
'''
    return _secret(code, "station/upload.py", "Python", name, secret)


def _tokens(rng: Random) -> Snippet:
    random = _text(rng, ascii_letters + digits, 30)
    github, slack = (
        "gh" + "p_" + random + _checksum(random),
        "xoxb-" + "-".join((_text(rng, digits, 12), _text(rng, digits, 12), _text(rng, ascii_letters + digits, 24))),
    )
    code = f"""
const forge = "{github}";
const chat = "{slack}";

/** Tell the channel which issues were closed since yesterday. */
export async function report(fetcher, channel, since) {{
  const issues = await fetcher("/issues?state=closed&since=" + since, {{ headers: {{ authorization: forge }} }});
  const lines = issues.map((issue) => "#" + issue.number + " " + issue.title);
  await fetcher("/messages", {{ method: "POST", headers: {{ authorization: chat }}, body: lines.join("\\n") }});
  return lines.length;
}}
"""
    return _secret(code, "bots/closed-issues.js", "JavaScript", github, slack)


def _checksum(text: str) -> str:
    """Return six digits to the base 62, as tokens of GitHub end in."""
    rest, found = crc32(text.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        found = _BASE62[digit] + found
    return found


def _private_key(rng: Random) -> Snippet:
    lines = "\n".join(_text(rng, ascii_letters + digits + "+/", 64) for _ in range(12))
    words = "RSA PRIVATE " + "KEY-----"
    block = f"-----BEGIN {words}\n{lines}\n-----END {words}"
    code = f'''
"""Signs the bills before they are sent. The key ought to lie somewhere else."""

import signer

KEY = """{block}"""


def signed(bill: bytes) -> bytes:
    """Append the signature to a bill, separated by an empty line."""
    return bill + b"\\n\\n" + signer.sign(bill, KEY.encode(), digest="sha256")
'''
    return _secret(code, "billing/sign.py", "Python", *lines.splitlines())


def _password(rng: Random) -> Snippet:
    word, other = _text(rng, ascii_letters + digits, 20), _text(rng, ascii_letters + digits, 24)
    code = f'''
import database

DSN = "postgresql://collector:{word}@database.internal:5432/measurements"
password = "{other}"


def newest(station, count=10):
    """Read the newest measurements of a station from the database, latest first."""
    with database.connect(DSN, application=password) as connection:
        rows = connection.table("values").where(station=station).ordered("taken", latest_first=True)
        return [(row.taken, row.celsius) for row in rows[:count]]
'''
    return _secret(code, "collector/newest.py", "Python", word, other)


def _session(rng: Random) -> Snippet:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=")
        for each in ({"alg": "HS256", "typ": "JWT"}, {"sub": "nobody", "name": "invented", "iat": 1_700_000_000})
    )
    token = f"{head}.{body}.{_text(rng, ascii_letters + digits + '-_', 43)}"
    code = f"""
package client

import "net/http"

const session = "{token}"

// Fetch asks the server of the museum for the list of its pictures.
func Fetch(address string) (*http.Response, error) {{
	request, err := http.NewRequest("GET", address+"/pictures", nil)
	if err != nil {{
		return nil, err
	}}
	request.Header.Set("Authorization", "Bearer "+session)
	return http.DefaultClient.Do(request)
}}
"""
    return _secret(code, "client/fetch.go", "Go", token)
