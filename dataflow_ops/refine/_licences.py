"""Which licence a notice names, as an SPDX expression, and whether it is a permissive one."""

import re

PERMISSIVE = frozenset(
    [
        "0BSD", "AFL-3.0", "Apache-1.1", "Apache-2.0", "Artistic-2.0", "BlueOak-1.0.0", "BSD-1-Clause", "BSD-2-Clause",
        "BSD-2-Clause-Patent", "BSD-3-Clause", "BSD-3-Clause-Clear", "BSD-4-Clause", "BSL-1.0", "CC-BY-4.0", "CC0-1.0",
        "ECL-2.0", "FTL", "HPND", "ICU", "ISC", "LicenseRef-BSD", "LicenseRef-public-domain", "MIT", "MIT-0", "MulanPSL-2.0", "NCSA",
        "PHP-3.01", "PostgreSQL", "PSF-2.0", "Python-2.0", "Unicode-3.0", "Unlicense", "UPL-1.0", "W3C", "WTFPL", "X11",
        "Zlib", "blessing", "curl", "libpng-2.0",
    ]
)  # fmt: skip
"""SPDX identifiers of licences that allow closed and changed copies, asking for little more than a notice."""

_OTHERS = [
    "AGPL-3.0-only", "AGPL-3.0-or-later", "CC-BY-NC-4.0", "CC-BY-SA-4.0", "CDDL-1.0", "CDDL-1.1", "CECILL-2.1", "EPL-1.0",
    "EPL-2.0", "EUPL-1.2", "GPL-1.0-only", "GPL-1.0-or-later", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only",
    "GPL-3.0-or-later", "LGPL-2.0-only", "LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only",
    "LGPL-3.0-or-later", "MPL-1.1", "MPL-2.0", "MS-PL", "OSL-3.0",
]  # fmt: skip
_SPELLING = {name.lower(): name for name in [*PERMISSIVE, *_OTHERS]}
# GPL-2.0 and GPL-2.0+ are the names of before SPDX 3.
_SPELLING |= {name.lower().replace("-only", ""): name for name in _OTHERS if name.endswith("-only")}
_SPELLING |= {name.lower().replace("-or-later", "+"): name for name in _OTHERS if name.endswith("-or-later")}

UNKNOWN = "unknown"

