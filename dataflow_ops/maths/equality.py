"""Whether two answers are equal, by their forms; expressions are left to whoever can do algebra."""

from collections.abc import Callable, Iterable, Sequence

from dataflow_ops.maths.forms import Form

Atoms = Callable[[str, str], bool | None]
"""Compares two expressions or two equations, given as LaTeX; None where it cannot say."""
MOST_TRIES = 400
"""Comparisons that matching the items of two sets may take."""


def undecided(_left: str, _right: str) -> None:
    """Say of expressions that are spelled differently that rules alone cannot tell."""
    return


def same(left: Form, right: Form, atoms: Atoms = undecided) -> bool | None:
    """Return whether two answers say the same; None where that hangs on `atoms`, and they cannot say.

    A unit, a name (`x =`) or a currency that one of them lacks counts for nothing; two different ones tell them apart.
    50 % is equal to 0.5, which it is, and to 50, as what is asked for in percent. Decimals are exact: 0.333 is not 1/3.
    Lists and sets have no order, tuples and intervals have, and their brackets count.
    """
    if left.name and right.name and "equation" not in (left.kind, right.kind) and left.name != right.name:
        return False
    if left.parts or right.parts:
        return _same_parts(left, right, atoms)
    if left.unit and right.unit and left.unit != right.unit:
        return False
    if left.kind == "number" and right.kind == "number":
        return _same_numbers(left, right)
    if "text" in (left.kind, right.kind):
        return left.kind == right.kind and left.text == right.text
    return _same_formulas(left, right, atoms)


def _same_numbers(left: Form, right: Form) -> bool:
    if left.number == right.number:
        return True
    if left.unit == right.unit or "%" not in (left.unit, right.unit):
        return False
    percent, plain = (left, right) if left.unit == "%" else (right, left)
    return percent.number == plain.number * 100


def _same_formulas(left: Form, right: Form, atoms: Atoms) -> bool | None:
    kinds = {left.kind, right.kind}
    if _bare(left) == _bare(right):
        return len(kinds) == 1
    if kinds == {"number", "equation"} or (kinds == {"expression", "equation"} and not (left.name or right.name)):
        return False
    if "equation" in kinds:
        return atoms(_whole(left), _whole(right))
    if _is_letter(left) and (_is_letter(right) or right.kind == "number"):
        return False
    if _is_letter(right) and left.kind == "number":
        return False
    return atoms(_side(left), _side(right))


def _side(form: Form) -> str:
    """Return an expression without the `x =` before it."""
    return form.text.partition("=")[2].strip() if form.name and "=" in form.text else form.text


def _whole(form: Form) -> str:
    return f"{form.name} = {form.text}" if form.name and "=" not in form.text else form.text


def _bare(form: Form) -> str:
    return _side(form).replace(" ", "")


def _is_letter(form: Form) -> bool:
    return form.kind == "expression" and len(form.text) == 1


def _same_parts(left: Form, right: Form, atoms: Atoms) -> bool | None:
    if "equation" in (left.kind, right.kind) and (left.name or right.name):
        return atoms(left.text, right.text)  # `x + 1 > 3` and `x > 2`
    if (left.kind, left.brackets, len(left.parts)) != (right.kind, right.brackets, len(right.parts)):
        return False
    if left.kind == "unordered":
        return _same_items(left.parts, right.parts, atoms)
    return _all(same(one, other, atoms) for one, other in zip(left.parts, right.parts, strict=True))


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    found = list(verdicts)
    return False if False in found else (None if None in found else True)


def _same_items(left: Sequence[Form], right: Sequence[Form], atoms: Atoms) -> bool | None:
    """Match each item with an equal one of the other side; large sets are taken in the order they have."""
    if len(left) ** 2 > MOST_TRIES:
        return _all(same(one, other, atoms) for one, other in zip(left, right, strict=True))
    named = [{item.name for item in items if item.name} for items in (left, right)]
    if max(map(len, named)) > 1 and not all(named):
        return False  # `a = 4, b = 3` is not `3, 4`
    rest, unsure = list(right), False
    for one in left:
        verdicts = [same(one, other, atoms) for other in rest]
        if True in verdicts:
            rest.pop(verdicts.index(True))
        elif None in verdicts:
            unsure = True
        else:
            return False
    return None if unsure else True
