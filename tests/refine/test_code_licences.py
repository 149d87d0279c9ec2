from textwrap import wrap

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import describe
from dataflow_ops.refine.code import strip_licence

FREELY = "and/or distribute this software for any purpose with or without fee is hereby granted"
MIT = [
    "Copyright (c) 2020 Jane Doe", "", "Permission is hereby granted, free of charge, to any person obtaining a copy",
    "of this software, to deal in the Software without restriction.", "",
    "The above copyright notice and this permission notice shall be included in all copies.", "",
    'THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.',
]  # fmt: skip
GPL = [
    "This program is free software: you can redistribute it and/or modify", "it under the terms of the GNU General Public License as published by",
    "the Free Software Foundation, either version 3 of the License, or", "(at your option) any later version.", "",
    "This program is distributed in the hope that it will be useful,", "but WITHOUT ANY WARRANTY.", "",
    "You should have received a copy of the GNU General Public License",
]  # fmt: skip


def commented(words, mark="# "):
    return "".join(f"{mark}{each}".rstrip() + "\n" for each in words)


def block(words, opening="/*", mark=" * ", closing=" */"):
    return f"{opening}\n{commented(words, mark)}{closing}\n"


def stripped(value, **params):
    result = strip_licence(pa.table({"code": pa.array([value], pa.string())}), **params)
    return result["code"][0].as_py(), result["licence"][0].as_py()


@pytest.mark.parametrize(
    ("before", "after", "licence"),
    [
        (commented(MIT) + "\nimport os\n", "import os\n", "MIT"),
        (block(MIT) + "\nint x;\n", "int x;\n", "MIT"),
        (block(MIT, "/**", " * ", " **/") + "int x;\n", "int x;\n", "MIT"),
        (block(GPL, '"""', "", '"""') + "x = 1\n", "x = 1\n", "GPL-3.0-or-later"),
        (block(GPL, "<!--", "  ", "-->") + "<html></html>", "<html></html>", "GPL-3.0-or-later"),
        (block(GPL, "{-", "", "-}") + "main = 1", "main = 1", "GPL-3.0-or-later"),
        (commented(MIT, "// ") + "package x\n", "package x\n", "MIT"),
        (commented(MIT, "-- ") + "SELECT 1;\n", "SELECT 1;\n", "MIT"),
        (commented(MIT, ";;; ") + "(defun x ())\n", "(defun x ())\n", "MIT"),
        (commented(MIT, "% ") + "x(1).\n", "x(1).\n", "MIT"),
        (commented(MIT, "dnl ") + "AC_INIT\n", "AC_INIT\n", "MIT"),
        (commented(MIT, "' ") + "Dim x\n", "Dim x\n", "MIT"),
        ("#!/bin/sh\n" + commented(MIT) + "\necho a\n", "#!/bin/sh\n\necho a\n", "MIT"),
        ("# -*- coding: utf-8 -*-\n" + commented(MIT) + "x = 1\n", "# -*- coding: utf-8 -*-\nx = 1\n", "MIT"),
        ("<?php\n" + block(MIT) + "echo 1;\n", "<?php\necho 1;\n", "MIT"),
        ("#ifndef A_H\n#define A_H\n/* Copyright 2020 X */\nint x;\n", "#ifndef A_H\n#define A_H\nint x;\n", "unknown"),
        ("// SPDX-License-Identifier: MIT\n#include <x>\n", "#include <x>\n", "MIT"),
        ("/* Copyright 2019 A */ int x;\n", "int x;\n", "unknown"),
        ("\ufeff// Copyright 2019 A\r\n\r\nint x;\r\n", "int x;\r\n", "unknown"),
        ("// Copyright 2019 A", "", "unknown"),
    ],
)  # fmt: skip
def test_a_notice_goes_whatever_its_marks(before, after, licence):
    assert stripped(before) == (after, licence)
    assert stripped(after) == (after, None)
    assert stripped(before, strip=False) == (before, licence)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# Adds numbers.\n#\n# Copyright (c) 2020 X\n\nx = 1\n", "# Adds numbers.\n\nx = 1\n"),
        ("# Copyright (c) 2020 X\n#\n# Adds numbers.\nx = 1\n", "# Adds numbers.\nx = 1\n"),
        ("# Adds numbers.\n# Copyright (c) 2020 X\n# By hand.\nx = 1\n", "# Adds numbers.\n# By hand.\nx = 1\n"),
        ("# Adds.\n# Copyright 2020 X,\n#   2021 Y\n# By hand.\nx = 1\n", "# Adds.\n# By hand.\nx = 1\n"),
        ("# One.\n#\n# Copyright 2020 X\n#\n# Two.\nx\n", "# One.\n#\n# Two.\nx\n"),
        ("#####\n# Copyright 2020 X\n#####\n# Two.\nx\n", "# Two.\nx\n"),
        ('"""Adds numbers.\n\n:copyright: Copyright 2006 by X.\n:license: BSD.\n"""\nx = 1\n', '"""Adds numbers.\n"""\nx = 1\n'),
        ('"""Copyright 2006 X\n\nAdds numbers.\n"""\nx = 1\n', '"""\nAdds numbers.\n"""\nx = 1\n'),
        ("/* Copyright 2006 X\n *\n * Adds numbers. */\nx\n", "/*\n * Adds numbers. */\nx\n"),
        ("/*\n * Adds numbers.\n *\n * Copyright 2006 X */\nx\n", "/*\n * Adds numbers.\n */\nx\n"),
        ("# Copyright 2020 X\n# pylint: disable=all\nx\n", "# pylint: disable=all\nx\n"),
        ("// Copyright 2020 X\n\n// Package a adds.\npackage a\n", "// Package a adds.\npackage a\n"),
        ('"""Adds."""\n\n# Copyright 2020 X\n\nx\n', '"""Adds."""\n\nx\n'),
    ],
)  # fmt: skip
def test_what_a_comment_says_besides_stays(before, after):
    assert stripped(before)[0] == after


