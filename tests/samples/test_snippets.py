import ast
import json
from collections import Counter

import pytest

from dataflow_ops.errors import BadArgument
from dataflow_ops.llm.rehearsal.code_bank import tasks
from dataflow_ops.samples import snippets
from dataflow_ops.samples.snippets_dealt import NAMES, TRUTH
from tests.samples.dealt import rows

FAULTS = {
    "generated", "minified", "encoded", "data", "numbers", "repeated", "no_text", "long_line", "short", "syntax",
    "plain_text",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples") / "snippets"
    snippets.write(folder, seed=2)
    return folder


@pytest.fixture(scope="module")
def truth(folder):
    return {row["key"]: row for row in map(json.loads, (folder / TRUTH).read_bytes().splitlines())}


def test_every_file_has_its_truth_and_lies_in_one_of_three(folder, truth):
    found = rows(folder, NAMES)
    assert found.keys() == truth.keys()
    assert len(list(folder.iterdir())) == 4
    assert {name for _, _, name in found.values()} == set(NAMES)
    assert all(name == "files.jsonl" for key, (_, _, name) in found.items() if truth[key]["kind"] == "hostile")


def test_there_is_enough_of_everything(truth):
    kinds = Counter(row["kind"] for row in truth.values())
    assert kinds["sound"] >= 60
    assert min(kinds[kind] for kind in ("licensed", "exact_duplicate", "near_duplicate", "secret", "hostile")) >= 3
    assert len({row["language"] for row in truth.values() if row["kind"] == "sound"}) >= 12
    assert sum(row["function"] is not None for row in truth.values() if row["kind"] == "sound") >= 40
    assert {row["fault"] for row in truth.values() if row["kind"] == "broken"} == FAULTS
    assert {row["publish"] for row in truth.values()} == {"yes", "no", "either"}


def test_rows_that_are_hard_to_read_are_there(folder, truth):
    given = [code for key, (code, _, _) in rows(folder, NAMES).items() if truth[key]["kind"] == "hostile"]
    assert {type(each) for each in given} >= {str, int, bool, list, dict, type(None)}
    texts = [each for each in given if isinstance(each, str)]
    assert max(map(len, texts)) >= 200_000
    assert "" in texts
    assert any("\0" in each for each in texts)
    assert any("\r\n" in each for each in texts)


def test_the_same_seed_writes_the_same_bytes(folder, tmp_path):
    snippets.write(tmp_path / "again", seed=2)
    snippets.write(tmp_path / "other", seed=3)
    for name in ("files.jsonl", "files.csv", "files.parquet", TRUTH):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()
    assert (tmp_path / "other" / "files.jsonl").read_bytes() != (folder / "files.jsonl").read_bytes()
    with pytest.raises(BadArgument, match="expected an empty folder"):
        snippets.write(folder)


def test_copies_are_copies_and_near_ones_are_not_the_same(folder, truth):
    found = rows(folder, NAMES)
    for key, row in truth.items():
        if row["of"]:
            code, original = found[key][0], found[row["of"]][0]
            assert (code == original) == (row["kind"] == "exact_duplicate")
            assert truth[row["of"]]["kind"] == "sound"
            same = set(code.splitlines()) & set(original.splitlines())
            assert len(same) > 0.6 * len(set(original.splitlines()))


def test_sound_programs_do_what_their_task_says():
    for one in snippets.compose():
        if one.function and one.kind != "exact_duplicate":
            for test in tasks()[one.function].tests:
                names = {"__name__": "snippet"}
                exec(one.code, names)
                exec(test, names)
                for name in [name for name in names if name.startswith("test_")]:
                    names[name]()


def test_sound_programs_are_written_otherwise_than_those_of_the_rehearsal():
    known = {ast.unparse(ast.parse(program)) for task in tasks().values() for program in task.right}
    sound = [one for one in snippets.compose() if one.function and one.kind == "sound"]
    assert len({one.function for one in sound}) == len(sound)
    for one in sound:
        tree = ast.parse(one.code)
        assert ast.unparse(tree) not in known
        function = next(each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == one.function)
        assert ast.get_docstring(function)


def test_secrets_are_in_their_files_and_look_like_those_that_leak(folder, truth):
    found = rows(folder, NAMES)
    secrets = [(secret, found[key][0]) for key, row in truth.items() for secret in row["secrets"]]
    assert len(secrets) >= 8
    assert all(secret in code and len(secret) >= 20 for secret, code in secrets)
    begins = {secret[:4] for secret, _ in secrets}
    assert {"AK" + "IA", "gh" + "p_", "xo" + "xb", "ey" + "Jh"} <= begins
    assert sum("-----BEGIN " + "RSA" in code for code in {code for _, code in secrets}) == 1


def test_headers_name_their_licences(truth):
    licensed = [one for one in snippets.compose() if one.kind == "licensed"]
    assert {one.licence for one in licensed} == set(snippets.HEADERS)
    assert all(one.code.startswith(snippets.HEADERS[one.licence]) for one in licensed)