_TAG = re.compile(r"SPDX-License-Identifier:\s{0,9}([A-Za-z0-9.+()-]{1,80}(?: {1,2}[A-Za-z0-9.+():-]{1,80}){0,16})")
_JOINTS = ("AND", "OR", "WITH")
_BSD = "redistribution and use in source and binary forms"
_ANY_PURPOSE = "permission to use, copy, modify,? and/or distribute this software for any purpose with or without fee is hereby granted"
_V1, _V2 = (rf",?(?: -)? \(?(?:version|v\.?) ?{number}" for number in (1, 2))
_SAID = (
    ("Apache-2.0", "apache", [
        rf"apache (?:software )?license(?:{_V2}| 2)", r"apache\.org/licenses/license-2\.0", r"apache[- ]2\.0",
    ]),
    ("MIT", "mit", [
        r"(?:under|by|license:?|is|are|and|or) (?:(?:the|terms of) ){0,3}\(?(?:mit|expat)\)?(?:-style)? (?:software )?licen",
        r"opensource\.org/licenses/mit", r"(?:^|[@*.] )(?:the )?mit license", r"license: ?mit\b",
        r"(?:under|by) (?:the )?mit\b",
    ]),
    ("MIT", "person obtaining", ["permission is hereby granted,? free of charge,? to any person obtaining a copy"]),
    ("BSD-4-Clause", "advertising", [_BSD + r".{0,2000}advertising materials"]),
    ("BSD-3-Clause", "redistribution", [
        _BSD + r".{0,2000}(?:neither the name|may not be used to endorse|names? of its contributors)",
    ]),
    ("BSD-3-Clause", "bsd", [
        r"bsd[- ]3-clause", r"(?:3|three)-clause bsd", r"(?:new|modified|revised) bsd license",
    ]),
    ("BSD-2-Clause", "redistribution", [_BSD]),
    ("BSD-2-Clause", "bsd", [r"bsd[- ]2-clause", r"(?:2|two)-clause bsd", r"simplified bsd", r"freebsd license"]),
    ("LicenseRef-BSD", "bsd", [
        r"bsd-style licen", r"licensed? ?(?::|under)[: \"]*(?:the )?bsd\b", r"under (?:the |an? )?bsd\b", "bsd license",
    ]),
    ("ISC", "any purpose", [_ANY_PURPOSE + ",? provided"]),
    ("ISC", "isc", [r"\bisc license"]),
    ("0BSD", "any purpose", [_ANY_PURPOSE + r"\."]),
    ("0BSD", "bsd", [r"zero-clause bsd", r"\b0bsd\b"]),
    ("HPND", "any purpose", ["permission to use, copy, modify,? and distribute this software and its documentation for"]),
    ("MPL-2.0", "m", [rf"mozilla public license{_V2}", r"mozilla\.org/mpl/2\.0", r"\bmpl[- ]?2\.0"]),
    ("MPL-1.1", "m", [rf"mozilla public license{_V1}\.1", r"\bmpl[- ]?1\.1"]),
    ("EPL-2.0", "e", [rf"eclipse public license{_V2}", r"\bepl-(?:2\.0|v20)"]),
    ("EPL-1.0", "e", [rf"eclipse public license{_V1}", r"\bepl-(?:1\.0|v10)"]),
    ("CDDL-1.0", "development and distribution", ["common development and distribution license"]),
    ("Unlicense", "unlicense", [r"unlicense\.org", "under the unlicense"]),
    ("Unlicense", "unencumbered", ["free and unencumbered software released into the public domain"]),
    ("CC0-1.0", "zero", [r"publicdomain/zero/1\.0"]),
    ("CC0-1.0", "cc0", [r"\bcc0\b"]),
    ("BSL-1.0", "boost", ["boost software license", r"boost\.org/license_1_0"]),
    ("Zlib", "held liable", ["in no event will the authors be held liable for any damages arising from the use of this"]),
    ("Zlib", "zlib", ["zlib license", "zlib/libpng"]),
    ("PSF-2.0", "psf", ["licensed to psf", r"\bpsf-2\.0"]),
    ("PSF-2.0", "python software", ["python software foundation license"]),
    ("Artistic-2.0", "artistic", [rf"artistic license(?:{_V2}| 2)"]),
    ("Artistic-1.0-Perl", "artistic", [r"artistic license(?!,? \(?(?:version )?2)"]),
    ("Artistic-1.0-Perl OR GPL-1.0-or-later", "perl itself", ["same terms as perl itself"]),
    ("NCSA", "ncsa", ["ncsa open source license"]),
    ("PostgreSQL", "postgresql", ["postgresql licen"]),
    ("WTFPL", "wtfpl", [r"\bwtfpl\b"]),
    ("WTFPL", "public license", ["do what the fuck you want to"]),
    ("blessing", "disclaims", ["the author disclaims copyright to this source code"]),
)  # fmt: skip
# The second word is quickly looked for, and every notice that the patterns find has it.
_NAMES = tuple((name, word, re.compile("|".join(patterns))) for name, word, patterns in _SAID)
_GNU = (
    ("AGPL", re.compile(r"affero general public licen|\bagpl"), ("3.0",)),
    ("LGPL", re.compile(r"(?:lesser|library) general public licen|\blgpl"), ("2.0", "2.1", "3.0")),
    ("GPL", re.compile(r"(?<!lesser )(?<!library )(?<!affero )general public licen|\bgpl"), ("1.0", "2.0", "3.0")),
)
_EXCEPTIONS = (
    ("gcc runtime library exception", " WITH GCC-exception-3.1"),
    ('"classpath" exception', " WITH Classpath-exception-2.0"),
)
_VERSION = re.compile(r"(?:version|\bv\.?|gpl-?v?) ?\(?([1-3](?:\.\d)?)")
_LATER = re.compile(r"any later version|or later|or (?:any )?newer|later version|gpl-?v?\d(?:\.\d)?\+|version [1-3]\+")
_CHOICE = re.compile(
    r"\bdual|\btri-?licen|alternatively|under either|either (?:of )?(?:the )?(?:following|mit|apache|bsd|mozilla|gnu|artistic)"
    r"|\bor (?:the )?(?:terms of the )?(?:mit|bsd|apache|gnu|gpl|lgpl|mozilla|mpl|isc|zlib)\b|at your (?:option|choice)[^)]"
)


