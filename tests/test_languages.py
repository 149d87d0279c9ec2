import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops._language_evidence import INTERPRETERS, MODES
from dataflow_ops.languages import AMBIGUOUS, BY_FILE, BY_SUFFIX, by_name, is_documentation, language_of


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/app/main.py", "Python"), ("MAIN.PY", "Python"), (r"C:\code\Program.cs", "C#"), ("a/b.c/x.tar.rs", "Rust"),
        ("x.cpp", "C++"), ("x.hpp", "C++"), ("x.c", "C"), ("x.tsx", "TypeScript"), ("x.jsx", "JavaScript"),
        ("x.yml", "YAML"), ("x.scala", "Scala"), ("x.kt", "Kotlin"), ("x.jl", "Julia"), ("x.wat", "WebAssembly"),
        ("Makefile", "Makefile"), ("Makefile.am", "Makefile"), ("rules.mk", "Makefile"), ("CMakeLists.txt", "CMake"),
        ("Dockerfile", "Dockerfile"), ("dockerfile.dev", "Dockerfile"), ("Jenkinsfile", "Groovy"), ("Gemfile", "Ruby"),
        ("requirements.txt", "Text"), ("notes.txt", "Text"), ("README", "Text"), ("README.md", "Markdown"), ("Cargo.lock", "TOML"),
        ("go.mod", "Go"), (".bashrc", "Bash"), ("data.csv", "CSV"), ("query.sql", "SQL"),
        ("x.unknown", None), (".py", None), ("py", None), ("d", None), ("", None), ("/", None), ("a.py/", None), ("x.", None),
    ],
)  # fmt: skip
def test_names(path, expected):
    assert language_of(path, "") == (expected, "name" if expected else None)


C_HEADER = "#ifndef X_H\n#define X_H\nstruct point { int x; };\nint area(struct point *p);\n#endif\n"
CPP_HEADER = "#pragma once\n#include <vector>\nnamespace geo {\nclass Point {\npublic:\n  int x;\n};\n}\n"
OBJC_HEADER = "#import <Foundation/Foundation.h>\n@interface Point : NSObject\n- (int)area;\n@end\n"
MATLAB = (
    "% mean of rows\nfunction m = rowmean(a)\n  m = zeros(1, 3);\n  for i = 1:3\n    m(i) = a(i) ./ 2;\n  end;\nend\n"
)
PROLOG = ":- module(family, [parent/2]).\nparent(ann, bob).\ngrand(X, Y) :-\n  parent(X, Z), parent(Z, Y).\n"
QT = '<?xml version="1.0"?>\n<!DOCTYPE TS>\n<TS version="2.1" language="de_DE">\n</TS>\n'
VERILOG = "module counter(\n  input wire clk,\n  output reg [3:0] q\n);\nalways @(posedge clk) q <= q + 1;\nendmodule\n"
COQ = "Require Import Arith.\nTheorem plus_0 : forall n, n + 0 = n.\nProof.\n  auto.\nQed.\n"


