"""Columns whose very name says that they hold what identifies a person or opens a door."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from dataflow_ops.databases.words import stem, words

Check = Callable[[str], bool]

LONGEST = 200
"""Characters of a name that are looked at."""

_END = r"(?:_(?:no|nr|num|nbr|number|text|raw|line|home|work|private|primary|secondary|main|alt|hash|hashed|enc|digest|\d+))*$"
_PERSON = (
    "applicant|beneficiary|borrower|buyer|candidate|cardholder|client|contact|customer|doctor|donor|driver|employee|father"
    "|guardian|guest|insured|kin|lender|member|mother|nurse|owner|participant|passenger|patient|payee|payer|person|people"
    "|physician|pupil|recipient|renter|resident|respondent|sender|spouse|staff|student|subscriber|supervisor|teacher|tenant"
    "|therapist|traveller|traveler|user|visitor|voter|witness|worker"
)
_PERSON_STEMS = frozenset(map(stem, _PERSON.split("|")))


def _digits(at_least: int) -> Check:
    return lambda value: sum(map(str.isdigit, value)) >= at_least


def _anything(_: str) -> bool:
    return True


def _is_long(value: str) -> bool:
    return len(value) >= 8 and any(map(str.isdigit, value))


@dataclass(frozen=True)
class Rule:
    """What stands for the values of columns whose words, joined by `_`, `pattern` finds; values that pass `check`."""

    label: str
    pattern: re.Pattern[str]
    check: Check = _anything


def _rule(label: str, pattern: str, check: Check = _anything) -> Rule:
    return Rule(label, re.compile(rf"(?:^|_)(?:{pattern}){_END}"), check)


RULES = (
    _rule("<email>", r"e_?mails?(?:_?addr(?:ess)?)?|mail|mail_?addr(?:ess)?|e_mail|correo(?:_electronico)?|邮箱|电子邮件"),
    _rule("<ip address>", r"ip|ip_?v?[46]|ip_?addr(?:ess)?|mac_?addr(?:ess)?|remote_addr", _digits(1)),
    _rule(
        "<phone>",
        r"(?:tele|cell_?|mobile_?)?phones?|tel|telefon\w*|teléfono|téléphone|telephone|(?:tele)?fax|mobile|mobil|handy|msisdn"
        r"|phone_?(?:no|nr|num|number)|电话|手机号?|联系电话",
        _digits(5),
    ),
    _rule(
        "<national id>",
        r"ssn|social_?security(?:_?id)?|national_?(?:id|insurance)|nino|passport(?:_?id)?|tax_?(?:payer_?)?id|mrn"
        r"|driv(?:er|ers|ing)_?(?:s_)?licen[cs]e|licen[cs]e_?plate|id_?card|identity(?:_?card)?_?(?:no|nr|number)|cpf|curp|dni|nif"
        r"|aadhaar|pesel|nhs_?number|insurance_?(?:no|nr|number)|ausweis\w*|身份证(?:号码?)?|护照号?",
        _digits(3),
    ),
    _rule("<account number>", r"iban|(?:bank_?)?account_?(?:no|nr|num|number)|bank_?account|konto(?:nummer)?", _digits(3)),
    _rule(
        "<card number>",
        r"(?:credit|debit|bank|payment)_?card|card_?(?:no|nr|num|number|pan)|cc_?(?:no|num|number)|cvv2?|cvv_2|cvc|cvn|银行卡号?",
        _digits(3),
    ),
    _rule(
        "<secret>",
        r"pass_?(?:word|wd|phrase|code)s?|pwd|passwort|contraseña|contrasena|credentials?|otp|\w*_salt|密码"
        r"|(?:api|access|private|secret|encryption|signing|auth|master)_?keys?|secrets?",
    ),
    _rule("<secret>", r"tokens?|cookies?|session_?(?:id|key)", _is_long),
    _rule("<secret>", r"pin", _digits(4)),
    _rule(
        "<birth date>",
        r"dob|birth|born|birth_?(?:date|day|dt|year|month|place)|(?:date|day|year|month|place)_of_birth|geburts\w+"
        r"|fecha_(?:de_)?nacimiento|date_(?:de_)?naissance|出生日期|生日",
    ),
    _rule("<user name>", r"user_?(?:name|login)|login_?name|screen_?name|nick_?name|handle"),
    _rule(
        "<name>",
        rf"(?:first|last|middle|family|given|maiden|sur|fore|full|legal|preferred|birth)_?names?|name_(?:first|last|middle|full)"
        rf"|(?:{_PERSON})_(?:full_)?names?|vorname|nachname|familienname|prénom|prenom|apellidos?|姓名|f_name|l_name|[fl]name",
    ),
    _rule(
        "<address>",
        r"streets?|street_?(?:name|addr(?:ess)?)|stra(?:ss|ß)e|house_?(?:no|nr|number)|hausnummer|anschrift|dirección|direccion"
        r"|domicilio|住址|地址|(?<!web_)(?<!url_)(?<!wallet_)(?<!contract_)addr(?:ess)?",
    ),
)  # fmt: skip
"""In the order in which they claim a column: an e-mail address is no street."""

_OF_PERSONS = re.compile(r"^(?:display_)?names?$")


@lru_cache(maxsize=16_384)
def rule(column: str, table: str) -> Rule | None:
    """Return the first rule that claims a column; `name` alone is personal in a table of persons."""
    joined = "_".join(words(column[:LONGEST]))
    if _OF_PERSONS.match(joined) and stem((words(table[-LONGEST:]) or ("",))[-1]) in _PERSON_STEMS:
        return Rule("<name>", _OF_PERSONS)
    return next((each for each in RULES if each.pattern.search(joined)), None)
