"""Secrets that only their name and their randomness give away: `password = "…"`, `API_KEY=…`, `scheme://user:…@host`."""

import re
from string import ascii_lowercase, ascii_uppercase

from dataflow_ops.personal.randomness import is_key, is_made_up, is_password, shannon
from dataflow_ops.personal.secrets import SHAPES, positions

_OPEN = r"(?:api|app|access|auth|account|private|secret|encryption|signing|master|service|storage)[_-]?key"
_WORD = r"passw(?:or)?d|passphrase|passwort|pwd|secret|token|credential"
NAMED = (
    rf"(?i)(?:{_WORD}|{_OPEN})[\w\"'`\\\[\]() \t!-]*(?::[\w\[\]<>|.,?*& ]*)?[=:,>][ \t]*[a-z\\]*[\"'`]?"
    r"[^\s\"'`(){},;<>]*[0-9]"
)
BEARER = r"(?i)(?:bearer|basic) +[A-Za-z0-9._~+/-]{16}"
IN_URL = r"://[^\s:/@]*:[^\s:/@]+@"
# The three are RE2 patterns that every line with such a secret has.

# Repeats that could overlap are possessive, so that one beginning costs a bounded number of steps.
_ASSIGNED = re.compile(
    rf"""(?P<name>{_WORD}|key)(?P<rest>[\w-]{{0,40}}+)
    ["'`\\\[\]()\d\ \t]{{0,6}}+                                            # password"], password[32]
    (?: :[ \t]{{0,4}}+[\w\[\]<>|.?*&][\w\[\]<>|.,?*& ]{{0,40}}?=(?!=)      # password: str =
      | => | :=? | [=!]==? | = | ,
      | >(?=[^<>\s]{{8,256}}</[\w.:-]{{0,40}}?(?P=name)) )                 # <accessToken>…</accessToken>
    [ \t]{{0,4}}+
    (?: [a-zA-Z\\]{{0,2}}(?P<quote>["'`])(?P<quoted>[^"'`\s\\]{{8,512}}+)\\?(?P=quote)
      | (?P<bare>[A-Za-z0-9+/=_!@\#%^&*~-]{{16,512}}?)(?=["'`&<\s;]|$) )""",
    re.IGNORECASE | re.VERBOSE,
)
_BEARER = re.compile(r"(?:bearer|basic)[ ]{1,4}+([A-Za-z0-9._~+/-]{16,2048}+={0,2})", re.IGNORECASE)
_URL = re.compile(r"://(?P<user>[^\s:/@<>\"'`]{0,128}):(?P<password>[^\s:/@<>\"'`]{3,256})@(?=[\w\[])")
_STEMS = ("passw", "passphrase", "pwd", "secret", "token", "credential", "key")
_KEY = re.compile(f"{_OPEN}$")
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)
_AWS = re.compile(r"aws|amazon|s3", re.IGNORECASE)
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")
_DEFAULTS = re.compile(
    r"pass(?:w(?:or)?d)?|pwd|secret|admin|root|guest|test|postgres|mysql|mongo|rabbitmq|changeit", re.I
)
_LABELS_OF_SHAPES = frozenset(f"<{name}>" for name in [*SHAPES, "private_key", "aws_secret_key"])
_LABELS = (("pass", "password"), ("pwd", "password"), ("apikey", "api_key"), ("key", "key"), ("token", "token"))


def assigned(line: str) -> list[tuple[int, int, str]]:
    """Return where secrets are given to names in a line, each with its label."""
    spans: list[tuple[int, int, str]] = []
    for at in positions(_small(line), _STEMS):
        match = _ASSIGNED.match(line, at) if not spans or at >= spans[-1][1] else None
        span = _span(line, match) if match else None
        spans += [span] if span else []
    return spans


def bearers(line: str) -> list[tuple[int, int, str]]:
    """Return where credentials of an Authorization header stand in a line."""
    matches = [_BEARER.match(line, at) for at in positions(_small(line), ("bearer ", "basic "))]
    return [(*match.span(1), "<token>") for match in matches if match and is_key(match[1])]


def _small(line: str) -> str:
    """Return a line in small letters, with every character in its place: some are longer in small letters."""
    small = line.lower()
    return small if len(small) == len(line) else line.translate(_SMALL)


def _span(line: str, match: re.Match[str]) -> tuple[int, int, str] | None:
    """Return the place of the value that a match found, unless the value is no secret."""
    name = re.split(r"[^\w-]", line[max(0, match.start() - 40) : match.end("name")].lower())[-1]
    group = "quoted" if match["quoted"] is not None else "bare"
    value, label = match[group], _label(name + match["rest"].lower())
    chosen_by_hand = group == "quoted" and match["name"].lower().startswith("p") and match["rest"] in ("", "s")
    if not _is_name(line, match, name):
        return None
    aws = bool(_AWS.search(name) and _AWS_SECRET.fullmatch(value)) and shannon(value) >= 3.5 and not is_made_up(value)
    if "public" in name or not (aws or is_key(value) or (chosen_by_hand and is_password(value))):
        return None
    return (*match.span(group), f"<{'aws_secret_key' if aws else label}>")


def _is_name(line: str, match: re.Match[str], name: str) -> bool:
    """Whether a secret is named: `key` alone names anything, and `<private_key>` may be a label, which is no element."""
    begin = match.start() + len(match["name"]) - len(name)
    is_label = line[max(0, begin - 1) : match.end("rest") + 1] in _LABELS_OF_SHAPES
    return not is_label and (match["name"].lower() != "key" or _KEY.search(name) is not None)


def _label(name: str) -> str:
    return next((label for part, label in _LABELS if part in name.replace("-", "").replace("_", "")), "secret")


def in_urls(line: str) -> list[tuple[int, int, str]]:
    """Return where passwords stand in addresses, `scheme://user:password@host`."""
    return [(*match.span("password"), "<password>") for match in _URL.finditer(line) if _is_in_use(line, match)]


def _is_in_use(line: str, match: re.Match[str]) -> bool:
    user, password = match["user"], match["password"]
    if not line[max(0, match.start() - 1) : match.start()].isalnum() or password[0] == "$":
        return False
    return password != user and not _DEFAULTS.fullmatch(password) and not is_made_up(password)


def beside_access_key(line: str) -> list[tuple[int, int, str]]:
    """Return where secret keys of AWS stand in a line that names an access key."""
    if "<aws_access_key>" not in line:
        return []
    return [(*found.span(), "<aws_secret_key>") for found in _AWS_SECRET.finditer(line) if _is_base64(found[0])]


def _is_base64(value: str) -> bool:
    """Whether a value is random, and no digest of a commit, which is hexadecimal."""
    return is_key(value) and not set(value) <= set("0123456789abcdef")
