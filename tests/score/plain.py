"""The text measures written down plainly, to hold the compiled ones against. Slow, and obvious."""

import unicodedata
from collections import Counter

import regex

KATAKANA = regex.compile(r"\p{WB=Katakana}|[ﾞﾟ]")
UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{LB=SA}]")
CJK_SIGNS = regex.compile(
    "[\u3001-\u3003\u3008-\u3011\u3014-\u301f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"
)
STOPS = ".!?。！？｡؟۔।॥։።၊။។"
BULLETS = "•‣▶◀◦■□▪▫–"


def is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def is_katakana(char: str) -> bool:
    return bool(KATAKANA.match(char)) and unicodedata.category(char) != "Cn"


def is_single(char: str) -> bool:
    return (
        bool(UNSPACED.match(char))
        and char.isalnum()
        and (char.isalpha() or unicodedata.category(char) == "Nl" or char == "〇")
    )


def is_word(char: str) -> bool:
    return char.isalnum() or char == "_" or is_mark(char) or is_katakana(char)


def kind_of(char: str, before: str | None) -> str:
    if is_mark(char):
        return before or "plain"
    if is_single(char):
        return "single"
    return "katakana" if is_katakana(char) else "plain"


def words_of(text: str) -> list[tuple[str, str]]:
    """Return words and their kinds."""
    found = []
    for token in text.split():
        pieces: list[list[str]] = []
        for char in token:
            kind = kind_of(char, pieces[-1][1] if pieces else None)
            if pieces and pieces[-1][1] == kind and (kind != "single" or is_mark(char)):
                pieces[-1][0] += char
            else:
                pieces.append([char, kind])
        for i, (piece, kind) in enumerate(pieces):
            beside = [pieces[j][1] for j in (i - 1, i + 1) if 0 <= j < len(pieces)]
            if any(map(is_word, piece)) or not {"single", "katakana"} & set(beside):
                found.append((piece, kind))
    return found


def lower(text: str) -> str:
    return "".join(char.lower()[0] for char in text).replace("ς", "σ")