@pytest.mark.parametrize(
    "text",
    [
        "# Adds numbers.\nx = 1\n",
        '"""Checks copyright headers of files as is."""\nx = 1\n',
        "# (c) Then the sum is shown.\nx = 1\n",
        "x = 1\n# Copyright 2020 X\n",
        'LICENSE = "MIT"\n# Copyright 2020 X\n',
        "#include <licence.h>\nint x; /* Copyright 2020 X */\n",
        "#[derive(Copyright2020)]\nstruct X;\n",
        "'Copyright 2020 X';\n",
        "/* Copyright 2020 X without an end\nint x;\n",
        "The MIT License (MIT)\n\nCopyright (c) 2020 X\n",
        "",
        "\n\n",
        "# License\n\nSee the file.\n",
    ],
)
def test_code_and_other_comments_stay(text):
    assert stripped(text) == (text, None)


@pytest.mark.parametrize(
    ("notice", "licence", "permissive"),
    [
        ("Licensed under the Apache License, Version 2.0 (the License)", "Apache-2.0", True),
        ("Licensed under the Apache License, Version 2.0 <LICENSE-APACHE> or the MIT license <LICENSE-MIT>, at your option.",
         "Apache-2.0 OR MIT", True),
        ("Dual licensed under the MIT and GPL version 2 licenses.", "MIT OR GPL-2.0-only", True),
        ("Redistribution and use in source and binary forms are permitted. Neither the name of X", "BSD-3-Clause", True),
        ("Redistribution and use in source and binary forms are permitted.", "BSD-2-Clause", True),
        ("Use of this source code is governed by a BSD-style license that can be found in LICENSE.", "LicenseRef-BSD", True),
        ("under the terms of the GNU Lesser General Public License version 2.1 as published by", "LGPL-2.1-only", False),
        ("the GNU Lesser General Public License, either version 3, or any later version. See the GNU General Public License",
         "LGPL-3.0-or-later", False),
        ("under the terms of version 2 of the GNU General Public License as published by", "GPL-2.0-only", False),
        ("free software under the GNU General Public License version 2 only, subject to the \"Classpath\" exception",
         "GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("You may distribute it under the terms of either the GNU General Public License or the Artistic License.",
         "Artistic-1.0-Perl OR GPL-1.0-or-later", False),
        ("under the terms of the GNU General Public License", "GPL-1.0-or-later", False),
        ("GNU Affero General Public License version 3", "AGPL-3.0-only", False),
        ("subject to the terms of the Mozilla Public License, v. 2.0.", "MPL-2.0", False),
        ("made available under the terms of the Eclipse Public License v1.0", "EPL-1.0", False),
        (f"Permission to use, copy, modify, {FREELY}, provided that the above copyright notice", "ISC", True),
        (f"Permission to use, copy, modify, {FREELY}.", "0BSD", True),
        ("This is free and unencumbered software released into the public domain.", "Unlicense", True),
        ("This file is in the public domain.", "LicenseRef-public-domain", True),
        ("Distributed under the Boost Software License, Version 1.0.", "BSL-1.0", True),
        ("Copyright Example Corp. Proprietary and confidential.", "unknown", False),
        ("SPDX-License-Identifier: apache-2.0 WITH LLVM-exception", "Apache-2.0 WITH LLVM-exception", True),
        ("SPDX-License-Identifier: (GPL-2.0+ OR BSD-3-Clause)", "(GPL-2.0-or-later OR BSD-3-Clause)", True),
        ("SPDX-License-Identifier: MIT AND (GPL-2.0 OR MPL-2.0)", "MIT AND (GPL-2.0-only OR MPL-2.0)", False),
        ("Copyright 2020 X. SPDX-License-Identifier: MIT is the tag", "MIT", True),
    ],
)  # fmt: skip
def test_licences_are_named_as_spdx_does(notice, licence, permissive):
    for text in (commented([notice]), block(wrap(notice, 60, break_on_hyphens=False))):
        result = strip_licence(pa.table({"code": [text + "x\n"]}))
        assert result.to_pylist() == [{"code": "x\n", "licence": licence, "permissive": permissive}]


