"""How hard a text is to read, and how varied its words are."""

import numpy as np
import pyarrow as pa

from dataflow_ops.columns import put, strings
from dataflow_ops.op import Reads, Writes


def readability(table: pa.Table, *, text: Reads = "text", prefix: str = "") -> pa.Table:
    """Measure how hard English `text` is to read: syllables, and the grades that follow from them.

    A word is a run of letters, digits and apostrophes with a letter in it. A sentence ends with a mark such as . ! ?
    that no letter or digit follows, or with an empty line. Syllables are groups of vowels, without a silent last e, at
    least one a word. Counts are int32, formulas float64: null where there is no word. A null text has null measures.

    ============================  ====================================================================================
    prose_words, prose_sentences  words and sentences, counted as above
    letters, syllables            of all words
    monosyllables, polysyllables  words of one, of three or more syllables
    difficult_words               words of three or more syllables without -es, -ed, -ing, names aside (Gunning 1952)
    flesch_reading_ease           206.835 - 1.015 words/sentence - 84.6 syllables/word (Flesch 1948); 100 is easy
    flesch_kincaid_grade          0.39 words/sentence + 11.8 syllables/word - 15.59 (Kincaid et al. 1975)
    automated_readability_index   4.71 characters/word + 0.5 words/sentence - 21.43 (Smith and Senter 1967)
    coleman_liau_index            5.88 letters/word - 29.6 sentences/word - 15.8 (Coleman and Liau 1975)
    smog_index                    1.043 sqrt(30 polysyllables/sentence) + 3.1291 (McLaughlin 1969)
    gunning_fog_index             0.4 (words/sentence + 100 difficult words/word) (Gunning 1952)
    reading_grade                 median of the last five: years of school
    ============================  ====================================================================================

    `prefix` goes before every column name. Raises BadArgument when `text` is not a string column.
    """
    from dataflow_ops.score._text_kernel_batches import each_text  # noqa: PLC0415 - numba takes half a second
    from dataflow_ops.score._text_kernel_readability import COUNTS, LONGEST, count, sounds  # noqa: PLC0415
    from dataflow_ops.score._text_kernel_unicode import flags  # noqa: PLC0415

    word, parts, known = np.zeros(LONGEST, np.uint8), [np.zeros((0, len(COUNTS)), np.int64)], [np.zeros(0, bool)]
    for data, bounds, valid in each_text(strings(table, text)):
        parts.append(np.zeros((len(valid), len(COUNTS)), np.int64))
        count(data, bounds, valid, flags(), sounds(), word, parts[-1])
        known.append(valid)
    null, counts = ~np.concatenate(known), dict(zip(COUNTS, np.concatenate(parts).T, strict=True))
    for name, values in {**_counted(counts), **_formulas(counts)}.items():
        table = put(table, prefix + name, pa.array(values, mask=null | np.isnan(values)))
    return table


def diversity(table: pa.Table, *, text: Reads = "text", mtld: Writes = "mtld", hdd: Writes = "hdd") -> pa.Table:
    """Measure how varied the words of `text` are, whatever its length: MTLD and HD-D, float64.

    `mtld`: words per stretch in which the share of different words stays at 0.72 or above, mean of both directions
    (McCarthy and Jarvis 2010); the number of words when none occurs twice; null without a word. `hdd`: the expected
    share of different words in a random sample of 42 (McCarthy and Jarvis 2007), 0 to 1; null below 42 words, from
    which no such sample can be drawn. Words are split as `score.text.measures` does, in lower case and without signs.
    """
    from dataflow_ops.score._text_kernel_batches import each_words  # noqa: PLC0415 - numba takes half a second
    from dataflow_ops.score._text_kernel_diversity import diversity as measure  # noqa: PLC0415

    parts = [np.zeros((0, 2))]
    for numbers, ends in each_words(strings(table, text)):
        parts.append(np.zeros((len(ends), 2)))
        measure(numbers, ends, np.zeros(len(numbers), np.int64), parts[-1])
    values = np.concatenate(parts)
    for name, column in ((mtld, values[:, 0]), (hdd, values[:, 1])):
        table = put(table, name, pa.array(column, mask=np.isnan(column)))
    return table


def _counted(c: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    names = {"prose_words": "words", "prose_sentences": "sentences"}
    names |= {name: name for name in ("letters", "syllables", "monosyllables", "polysyllables", "difficult_words")}
    return {name: c[count].astype(np.int32) for name, count in names.items()}


def _formulas(c: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    words = np.where(c["words"] > 0, c["words"], np.nan)
    sentences = np.where(c["words"] > 0, np.maximum(c["sentences"], 1), np.nan)
    length, spoken, letters = words / sentences, c["syllables"] / words, c["letters"] / words
    grades = {
        "flesch_kincaid_grade": 0.39 * length + 11.8 * spoken - 15.59,
        "automated_readability_index": 4.71 * (c["letters"] + c["digits"]) / words + 0.5 * length - 21.43,
        "coleman_liau_index": 5.88 * letters - 29.6 / length - 15.8,
        "smog_index": 1.043 * np.sqrt(30 * c["polysyllables"] / sentences) + 3.1291,
        "gunning_fog_index": 0.4 * (length + 100 * c["difficult_words"] / words),
    }
    median = np.median(np.stack(list(grades.values())), axis=0)
    return {"flesch_reading_ease": 206.835 - 1.015 * length - 84.6 * spoken, **grades, "reading_grade": median}