def letters(word: str) -> str:
    return lower("".join(filter(is_word, word)))


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def lines_of(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def sentences(text: str) -> int:
    for stop in STOPS:
        text = text.replace(stop, "\n")
    return sum(any(map(is_word, piece)) for piece in text.split("\n"))


def longest_run(text: str) -> int:
    for sign in "–.!?,;•/|…":
        text = text.replace(sign, "\n")
    return max((sum(1 for _ in run_words(piece)) for piece in CJK_SIGNS.sub("\n", text).split("\n")), default=0)


def run_words(piece: str):
    """Yield the words of an unpunctuated run: signs count as letters here, but a single character still parts words."""
    for token in piece.split():
        inside, after_single = False, False
        for char in token:
            if is_mark(char) and after_single:
                continue
            after_single = is_single(char)
            if after_single or not inside:
                yield char
            inside = not after_single


def tokens(text: str) -> int:
    """Count runs of word characters and runs of signs; a single character is a run."""
    count, before = 0, "blank"
    for char in text:
        if char.isspace():
            now = "blank"
        elif is_single(char):
            now = "single"
        elif is_mark(char) and before == "single":
            continue
        else:
            now = "word" if is_word(char) else "signs"
        count += now == "single" or now not in ("blank", before)
        before = now
    return count


def ellipses(text: str) -> int:
    return text.count("...") + text.count("…")


def is_capital(word: str) -> bool:
    cased = [char for char in word if char.isupper() or char.islower() or char.istitle()]
    return bool(cased) and all(map(str.isupper, cased))


def quality(text: str, stop_words: set[str], blocked: set[str]) -> dict[str, object]:
    words, lines = words_of(text), lines_of(text)
    n, written = len(words), [line.strip() for line in lines if line.strip()]
    listed = [
        line for line in written if line[0] in BULLETS or (line[0] in "-*+" and (len(line) == 1 or line[1].isspace()))
    ]
    trailing = [line for line in written if line.endswith(("...", "…"))]
    characters, spelled = sum(not char.isspace() for char in text), [letters(word) for word, _ in words]
    unique = {lower(word) for word, _ in words}
    return {
        "words": n,
        "characters": characters,
        "length": len(text),
        "lines": len(lines),
        "sentences": sentences(text),
        "longest_unpunctuated_run": longest_run(text),
        "colon_end": text.endswith((":", "：")),
        "stop_words": sum(word in stop_words for word in spelled),
        "blocklist_hits": sum(word in blocked for word in spelled),
        "gopher_stop_words": len({"the", "be", "to", "of", "and", "that", "have", "with"} & set(spelled)),
        "unspaced_word_ratio": ratio(sum(kind != "plain" for _, kind in words), n),
        "mean_word_length": ratio(characters, n),
        "symbol_word_ratio": ratio(text.count("#") + ellipses(text), tokens(text)),
        "hash_word_ratio": ratio(text.count("#"), n),
        "ellipsis_word_ratio": ratio(ellipses(text), n),
        "ellipsis_line_ratio": ratio(len(trailing), len(written)),
        "bullet_line_ratio": ratio(sum(line[0] in BULLETS for line in written), len(written)),
        "list_line_ratio": ratio(len(listed), len(written)),
        "brace_ratio": ratio(text.count("{") + text.count("}"), len(text)),
        "capital_word_ratio": ratio(sum(is_capital(word) for word, _ in words), n),
        "alphabetic_word_ratio": ratio(sum(any(map(str.isalpha, word)) for word, _ in words), n),
        "unique_word_ratio": ratio(len(unique), n),
        "stop_word_ratio": ratio(sum(word in stop_words for word in spelled), n),
    }


def copies(pieces: list[list[str]], sizes: list[int]) -> tuple[int, int]:
    seen, count, size = set(), 0, 0
    for piece, characters in zip(map(tuple, pieces), sizes, strict=True):
        if piece in seen:
            count, size = count + 1, size + characters
        seen.add(piece)
    return count, size


def paragraphs_of(text: str) -> list[str]:
    found, inside = [], False
    for line in lines_of(text):
        if not line.strip():
            inside = False
        elif inside:
            found[-1] += "\n" + line
        else:
            found.append(line)
            inside = True
    return found


def covered(starts: list[int], n: int, sizes: list[int]) -> int:
    return sum(sizes[i] for i in {start + k for start in starts for k in range(n)})


def repetition(text: str) -> dict[str, object]:
    characters = sum(not char.isspace() for char in text)
    found: dict[str, object] = {}
    written = [line for line in lines_of(text) if line.strip()]
    for name, pieces in (("line", written), ("paragraph", paragraphs_of(text))):
        spelled = [[lower(word) for word, _ in words_of(piece)] for piece in pieces]
        count, size = copies(spelled, [sum(len(word) for word, _ in words_of(piece)) for piece in pieces])
        found[f"duplicate_{name}_ratio"] = ratio(count, len(pieces))
        found[f"duplicate_{name}_character_ratio"] = ratio(size, characters)
    kept = [(letters(word), len(word)) for word, _ in words_of(text) if letters(word)]
    for n in range(2, 11):
        grams = [tuple(word for word, _ in kept[i : i + n]) for i in range(len(kept) - n + 1)]
        counts = Counter(grams)
        repeated = [gram for gram in grams if counts[gram] > 1]
        chosen = [gram for gram, _ in counts.most_common(1) if repeated] if n < 5 else repeated
        starts = [i for i, gram in enumerate(grams) if gram in set(chosen)]
        name = f"top_{n}gram" if n < 5 else f"duplicate_{n}gram"
        found[f"{name}_character_ratio"] = ratio(covered(starts, n, [size for _, size in kept]), characters)
        if n == 5:
            found["unique_5gram_ratio"] = ratio(len(counts), len(grams))
    return found