def test_rows_nulls_types_and_chunks_stay():
    text = "// Copyright 2020 X\nx\n"
    codes = pa.chunked_array([pa.array(["skip", None, text], pa.large_string()).slice(1), ["", "x = 1"]])
    table = pa.table({"id": ["a", "b", "c", "d"], "code": codes})
    result = strip_licence(table)
    assert result["code"].to_pylist() == [None, "x\n", "", "x = 1"]
    assert result["code"].type == pa.large_string()
    assert result["licence"].to_pylist() == [None, "unknown", None, None]
    assert result["permissive"].to_pylist() == [None, False, None, None]
    assert strip_licence(table, permissive=None).column_names == ["id", "code", "licence"]
    assert strip_licence(table.slice(0, 0))["licence"].type == pa.string()
    assert strip_licence(pa.table({"code": pa.nulls(2)}))["permissive"].to_pylist() == [None, None]
    assert describe(strip_licence).writes == ("code", "licence", "permissive")
    with pytest.raises(BadArgument, match="no column 'cod'"):
        strip_licence(table, code="cod")


PIECES = [
    "Copyright 2020 X", "SPDX-License-Identifier: MIT", "Licensed under the MIT license", "words", "/*", "*/", "<!--", "-->",
    '"""', "#", "//", "--", "\n", "\n", "\n", " ", "(", "OR", "x = 1", "{-", "-}", "\ufeff", "\r\n", "© 谢", "# -*- coding: x",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_lines_only_go_and_files_without_a_notice_stay(value):
    code, licence = stripped(value)
    assert len(code) <= len(value)
    assert licence is not None or code == value
    assert stripped(value, strip=False) == (value, licence)


@pytest.mark.parametrize(
    "unit",
    ["/*", "# Copyright 2020 X\n", "/* Copyright 2020 X */\n", "(", "# SPDX-License-Identifier: (\n", "// licence " + "x " * 200,
     "#\n", '"""', "Copyright ", "# redistribution and use in source and binary forms\n", "# under the a b c d\n", "\n", "# (c) "],
)  # fmt: skip
def test_hostile_text_takes_linear_time(unit):
    text = "# Copyright 2020 X\n" + unit * (1_000_000 // len(unit))
    assert len(stripped(text)[0]) < len(text)