def licence_named(notice: str) -> str | None:
    """Return the SPDX expression of the licence that a notice names; None when it names none.

    A notice has all white space as single spaces.
    """
    tags = dict.fromkeys(each for match in _TAG.finditer(notice) if (each := _expression(match[1])))
    if tags:
        return " AND ".join(tags if len(tags) == 1 else (f"({each})" if " " in each else each for each in tags))
    text = notice.lower().replace("licence", "license")
    names = list(dict.fromkeys(name for name, word, pattern in _NAMES if word in text and pattern.search(text)))
    names = [name for name in names if not _is_implied(name, names)] + _gnu(text)
    if not names and re.search(r"(?:in|into|to) the public domain", text):
        return "LicenseRef-public-domain"
    return (" OR " if _CHOICE.search(text) else " AND ").join(names) or None


def _is_implied(name: str, names: list[str]) -> bool:
    """Whether the words that a licence was known by are also in the text of another one that was found."""
    better = {
        "HPND": ["ISC"],
        "LicenseRef-BSD": ["BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause"],
        "BSD-3-Clause": ["BSD-4-Clause"],
        "BSD-2-Clause": ["BSD-3-Clause", "BSD-4-Clause"],
    }
    return any(each in names for each in better.get(name, []))


def _gnu(text: str) -> list[str]:
    """Return the licences of the GNU family; beside the lesser or Affero one, which quote it, the plain one is not meant."""
    found: list[str] = []
    for family, pattern, versions in _GNU:
        mention = pattern.search(text)
        if mention and not (family == "GPL" and found and not _CHOICE.search(text)):
            near = text[max(0, mention.start() - 60) : mention.end() + 250]
            number = next((each for match in _VERSION.finditer(near) if (each := _dotted(match[1])) in versions), None)
            later = number is None or _LATER.search(near) is not None
            exception = next((name for words, name in _EXCEPTIONS if family == "GPL" and words in text), "")
            found.append(f"{family}-{number or versions[0]}-{'or-later' if later else 'only'}{exception}")
    return found


def _dotted(number: str) -> str:
    return number if "." in number else f"{number}.0"


def _expression(written: str) -> str | None:
    """Return an SPDX expression in canonical spelling, what follows it left off; None when it begins with no licence."""
    words: list[str] = []
    for word in written.replace("(", "( ").replace(")", " )").split():
        joint = word.upper() in _JOINTS
        starts_name = not words or words[-1] in ("(", *_JOINTS)
        if word == "(" or joint or (starts_name and word != ")"):
            words.append(word.upper() if joint else _SPELLING.get(word.lower(), word))
        elif word == ")" and "(" in words:
            words.append(word)
        else:
            break
    while words and words[-1] in ("(", *_JOINTS):
        words.pop()
    first = next((word for word in words if word != "("), "")
    known = first.lower() in _SPELLING or re.search(r"[-.\d]", first)
    return (
        " ".join(words).replace("( ", "(").replace(" )", ")")
        if known and words.count("(") == words.count(")")
        else None
    )


def is_permissive(expression: str) -> bool:
    """Return whether an SPDX expression lets one choose permissive licences alone."""
    words = expression.replace("(", " ( ").replace(")", " ) ").split()
    return _any_of(words)


def _any_of(words: list[str]) -> bool:
    """Read `a OR b`, taking the words read off the front."""
    allowed = _all_of(words)
    while words and words[0] == "OR":
        words.pop(0)
        allowed = _all_of(words) or allowed
    return allowed


def _all_of(words: list[str]) -> bool:
    allowed = _one(words)
    while words and words[0] in ("AND", "WITH"):
        is_exception = words.pop(0) == "WITH"
        allowed = (_one(words) or is_exception) and allowed
    return allowed


def _one(words: list[str]) -> bool:
    word = words.pop(0) if words else ""
    if word != "(":
        return word in PERMISSIVE
    inner = _any_of(words)
    if words and words[0] == ")":
        words.pop(0)
    return inner
