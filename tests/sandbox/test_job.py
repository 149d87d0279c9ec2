import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.sandbox.job import Job


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "a/../x", "a//x", "a/", ".", "..", "", "./x", "x" * 256, "a/" * 600 + "x", "a\0b", "\ud800"],
)
def test_a_name_that_leads_elsewhere_is_refused(name):
    with pytest.raises(BadArgument):
        Job(["true"], {name: b""})


@pytest.mark.parametrize("name", ["x", "a b.py", "pkg/mod.py", "é.txt", "-x", "...", "$x`\n"])
def test_plain_names_are_taken(name):
    assert Job(["true"], {name: b"12"}).size == 2


def test_a_file_cannot_be_a_folder_too():
    with pytest.raises(BadArgument, match="'a/b': is a folder"):
        Job(["true"], {"a/b": b"", "a/b/c": b""})


def test_too_many_files_are_refused():
    with pytest.raises(BadArgument, match="at most 200 expected, found 201"):
        Job(["true"], {str(number): b"" for number in range(201)})


@pytest.mark.parametrize("content", ["text", None, 1, bytearray(b"x")])
def test_files_and_input_are_bytes(content):
    with pytest.raises(BadArgument, match="expected bytes"):
        Job(["true"], {"x": content})
    with pytest.raises(BadArgument, match="expected bytes"):
        Job(["true"], {}, content)


@pytest.mark.parametrize("program", ["true", b"true", [], ["a\0b"], [1], ["x" * 131_072], ["x" * 100_000] * 11])
def test_a_program_that_cannot_be_one_is_refused(program):
    with pytest.raises(BadArgument):
        Job(program)
