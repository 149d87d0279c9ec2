"""What points out of a text: addresses, references, images."""

import re

# An address ends at white space, quotes, brackets of markup, and the scripts that do without spaces: 见https://a.b谢谢.
_BODY = r"[^\s<>\"`{}|\\^\u2018-\u201f\u2026\u3000-\u9fff\uac00-\ud7af\uff00-\uffef\U00020000-\U0003ffff]"
_ADDRESS = rf"(?:(?:https?|ftp)://|(?<![\w.@-])www\.(?=[^\W_])){_BODY}*+"
_TARGET = r"(?:https?://|ftp://|www\.)(?:[^\s<>()\[\]]|\([^\s<>()\[\]]*+\))*+"
_LINK = re.compile(rf"(?<!!)\[([^\[\]]*+)\]\(<?{_TARGET}>?(?:\s+\"[^\"]*+\")?\)", re.IGNORECASE)
_BRACKETED = re.compile(rf"<(?:https?|ftp)://{_BODY}*+>", re.IGNORECASE)
_BARE = re.compile(_ADDRESS, re.IGNORECASE)
_CLOSERS = {")": "(", "]": "["}

_REFERENCE = re.compile(
    r"<ref(?:\s[^<>]*+|/)?>(?:(?<=/>)|(?:[^<]|<(?!/?ref[\s>/]))*+</ref\s*+>)"
    r"|\{\{\s*+(?:cite|citation|sfn|efn|refn|harv)\w*+(?=[\s|}])(?:[^{}]|\{\{[^{}]*+\}\})*+\}\}"
    r"|\[(?:citation needed|better source needed|clarification needed|when\?|who\?|by whom\?)\]",
    re.IGNORECASE,
)
# `[12]`, `[3, 4]`, `[5–7]`; not an index that starts at 0, a list that is assigned or nested, a link, a LaTeX option.
_NUMBERED = re.compile(
    r"(?<![\\\[(=,:!])(?<![=(,:\[]\s)\[[1-9]\d{0,2}(?:\s?[,;–-]\s?[1-9]\d{0,2}){0,30}\](?![\[({:=]|\s?=|\.\w)"
)

_IMAGE = re.compile(
    r"!\[[^\[\]]*+\](?:\((?:[^()\s]|\([^()\s]*+\))*+(?:\s+(?:\"[^\"]*+\"|'[^']*+'))?\s*+\)|\[[^\[\]]*+\])"
    r"|<img(?:\s(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+)?/?>"
    r"|\[\[(?:file|image|datei|bild|fichier|archivo|文件|图像|ファイル):(?:[^\[\]]|\[\[[^\[\]]*+\]\]|\[[^\[\]]*+\])*+\]\]"
    r"|\[(?:image|img|picture|photo|figure|图片|图像)(?:\s*+[:：][^\[\]\n]*+|\s\d++|\d*+)\](?!\()",
    re.IGNORECASE,
)


def without_urls(text: str) -> str:
    """Return `text` without web addresses; of a Markdown link its words stay."""
    text = _LINK.sub(r"\1", text) if "](" in text else text
    return _BARE.sub(_rest, _BRACKETED.sub("", text))


def without_references(text: str, numbered: bool) -> str:
    """Return `text` without citation marks; `numbered` ones too."""
    text = _REFERENCE.sub("", text)
    return _NUMBERED.sub("", text) if numbered else text


def without_images(text: str) -> str:
    """Return `text` without what stood for pictures."""
    return _IMAGE.sub("", text)


def _rest(found: re.Match[str]) -> str:
    """Return what belongs to the sentence, not to the address: its full stop, a bracket it did not open."""
    address = found[0]
    if len(address) == address.find("//") + 2:
        return address
    end, counts = len(address), {mark: address.count(mark) for mark in "()[]"}
    while end and (address[end - 1] in ".,;:!?'*_~" or _unopened(address[end - 1], counts)):
        end -= 1
        if address[end] in counts:
            counts[address[end]] -= 1
    return address[end:]


def _unopened(mark: str, counts: dict[str, int]) -> bool:
    return mark in _CLOSERS and counts[mark] > counts[_CLOSERS[mark]]
