import pyarrow as pa
import pytest

from dataflow_ops.grammars import GRAMMARS, LANGUAGES
from dataflow_ops.score import code as subject


def parsed(*files: tuple[str | None, str | None], **settings) -> list[dict]:
    codes, languages = zip(*files, strict=True)
    table = pa.table({
        "id": [str(row) for row in range(len(files))],
        "code": pa.array(codes, pa.string()),
        "language": pa.array(languages, pa.string()),
    })  # fmt: skip
    told = subject.parses(table, **settings)
    assert told.column_names[3:] == ["parses", "parse_error", "unread_ratio"]
    return told.drop_columns(["id", "code", "language"]).to_pylist()


SOUND = {
    "Bash": 'if [ -f "$1" ]; then\n  echo yes\nfi\n',
    "C": "#include <stdio.h>\nint main(void) { return 0; }\n",
    "C#": "class A { int F(int x) => x + 1; }\n",
    "C++": "template <typename T> T twice(T x) { return x + x; }\n",
    "CSS": "p > a { color: red; }\n",
    "Go": "package main\n\nfunc main() { x := 1; _ = x }\n",
    "HTML": "<!DOCTYPE html><html><body><p>a<br></p></body></html>\n",
    "JSON": '{"a": [1, 2.5, null, "b"]}\n',
    "Java": "class A { int f(int x) { return x + 1; } }\n",
    "JavaScript": "const f = async (x) => { await x?.y; };\n",
    "Julia": "function f(x)\n    return x + 1\nend\n",
    "Kotlin": "fun f(x: Int): Int = x + 1\n",
    "Lua": "local function f(x) return x + 1 end\n",
    "PHP": "<?php function f(int $x): int { return $x + 1; }\n",
    "Python": "def f(x: int) -> int:\n    return x + 1\n",
    "Ruby": "def f(x)\n  x + 1\nend\n",
    "Rust": "fn f(x: i32) -> i32 { x + 1 }\n",
    "Scala": "object A { def f(x: Int): Int = x + 1 }\n",
    "Swift": "func f(x: Int) -> Int { return x + 1 }\n",
    "TOML": '[a]\nb = "c"\n',
    "TypeScript": "function f(x: number): number { return <number>x + 1; }\n",
    "YAML": "a:\n  - b: 1\n  - c\n",
}
BROKEN = {
    "Bash": "if [ -f x ]; then\n  echo yes\n",
    "C": "int main(void) { return 0;\n} } } ) ) ] = = int int\n",
    "CSS": "p { color: red; } } } @ {{{ ;;; ]]\n",
    "HTML": "<p <p <p < < <a <b <c\n",
    "JSON": '{"a": [1, 2.5, }\n',
    "PHP": "<?php function f( { ] = \n",
    "TOML": "[a\nb = = c\n",
    "YAML": "a: [1, 2\nb: }\n",
}


def test_every_grammar_has_an_example():
    assert set(SOUND) == LANGUAGES == {*GRAMMARS, "Python"}


def test_sound_files_parse():
    found = parsed(*((code, language) for language, code in SOUND.items()))
    wrong = {language: told for language, told in zip(SOUND, found, strict=True) if told["unread_ratio"] != 0}
    assert wrong == {}
    assert {told["parses"] for told in found} == {True}
    assert {told["parse_error"] for told in found} == {None}


def test_broken_files_do_not():
    files = {
        language: BROKEN.get(language, "it is ( not ] code, we } said = \n" + code) for language, code in SOUND.items()
    }
    found = parsed(*((code, language) for language, code in files.items()))
    read = {language: told for language, told in zip(files, found, strict=True) if told["parses"]}
    assert read == {}
    assert all(
        told["parse_error"].startswith(f"not valid {language}: line ") and told["unread_ratio"] > 0
        for language, told in zip(files, found, strict=True)
    )


