import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.op import describe
from dataflow_ops.refine.pii import mask_names, mask_pii


def masked(value, **params):
    return mask_pii(pa.table({"text": pa.array([value], pa.string())}), **params)["text"][0].as_py()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("write to john.doe+x@example.co.uk. Or 邮箱foo@bar.com谢谢", "write to [EMAIL]. Or 邮箱[EMAIL]谢谢"),
        ("mailto:jürgen@müller.de <a@b.io>", "mailto:[EMAIL] <[EMAIL]>"),
        ("call +1 (212) 555-2368 or 212-555-2368, (212) 555-2368.", "call [PHONE] or [PHONE], [PHONE]."),
        ("020 7946 0958, 0044 20 7946 0958, +49 30 901820", "[PHONE], [PHONE], [PHONE]"),
        ("电话13812345678谢谢 138-1234-5678", "电话[PHONE]谢谢 [PHONE]"),
        ("from 192.168.1.1 and 8.8.8.8:80.", "from [IP] and [IP]:80."),
        ("2001:db8::1, fe80::1, ::ffff:1.2.3.4 and 2001:0db8:85a3:0000:0000:8a2e:0370:7334", "[IP], [IP], [IP] and [IP]"),
        ("4111 1111 1111 1111 123, 4111-1111-1111-1111 or 378282246310005", "[CREDIT_CARD] 123, [CREDIT_CARD] or [CREDIT_CARD]"),
        ("GB82 WEST 1234 5698 7654 32 AND DE89370400440532013000", "[IBAN] AND [IBAN]"),
        ("身份证110101199003077758，", "身份证[NATIONAL_ID]，"),
        ("SSN 078-05-1120, CPF 529.982.247-25", "SSN [NATIONAL_ID], CPF [NATIONAL_ID]"),
        ("DNI 12345678Z, NIE X1234567L", "DNI [NATIONAL_ID], NIE [NATIONAL_ID]"),
        ("2341 2341 2346 and RSSMRA85T10A562S", "[NATIONAL_ID] and [NATIONAL_ID]"),
        ("né 2 55 08 14 168 025 38", "né [NATIONAL_ID]"),
    ],
)  # fmt: skip
def test_what_identifies_is_masked(before, after):
    assert masked(before) == after
    assert masked(after) == after


@pytest.mark.parametrize(
    "text",
    [
        "version 1.2.3.4, v1.2.3.4, section 1.2.3.4, 1.2.3.4.5, 256.1.1.1, 127.0.0.1 and 0.0.0.0",
        "std::vector, a::b, 12:30:45, ::1, 00:1B:44:11:3A:B7",
        "4111111111111112, 0000000000000000, 1234 5678 9012 3456 7890",
        "GB82WEST12345698765433, XX82WEST12345698765432",
        "11010119900307775X, 110101199013077758, 000-12-3456, 900-12-3456, 529.982.247-26, 12345678A, 2341 2341 2347",
        "RSSMRA85T10A562T, 2 55 08 14 168 025 39",
        "2024-03-05 12:30, 1990-1995, 20240305, 3.14159265358979, 1.4159265358, 1 2 3 4 5 6 7 8 9 10",
        "ISBN 978-0-306-40615-7, $2125552368, 2125552368, 123456789012, 555-1234",
        "@user, a@b, foo@, @decorator.name, 3 @ 4.50",
    ],
)  # fmt: skip
def test_what_only_looks_like_it_stays(text):
    assert masked(text) == text


def test_settings():
    text = "a@b.com +1 212 555 2368 and 030 901820"
    assert masked(text, kinds=("email",)) == "[EMAIL] +1 212 555 2368 and 030 901820"
    assert masked(text, replacement="<|{kind}|>") == "<|EMAIL|> <|PHONE|> and 030 901820"
    assert masked(text, regions=("DE",), replacement="*") == "* * and *"
    assert masked(text, regions=()) == "[EMAIL] [PHONE] and 030 901820"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kinds": ("emails",)}, "no kind 'emails'; did you mean 'email'"),
        ({"kinds": ()}, "expected at least one of"),
        ({"regions": ("UK",)}, "'UK' is no country code"),
        ({"text": "txt"}, "no column 'txt'; did you mean 'text'"),
    ],
)
def test_what_does_not_fit_is_refused(params, message):
    with pytest.raises(BadArgument, match=message):
        masked("a", **params)


def test_counts_go_to_a_column_of_their_own():
    texts = pa.chunked_array([pa.array(["skip", None, "a@b.com c@d.com"]).slice(1), pa.array(["", "none"])])
    table = pa.table({"id": ["a", "b", "c", "d"], "text": texts})
    result = mask_pii(table, found="pii")
    assert result["text"].to_pylist() == [None, "[EMAIL] [EMAIL]", "", "none"]
    assert result["pii"].to_pylist() == [None, 2, 0, 0]
    assert mask_pii(result, found="pii")["pii"].to_pylist() == [None, 0, 0, 0]
    assert mask_pii(table).column_names == ["id", "text"]
    assert describe(mask_pii, found="pii").writes == ("text", "pii")
    assert mask_pii(pa.table({"text": pa.nulls(2)}), found="pii")["pii"].to_pylist() == [None, None]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*"0123456789 .:-+()@aZX/\n谢", "a@b.com", "4111 1111 1111 1111"]), max_size=60).map(
        "".join
    )
)
def test_any_text_is_masked_without_error_and_only_shorter_by_what_was_found(value):
    table = pa.table({"text": pa.array([value, None], pa.large_string())})
    result = mask_pii(table, found="n")
    assert result["text"].type == pa.large_string()
    assert (result["n"][0].as_py() > 0) == (result["text"][0].as_py() != value)
    assert result["text"][1].as_py() is None


@pytest.mark.parametrize("unit", ["1 ", "1.", "a@", "a.", "1-", "2001:", "GB82 WEST ", "@", "("])
def test_hostile_text_takes_linear_time(unit):
    text = unit * (300_000 // len(unit))
    assert len(masked(text)) <= len(text) * 2


def test_names_need_the_extra():
    with pytest.raises(BadArgument, match=r"pii|not an installed spaCy model"):
        mask_names(pa.table({"text": ["Ada Lovelace"]}), model="no_such_model")
