import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflow_ops.databases.masking import masked

BY_NAME = [
    ("email", "ann@example.org", "<email>"),
    ("contact_email", "none given", "<email>"),
    ("emailAddress", "ann(at)example.org", "<email>"),
    ("phone", "555-0134", "<phone>"),
    ("mobile_no", "13812345678", "<phone>"),
    ("电话", "010-12345678", "<phone>"),
    ("first_name", "Ann", "<name>"),
    ("firstName", "Ann", "<name>"),
    ("FIRSTNAME", "Ann", "<name>"),
    ("customer_name", "Ann Lee", "<name>"),
    ("Nachname", "Lehmann", "<name>"),
    ("user_name", "ann1980", "<user name>"),
    ("birth_date", "1980-02-03", "<birth date>"),
    ("date_of_birth", "1980-02-03", "<birth date>"),
    ("street", "4 Mill Lane", "<address>"),
    ("address_line_2", "Flat 3", "<address>"),
    ("ssn", "0000", "<national id>"),
    ("passport_no", "C01X00T47", "<national id>"),
    ("iban", "DE00 0000", "<account number>"),
    ("card_number", "1234 5678", "<card number>"),
    ("password_hash", "$2b$12$abc", "<secret>"),
    ("api_key", "abc", "<secret>"),
    ("session_token", "a8f3c0d112", "<secret>"),
    ("client_ip", "host 12", "<ip address>"),
]
BY_FORM = [
    ("note", "write to bob@example.org today", "write to <email> today"),
    ("remark", "+44 20 7946 0958 please", "<phone> please"),
    ("info", "4111 1111 1111 1111", "<card number>"),
    ("info", "DE89 3704 0044 0532 0130 00", "<account number>"),
    ("info", "078-05-1120", "<national id>"),
    ("host", "192.168.4.17", "<ip address>"),
    ("link", "postgres://ann:hunter22@db.example.org/x", "<url>"),
    ("link", "https://example.org/a?x=1&api_key=3fa9", "<url>"),
    ("value", "ghp_16C7e42F292c6912E7710c838347Ae178B4a", "<secret>"),
    ("value", "q8Zx0Lk2Vb7Nw4Rt9Ys1", "<secret>"),
    ("id", "bob@example.org", "<email>"),
]
STAY = [
    ("product_name", "Lamp"),
    ("name", "Lamp"),
    ("city", "Berlin"),
    ("country_code", "DE"),
    ("status", "open"),
    ("created_at", "2024-01-05 10:11:12"),
    ("last_login", "2024-01-05"),
    ("password_changed", "2024-01-05"),
    ("password_reset", "0"),
    ("email", "yes"),
    ("email_count", "12"),
    ("token_count", "123456789"),
    ("phone", "Model 12"),
    ("phone_type", "mobile"),
    ("birth_rate", "3.4"),
    ("address_id", "44"),
    ("web_address", "https://example.org/a/b"),
    ("salt", "2.5"),
    ("id", "550e8400-e29b-41d4-a716-446655440000"),
    ("request", "550e8400-e29b-41d4-a716-446655440000"),
    ("hash", "d41d8cd98f00b204e9800998ecf8427e"),
    ("sku", "12345678Z"),
    ("isbn", "978-3-16-148410-0"),
    ("ean", "4006381333931"),
    ("version", "1.2.3.4"),
    ("price", "12345678.90"),
    ("total", "1234567890123"),
    ("period", "2024-01-01 - 2024-02-01"),
    ("tags", "1, 2, 3, 4, 5, 6, 7"),
    ("coordinates", "48.137154, 11.576124"),
    ("email", ""),
    ("phone", "  "),
]


@pytest.mark.parametrize(("column", "value", "expected"), BY_NAME + BY_FORM)
def test_what_identifies_people_or_opens_doors_is_masked(column, value, expected):
    assert masked(column, value) == expected


@pytest.mark.parametrize(("column", "value"), STAY)
def test_other_values_stay(column, value):
    assert masked(column, value) == value


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("customers", "<name>"),
        ("tbl_staff", "<name>"),
        ("Members", "<name>"),
        ("products", "Ann"),
        ("customer_types", "Ann"),
    ],
)
def test_a_name_is_personal_in_a_table_of_persons(table, expected):
    assert masked("name", "Ann", table=table) == expected


@given(st.text(max_size=40), st.text(max_size=200), st.text(max_size=20))
def test_no_value_is_too_strange(column, value, table):
    once = masked(column, value, table=table)
    assert once == value or re.search("<[a-z ]+>", once)


@given(
    st.from_regex(r"[a-z]{2,12}@[a-z]{2,12}\.(?:org|com)", fullmatch=True), st.sampled_from(["note", "id", "code", "x"])
)
def test_no_address_is_shown_in_any_column(address, column):
    assert address not in masked(column, f"see {address}, thanks")


@pytest.mark.parametrize(
    "value", ["a1 " * 50_000, "a1" * 80_000, "1-" * 80_000, ":" * 150_000, "http://?key=" * 15_000]
)
def test_long_values_are_read_in_proportion_to_their_length(value):
    assert len(masked("note", value)) <= len(value)
    assert masked("_a" * 80_000, "x") == "x"
