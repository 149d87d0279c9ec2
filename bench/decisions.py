"""Where our verdicts differ from those of DataFlow's filters, rule by rule: `python -m bench.decisions [--show N]`.

Every rule of both sees every document, whatever the other rules say.
"""

import argparse
import subprocess
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.compare import environment
from bench.corpus import CORPUS, DATA
from bench.ours import LIKE_DATAFLOW, read
from bench.peers.setup import ENVIRONMENTS
from bench.report import table
from dataflow_ops.score.rules import failed
from dataflow_ops.score.text import measures

FOLDER = DATA / "decisions"
RULES = {
    "ColonEndFilter": "colon_end",
    "SentenceNumberFilter": "sentences",
    "LineEndWithEllipsisFilter": "ellipsis_line_ratio",
    "ContentNullFilter": "characters",
    "SymbolWordRatioFilter": "symbol_word_ratio",
    "AlphaWordsFilter": "alphabetic_word_ratio",
    "HtmlEntityFilter": "html_entities",
    "IDCardFilter": "id_terms",
    "NoPuncFilter": "longest_unpunctuated_run",
    "SpecialCharacterFilter": "special_characters",
    "WatermarkFilter": "watermark_words",
    "MeanWordLengthFilter": "mean_word_length",
    "CurlyBracketFilter": "brace_ratio",
    "CapitalWordsFilter": "capital_word_ratio",
    "LoremIpsumFilter": "lorem_ipsum_ratio",
    "UniqueWordsFilter": "unique_word_ratio",
    "CharNumberFilter": "characters",
    "LineStartWithBulletpointFilter": "bullet_line_ratio",
    "LineWithJavascriptFilter": "lines_without_javascript",
    "BlocklistFilter": "blocklist_hits",
    "WordNumberFilter": "words",
}
"""Filter of DataFlow -> our rule. ContentNull is contained in our bound of characters, which CharNumber is compared with."""

CAUSES = {
    "AlphaWordsFilter": "letters of other alphabets count with us",
    "HtmlEntityFilter": "a name goes on after the entity: `&quote()`, `&lt9211`",
    "IDCardFilter": "inside other words: `magic number`, `did not`, `identity_provider`",
    "SpecialCharacterFilter": "U+200E itself; DataFlow looks for the letters u200e",
    "BlocklistFilter": "another list of words; ours has terms of several words too",
}
"""What differs, where it is not that one sees a text of blanks or a script without blanks."""


def causes(judged: pa.Table, name: str, rows: np.ndarray) -> str:
    """Return why verdicts on `rows` differ, with the number of rows each."""
    blank = (judged["characters"].to_numpy() == 0) & rows
    unspaced = (judged["unspaced_word_ratio"].fill_null(0).to_numpy() > 0) & rows
    if name in CAUSES:
        unspaced &= False
    counts = {
        "no text but blanks: other rules drop it": blank,
        "script without blanks: DataFlow takes a sentence for a word": unspaced,
        CAUSES.get(name, "unexplained"): rows & ~blank & ~unspaced,
    }
    return "; ".join(f"{cause} ({hit.sum()})" for cause, hit in counts.items() if hit.any())


def theirs() -> pa.Table:
    """Return DataFlow's verdicts, true where a rule keeps the document; they are computed once."""
    path = FOLDER / "dataflow.parquet"
    if not path.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        script = Path(__file__).parent / "peers" / "verdicts_dataflow.py"
        source = CORPUS / "jsonl" / "1" / "part-00000.jsonl"
        subprocess.run([ENVIRONMENTS / "dataflow/bin/python", script, source, path], env=environment(), check=True)
    return pq.ParquetFile(path).read()


def ours() -> pa.Table:
    """Return all documents with our measures and broken rules."""
    judged = measures(read(CORPUS / "parquet" / "1" / "part-00000.parquet"), groups=("quality",))
    return failed(judged, preset="pretrain", thresholds=LIKE_DATAFLOW)


def breaks(judged: pa.Table, rule: str) -> np.ndarray:
    """Return which documents break one of our rules."""
    lists = judged["failed_rules"].combine_chunks()
    hit = pc.equal(lists.flatten(), rule).to_numpy(zero_copy_only=False)
    rows = lists.value_parent_indices().to_numpy()
    broken = np.zeros(len(judged), bool)
    broken[rows[hit]] = True
    return broken


def main() -> None:
    """Print per rule how many documents both drop, and how many only one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="documents of each kind to show")
    asked = parser.parse_args()
    judged, verdicts = ours(), theirs()
    if judged["id"].to_pylist() != verdicts["id"].to_pylist():
        raise SystemExit("the verdicts are of another corpus: delete bench/data/decisions")
    rows, they_drop = [], np.zeros(len(judged), bool)
    for name, rule in RULES.items():
        there = ~verdicts[name].to_numpy().astype(bool)
        here = there & breaks(judged, rule) if name == "ContentNullFilter" else breaks(judged, rule)
        they_drop |= there
        kinds = {"both": there & here, "only DataFlow": there & ~here, "only ours": here & ~there}
        why = causes(judged, name, there != here)
        rows.append([name, *(str(kind.sum()) for kind in kinds.values()), why])
        for kind in ("only DataFlow", "only ours"):
            for number in np.flatnonzero(kinds[kind])[: asked.show].tolist():
                value = judged[rule][number].as_py()
                print(
                    f"\n## {name}, {kind}: {judged['id'][number]}, {rule}={value!r}\n{judged['text'][number].as_py()[:600]!r}"
                )
    we_drop = pc.list_value_length(judged["failed_rules"]).to_numpy() > 0
    total = [they_drop & we_drop, they_drop & ~we_drop, we_drop & ~they_drop]
    rows.append(["any rule", *(str(kind.sum()) for kind in total), ""])
    print(table(["filter", "both drop", "only DataFlow drops", "only ours drops", "cause"], rows))


if __name__ == "__main__":
    main()
