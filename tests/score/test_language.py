import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataflow_ops.errors import BadArgument
from dataflow_ops.score.language import language

SENTENCES = {
    "ar": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    "bg": "Всички хора се раждат свободни и равни по достойнство и права.",
    "cs": "Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv.",
    "de": "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "el": "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.",
    "en": "All human beings are born free and equal in dignity and rights.",
    "es": "Todos los seres humanos nacen libres e iguales en dignidad y derechos.",
    "fi": "Kaikki ihmiset syntyvät vapaina ja tasavertaisina arvoltaan ja oikeuksiltaan.",
    "fr": "Tous les êtres humains naissent libres et égaux en dignité et en droits.",
    "he": "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    "hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता प्राप्त है।",
    "hu": "Minden emberi lény szabadon születik és egyenlő méltósága és joga van.",
    "it": "Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti.",
    "ja": "すべての人間は、生まれながらにして自由であり、尊厳と権利とについて平等である。",
    "ko": "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    "nl": "Alle mensen worden vrij en gelijk in waardigheid en rechten geboren.",
    "pl": "Wszyscy ludzie rodzą się wolni i równi pod względem godności i praw.",
    "pt": "Todos os seres humanos nascem livres e iguais em dignidade e em direitos.",
    "ro": "Toate ființele umane se nasc libere și egale în demnitate și în drepturi.",
    "ru": "Все люди рождаются свободными и равными в своем достоинстве и правах.",
    "sv": "Alla människor är födda fria och lika i värde och rättigheter.",
    "th": "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ",
    "tr": "Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar.",
    "uk": "Всі люди народжуються вільними і рівними у своїй гідності та правах.",
    "vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền.",
    "zh": "人人生而自由，在尊严和权利上一律平等。",
}


def told(values, **params):
    result = language(pa.table({"text": pa.array(values, pa.string())}), **params)
    return result["language"].to_pylist(), result["language_confidence"].to_pylist()


def test_languages():
    codes, sure = told(list(SENTENCES.values()))
    assert codes == list(SENTENCES)
    assert all(0.5 < value <= 1 for value in sure)


@pytest.mark.parametrize("value", [None, "", "   \n", "12345 67,8", "?!… — 😀", "\0\0"])
def test_what_says_nothing_has_no_language(value):
    assert told([value, "This is plainly English text."]) == (
        [None, "en"],
        [None, pytest.approx(told(["This is plainly English text."])[1][0])],
    )


def test_of_a_long_text_start_and_middle_are_read():
    english, german = SENTENCES["en"] * 200, SENTENCES["de"] * 200
    assert told([english + german * 9], max_characters=400)[0] == ["de"]
    assert told(["MENU " + english])[0] == ["en"]
    assert told([SENTENCES["en"].upper()])[0] == ["en"]


def test_among_narrows_the_choice():
    assert told(["Alle mennesker er født frie"], among=("de", "en"))[0][0] in ("de", "en")
    assert told(list(SENTENCES.values()), among=tuple(SENTENCES))[0] == list(SENTENCES)
    with pytest.raises(BadArgument, match="does not know 'eng'; did you mean 'en'"):
        told(["a"], among=("eng",))
    with pytest.raises(BadArgument, match="expected at least one language"):
        told(["a"], among=())
    with pytest.raises(BadArgument, match="no column 'txt'; did you mean 'text'"):
        told(["a"], text="txt")
    with pytest.raises(BadArgument, match="max_characters=1"):
        told(["a"], max_characters=1)


def test_types_chunks_slices_and_columns_that_exist():
    text = pa.chunked_array(
        [pa.array(["skip", SENTENCES["fr"], None], pa.large_string()).slice(1), pa.array([], pa.large_string())]
    )
    table = pa.table({"id": ["a", "b"], "text": text, "language": ["old", "old"]})
    result = language(table)
    assert result.column_names == ["id", "text", "language", "language_confidence"]
    assert result["language"].to_pylist() == ["fr", None]
    assert result.schema.field("language_confidence").type == pa.float32()
    empty = language(table.slice(0, 0))
    assert empty.schema == result.schema
    assert language(pa.table({"text": pa.nulls(1)}))["language"].to_pylist() == [None]


@pytest.fixture(scope="module")
def reference():
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(list(SENTENCES.values())) | st.text(max_size=40), min_size=1, max_size=3).map(" ".join))
def test_answers_are_those_of_py3langid(reference, value):
    [code], [sure] = told([value], max_characters=10_000)
    ranking = dict(reference.rank(value))
    if code is not None:
        assert sure == pytest.approx(ranking[code], abs=1e-4)
        assert ranking[code] >= max(ranking.values()) - 1e-4
