"""One spelling for answers that differ in typography alone: Unicode, LaTeX wrappers, spaces, dollars."""

import re
import unicodedata

CURRENCY = "\x01"
"""Stands for a dollar sign that means money."""

UPPER = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ", "0123456789+-()ni")
LOWER = str.maketrans("₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙₖ", "0123456789+-()nk")
UPPER_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ]+")
LOWER_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙₖ]+")
SYMBOLS = {
    "−": "-", "‐": "-", "‑": "-", "﹣": "-", "＊": "*", "×": r"\cdot ", "·": r"\cdot ", "⋅": r"\cdot ", "∙": r"\cdot ",
    "•": r"\cdot ", "÷": r"\div ", "∕": "/", "⁄": "/", "π": r"\pi ", "∞": r"\infty ", "≤": r"\le ", "≥": r"\ge ",
    "⩽": r"\le ", "⩾": r"\ge ", "≠": r"\ne ", "±": r"\pm ", "∪": r"\cup ", "∈": r"\in ", "∅": r"\emptyset ",
    "ℝ": r"\mathbb{R}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℕ": r"\mathbb{N}", "ℂ": r"\mathbb{C}",
    "°": "° ", "º": "° ", "˚": "° ", "℃": "° C", "℉": "° F", "٫": ".", "٬": ",", "，": ",", "、": ",", "。": ".",
    "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ", "θ": r"\theta ", "λ": r"\lambda ", "φ": r"\phi ",
    "“": "", "”": "", "‘": "'", "’": "'", "′": "'", "…": r"\ldots ", "⟨": r"\langle ", "⟩": r"\rangle ",
}  # fmt: skip
TRANSLATED = {ord(symbol): spelled for symbol, spelled in SYMBOLS.items()}
DELIMITERS = re.compile(r"\$\$(.+?)\$\$|\$([^\s$](?:[^$]*[^\s$])?)\$(?!\d)|\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
"""A formula in its delimiters; a dollar before a digit, or after a space, is money."""
ENVELOPE = re.compile(
    r"\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mathit|mathsf|boldsymbol|mbox|hbox|operatorname|boxed|fbox)"
    r"\s*\{([^{}]*)\}"
)
REPLACED = [
    (re.compile(pattern), replacement)
    for pattern, replacement in [
        (r"\\[dtc]frac(?![A-Za-z])", r"\\frac"),
        (r"\\(?:left|right|[bB]igg?[lr]?|displaystyle|textstyle|limits)(?![A-Za-z])\.?|(?<!\\)\\!", ""),
        (r"\\(?:thinspace|quad|qquad|enspace|nobreakspace)(?![A-Za-z])|(?<!\\)\\[,;: ]|~", " "),
        (r"\{,\}", ","),
        (r"\\([%&#])", r"\1"),
        (r"\*\*", "^"),
        (r"\\(?:times|cdot|ast)(?![A-Za-z])|\*", r"\\cdot "),
        (r"\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})|\\degree(?![A-Za-z])", "° "),
        (r"\\leq(?:slant)?(?![A-Za-z])|<=", r"\\le "),
        (r"\\geq(?:slant)?(?![A-Za-z])|>=", r"\\ge "),
        (r"\\lt(?![A-Za-z])", "<"),
        (r"\\gt(?![A-Za-z])", ">"),
        (r"\\neq(?![A-Za-z])|!=", r"\\ne "),
        (r"\\(?:varnothing)(?![A-Za-z])", r"\\emptyset "),
        (r"\\l(?:brace|Brace)(?![A-Za-z])", r"\\{"),
        (r"\\r(?:brace|Brace)(?![A-Za-z])", r"\\}"),
        (r"\\frac\s*(\d)\s*(\d)(?!\d)", r"\\frac{\1}{\2}"),
        (r"\\frac\s*(\d)\s*\{", r"\\frac{\1}{"),
        (r"(\\frac\s*\{[^{}]*\})\s*(\d)(?!\d)", r"\1{\2}"),
        (r"\\(frac|sqrt)\s+(?=[\[{])", r"\\\1"),
        (r"\}\s+\{", "}{"),
        (r"\\sqrt\s*([0-9A-Za-z])", r"\\sqrt{\1}"),
        (r"\^\{([0-9A-Za-z])\}", r"^\1"),
        (r"_\{([0-9A-Za-z])\}", r"_\1"),
        (r"\s*([\^_])\s*", r"\1"),
        (r"\s+", " "),
    ]
]
ROOT = re.compile(r"√\s*|(?<![\\A-Za-z])sqrt\s*(?=\()")
RADICAND = re.compile(r"\d+(?:\.\d+)?|[A-Za-z]|\\pi")
MARKDOWN = re.compile(r"^\*\*([^*]+)\*\*$|^`([^`]+)`$")


def spelled(text: str) -> str:
    """Return `text` in one spelling: ASCII digits and operators, LaTeX commands, no delimiters, single spaces."""
    text = _ascii(text).strip()
    text = _once(MARKDOWN, text)
    text = text.replace(r"\$", CURRENCY)
    text = _once(DELIMITERS, text).replace("$", CURRENCY)
    for _ in range(4):
        text, found = ENVELOPE.subn(r" \1 ", text)
        if not found:
            break
    text = _roots(text)
    for pattern, replacement in REPLACED:
        text = pattern.sub(replacement, text)
    return text.strip().rstrip(".,;").strip()


def _once(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: next(group for group in match.groups() if group is not None), text)


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    text = UPPER_RUN.sub(lambda run: f"^{{{run[0].translate(UPPER)}}}", text)
    text = LOWER_RUN.sub(lambda run: f"_{{{run[0].translate(LOWER)}}}", text)
    text = "".join(map(_fraction, text)).translate(TRANSLATED)
    text = unicodedata.normalize("NFKC", text).translate(TRANSLATED)
    if text.startswith("–"):
        text = "-" + text[1:]
    return "".join(_plain(character) for character in text)


def _fraction(character: str) -> str:
    """Spell ½ out; compatibility forms would join its digits to those before it."""
    if character.isascii() or not (form := unicodedata.decomposition(character)).startswith("<fraction>"):
        return character
    over, _, under = "".join(chr(int(code, 16)) for code in form.split()[1:]).partition("\u2044")
    return rf"\frac{{{over}}}{{{under}}}" if under else character


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    return "" if unicodedata.category(character) == "Cf" else character


def _roots(text: str) -> str:
    for _ in range(20):
        root = ROOT.search(text)
        if root is None:
            break
        before, after = text[: root.start()], text[root.end() :]
        if after.startswith("(") and (end := _closing(after)):
            text = rf"{before}\sqrt{{{after[1:end]}}}{after[end + 1 :]}"
        elif radicand := RADICAND.match(after):
            text = rf"{before}\sqrt{{{radicand[0]}}}{after[radicand.end() :]}"
        else:
            text = rf"{before}\sqrt {after}"
    return text


def _closing(text: str) -> int | None:
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at
    return None