EXAMPLES = [
    (None, "Python", None, None),
    ("x", None, None, None),
    ("x", "COBOL", None, None),
    ("", "Python", True, None),
    ("", "Rust", True, None),
    ("\ufeffx = 1", "Python", True, None),
    ("# -*- coding: latin-1 -*-\nx = 'é'", "Python", True, None),
    ("a = '\\d'\nx is 1\n", "Python", True, None),
    ("a: int = 1\n\nx = = 2", "Python", False, "not valid Python: line 3, column 5: invalid syntax"),
    ("int f() { return 1; }}", "Java", False, "not valid Java: line 1, column 22: not understood"),
    ("const a = <div>x</div>;\n", "TypeScript", True, None),
    ("const a = <div>x</div>;\n", "JavaScript", True, None),
    ('{"a": 1}\n{"a": 2}\n', "JSON", True, None),
    ('{"a": 1', "JSON", False, "not valid JSON: line 1, column 8: missing '}'"),
]


def test_examples():
    told = parsed(*((code, language) for code, language, *_ in EXAMPLES))
    assert [(each["parses"], each["parse_error"]) for each in told] == [(read, why) for *_, read, why in EXAMPLES]
    shares = [each["unread_ratio"] for each in told]
    assert shares == [None] * 3 + [0] * 5 + [1, pytest.approx(1 / 22), 0, 0, 0, pytest.approx(1 / 7)]


MACROS = (
    "EXPORT_BEGIN(geo)\n#define X 1\nint f(int x) { return x; }\n"
    + "int g(int x) { return x + 1; }\n" * 20
    + "BUILD x y z 1;;\n"
)


def test_how_much_may_be_unreadable_is_a_setting():
    told = parsed((MACROS, "C"), (MACROS, "Java"))
    assert [each["parses"] for each in told] == [True, False]
    assert 0 < told[0]["unread_ratio"] < 0.1
    assert told[0]["parse_error"] is None
    assert told[1]["parse_error"].startswith("not valid Java: line 1, column ")
    assert not parsed((MACROS, "C"), tolerance={})[0]["parses"]
    assert parsed((MACROS, "C"), tolerance={}, most_unread=0.5)[0]["parses"]
    assert not parsed((MACROS, "C"), tolerance={"C": 0.0}, most_unread=0.5)[0]["parses"]


HOSTILE = ["(" * 100_000, "[" * 100_000, "-" * 100_000, "1" + "+1" * 100_000, "\0" * 1000, "<a>" * 20_000, "if x:\n" * 10_000,
           "é中😀" * 10_000, "a: " * 20_000, "f'{" * 1000]  # fmt: skip


@pytest.mark.parametrize("language", ["Python", "C++", "JSON", "YAML", "HTML"])
def test_hostile_files_have_a_verdict(language):
    told = parsed(*((code, language) for code in HOSTILE), ("x", "Python"), seconds=3.0)
    assert None not in [each["parses"] for each in told]
    assert all((each["parse_error"] is None) == each["parses"] for each in told)
    assert told[-1]["parses"] is True


def test_a_file_that_takes_too_long_or_too_much_is_given_up_and_the_next_is_read():
    big = "a,\n" * 3_000_000
    told = parsed((SOUND["Go"], "Go"), (big, "Python"), (SOUND["Go"], "Go"), seconds=0.5)
    assert [each["parses"] for each in told] == [True, False, True]
    assert told[1]["parse_error"] == "not parsed within 0.5 s: it takes too long"
    assert told[1]["unread_ratio"] == 1


def test_nothing_of_the_environment_reaches_the_parser(monkeypatch, tmp_path):
    (tmp_path / "ast.py").write_text("raise SystemExit('hijacked')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert parsed(("x = 1", "Python"))[0]["parses"]


def test_an_empty_table_keeps_its_types():
    empty = pa.table(
        {"id": pa.array([], pa.string()), "code": pa.array([], pa.string()), "language": pa.array([], pa.string())}
    )
    assert [str(field.type) for field in subject.parses(empty).schema] == [
        "string",
        "string",
        "string",
        "bool",
        "string",
        "double",
    ]
