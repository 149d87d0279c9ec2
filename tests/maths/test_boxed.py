import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.maths.boxed import final_answer, last_boxed

BRACED = st.recursive(
    st.text("ab1 +", min_size=1, max_size=5), lambda inner: inner.map(lambda each: f"{{{each}}}x{each}")
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"so \boxed{5}.", "5"),
        (r"\boxed{1} and then \boxed{2}", "2"),
        (r"\boxed{\frac{1}{2}}", r"\frac{1}{2}"),
        (r"\fbox{3}", "3"),
        (r"\boxed{1} \fbox{2}", "2"),
        (r"\fbox{1} \boxed{2}", "2"),
        (r"\boxed{\boxed{7}}", "7"),
        (r"\boxed{\{1, 2\}}", r"\{1, 2\}"),
        (r"\boxed{\text{a \} b}}", r"\text{a \} b}"),
        (r"\boxed {6}", "6"),
        (r"$\boxed 42$.", "42"),
        (r"\boxed 5", "5"),
        (r"\boxed x + 1", None),
        (r"\boxed{}", None),
        (r"\boxed{  }", None),
        (r"\boxed{1} \boxed{2", None),
        (r"\boxed{a\}", None),
        (r"\boxedwidth{3}", None),
        (r"\boxed", None),
        ("boxed{3}", None),
        ("", None),
        (r"\boxed{" + "1" * 20_000 + "}", None),
    ],
)
def test_the_last_box_is_the_answer(text, expected):
    assert last_boxed(text) == expected


@given(BRACED, st.text(max_size=20), st.text("ab {}", max_size=20))
def test_balanced_braces_are_kept_whole(content, before, after):
    found = last_boxed(rf"{before}\boxed{{{content}}}{after}")
    assert found == (content.strip() or None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He has 3.\n#### 12", "12"),
        ("The answer is 5.", "5"),
        ("The answer is 2.5. That is all.", "2.5"),
        ("Answer: 7", "7"),
        ("The answer is 3. No: the answer is 4.\nDone", "4"),
        ("so $x$ is $y + 1$", "y + 1"),
        (r"so \(x\) is 3", "x"),
        ("The answer is 5, #### inside", "5, #### inside"),
        (r"The answer is 5. \boxed{6}", "6"),
        (r"The answer is 5. \boxed{6", None),
        ("no answer at all", None),
        ("", None),
    ],
)
def test_other_marks_count_where_there_is_no_box(text, expected):
    assert final_answer(text, boxed_only=False) == expected
    assert final_answer(text) == last_boxed(text)


@pytest.mark.parametrize("piece", ["{", r"\boxed{", r"\boxed", r"\boxedx", "\\", "answer is ", "$", "#### ", r"\("])
def test_hostile_texts_of_megabytes_have_no_answer_or_a_short_one(piece):
    text = piece * 500_000
    assert last_boxed(text) is None
    assert len(final_answer(text, boxed_only=False) or "") <= 300
