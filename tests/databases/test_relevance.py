import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases.relevance import Relevance
from dataflow_ops.databases.schema import Schema
from dataflow_ops.databases.words import stem, words
from tests.databases.schemas import SHOP


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("How many orders are there?", "orders"),
        ("Name the customer who …", "customers"),
        ("the titles and prices", "products"),
        ("which are lost", "orders"),
        ("as nobody knows", "notes"),
        ("pieces", "order_items"),
    ],
)
def test_the_table_a_question_speaks_of_is_first(text, best):
    assert SHOP.tables[Relevance(SHOP).ranked(text)[0][0]].name == best


@pytest.mark.parametrize("text", ["", "which of the", "zebra", "?!"])
def test_a_question_about_nothing_has_no_tables(text):
    assert Relevance(SHOP).ranked(text) == []


@given(st.text(max_size=100))
def test_scores_fall_and_no_question_is_too_strange(text):
    scores = [score for _, score in Relevance(SHOP).ranked(text)]
    assert scores == sorted(scores, reverse=True)
    assert all(score > 0 for score in scores)
    assert Relevance(Schema("sqlite", ())).ranked(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order_items2", ("order", "items", "2")),
        ("OrderItems", ("order", "items")),
        ("HTTPServerID", ("http", "server", "id")),
        ("Full Name", ("full", "name")),
        ("Straße_Nr", ("strasse", "nr")),
        ("订单_id", ("订单", "id")),
        ("__", ()),
    ],
)
def test_names_are_split_into_words(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("one", "many"),
    [("category", "categories"), ("movie", "movies"), ("box", "boxes"), ("size", "sizes"), ("address", "addresses"),
     ("status", "statuses"), ("order", "orders"), ("house", "houses"), ("class", "classes"), ("day", "days")],
)  # fmt: skip
def test_singular_and_plural_share_a_stem(one, many):
    assert stem(one) == stem(many)