@pytest.mark.parametrize(
    ("path", "code", "expected"),
    [
        ("x.h", C_HEADER, ("C", "name")),
        ("x.h", CPP_HEADER, ("C++", "content")),
        ("x.h", OBJC_HEADER, ("Objective-C", "content")),
        ("x.h", "int x;\n", ("C", "name")),
        ("x.m", MATLAB, ("MATLAB", "content")),
        ("x.m", OBJC_HEADER.replace("interface", "implementation"), ("Objective-C", "content")),
        ("x.pl", "use strict;\nmy $x = 1;\n", ("Perl", "content")),
        ("x.pl", PROLOG, ("Prolog", "content")),
        ("x.pl", "#!/usr/bin/env swipl\n" + PROLOG, ("Prolog", "content")),
        ("x.pl", "#!/usr/bin/perl -w\nprint 1;\n", ("Perl", "shebang")),
        ("de.ts", QT, ("XML", "content")),
        ("a.ts", "let x = 1;\n", ("TypeScript", "name")),
        ("x.v", VERILOG, ("Verilog", "content")),
        ("x.v", COQ, ("Coq", "content")),
        ("x.inc", "<?php\n$x = 1;\n", ("PHP", "content")),
        ("x.inc", "some words", (None, None)),
        ("printf.3", ".TH PRINTF 3\n.SH NAME\nprintf\n", ("Roff", "content")),
        ("notes.3", "third draft", (None, None)),
    ],
)
def test_endings_of_several_languages_are_settled_by_the_content(path, code, expected):
    assert language_of(path, code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("#!/bin/sh\necho hi\n", ("Bash", "shebang")),
        ("#! /usr/bin/env python3.11\nprint(1)\n", ("Python", "shebang")),
        ("#!/usr/bin/env -S node --no-warnings\nx()\n", ("JavaScript", "shebang")),
        ("#!/usr/bin/env LANG=C ruby\nputs 1\n", ("Ruby", "shebang")),
        ("#!/opt/unheard-of\nx\n", (None, None)),
        ("#!", (None, None)),
        ("# -*- mode: python; coding: utf-8 -*-\nx\n", ("Python", "content")),
        ("/* -*- C++ -*- */\nx\n", ("C++", "content")),
        ("x = 1\n" * 100 + "# vim: set ts=4 ft=ruby :\n", ("Ruby", "content")),
        ("<?php\necho 1;\n", ("PHP", "content")),
        ("\ufeff\n <!DOCTYPE html>\n<p>x</p>", ("HTML", "content")),
        ('<?xml version="1.0"?><a/>', ("XML", "content")),
        ('{\n  "name": "x"\n}', ("JSON", "content")),
        ('[{"a": 1}]', ("JSON", "content")),
        ("FROM python:3.11\nRUN pip install x\n", ("Dockerfile", "content")),
        ("import os\n\n\ndef f(x):\n    return os.path.join(x)\n", ("Python", "content")),
        ("package main\n\nimport \"fmt\"\n\nfunc main() {\n\tx := 1\n\tfmt.Println(x)\n}\n", ("Go", "content")),
        ("use std::io;\n\nfn main() {\n    let mut x = 1;\n    println!(\"{}\", x);\n}\n", ("Rust", "content")),
        ("package a.b;\n\nimport java.util.List;\n\npublic class X {\n}\n", ("Java", "content")),
        ("#include <stdio.h>\n\nint main(void) {\n    printf(\"x\");\n}\n", ("C", "content")),
        (CPP_HEADER, ("C++", "content")),
        ("CREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\n", ("SQL", "content")),
        ("The module is ready. Proof of it: we import from the package and select what we need.\n", (None, None)),
        ("Dear all,\n\nthe class of 1999 meets in the usual place.\n", (None, None)),
        ("x = 1\n", (None, None)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)  # fmt: skip
def test_content_tells_the_language_or_nothing_does(code, expected):
    assert language_of(None, code) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README", True), ("docs/readme.txt", True), ("Notes.de.txt", True), ("TODO.txt", True), ("CMakeLists.txt", True),
        ("dev-requirements.txt", True), ("requirements/base.txt", False), ("read.me", True), ("description.txt", True),
        ("words.txt", False), ("myreadme.txt", False), ("", False), (None, False),
    ],
)  # fmt: skip
def test_names_of_plain_texts_about_code(path, expected):
    assert is_documentation(path) == expected


def test_tables_agree():
    assert len(set(BY_SUFFIX.values()) | set(BY_FILE.values())) >= 60
    assert all(name == name.lower() for name in (*BY_SUFFIX, *BY_FILE, *AMBIGUOUS, *INTERPRETERS, *MODES))
    known = set(BY_SUFFIX.values()) | {language for several in AMBIGUOUS.values() for language in several}
    assert set(INTERPRETERS.values()) <= known
    assert set(MODES.values()) <= known


@given(st.text(max_size=60))
def test_any_name_is_taken(path):
    assert by_name(path.lower()) is None or by_name(path.lower()) in {*BY_SUFFIX.values(), *BY_FILE.values()}
    language_of(path, path)


@pytest.mark.timeout(20)  # an expression that looks for a match again and again would take hours
@pytest.mark.parametrize(
    "piece",
    [
        "\n",
        " ",
        "\t",
        "(",
        "# x\n",
        "a" * 50 + " ",
        "-*-",
        '{"',
        "def f(",
        "<",
        '.\\"\n',
        "a, ",
        "::",
        "[ {",
        "FROM a\n",
    ],
)
def test_no_content_holds_it_up(piece):
    text = piece * (2_000_000 // len(piece))
    assert language_of(None, text)[1] in (None, "content")
    assert language_of("x.inc", "#!/" + text)[1] in (None, "shebang", "content")
