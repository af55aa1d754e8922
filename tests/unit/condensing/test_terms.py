"""Words of any script, and what they count as."""

import pytest

from mcp_server.condensing.terms import Folds, Stems, grams, without_possessive, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's Jane's plan, no. 7!", ["It's", "Jane's", "plan", "no", "7"]),
        ("Größe für l’été", ["Größe", "für", "l’été"]),
        ("Ждём вас 5 мая", ["Ждём", "вас", "5", "мая"]),
        ("متى تأتي؟", ["متى", "تأتي"]),
        ("東京で会う", ["東京", "京で", "で会", "会う"]),
        ("ok 好 的吧", ["ok", "好", "的吧"]),
        ("ราคา", ["รา", "าค", "คา"]),
        ("回复Anna吧", ["回复", "Anna", "吧"]),
        ("서울에서", ["서울", "울에", "에서"]),
        ("👍 !?…", []),
        ("", []),
    ],
)
def test_words_are_found_in_any_script(text: str, expected: list[str]) -> None:
    """Those of scripts without spaces by every two characters that stand together."""
    assert words(text) == expected


def test_long_words_with_the_same_beginning_are_one_stem() -> None:
    """As are those in capitals, and with a possessive."""
    stems = Stems()
    assert stems["Contracting"] == stems["contracts"] == "contrac"
    assert stems["Jane's"] == stems["JANE"] == "jane"
    assert stems["ok"] == "ok"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Été", "ete"),
        ("GRÖSSE", "grosse"),
        ("Müller’s", "muller"),
        ("Ёлка", "елка"),
        ("Ώρα", "ωρα"),
        ("東京", "東京"),
        ("हिन्दी", "हिन्दी"),
        ("Plain", "plain"),
    ],
)
def test_a_word_is_looked_for_without_case_and_accents(word: str, expected: str) -> None:
    """Where accents are accents: vowel signs of other scripts stay."""
    folds = Folds()
    assert folds[word] == expected
    assert folds == {word: expected}


def test_a_possessive_is_not_a_word_by_itself() -> None:
    """Only what is left of it counts."""
    assert without_possessive("anna's") == without_possessive("anna’s") == "anna"
    assert without_possessive("'s") == "'s"


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("price", ["pric", "rice"]),
        ("pay", ["pay"]),
        ("rent", ["rent"]),
        ("2026", ["2026"]),
        ("1234567", ["1234567"]),
    ],
)
def test_longer_words_are_compared_in_pieces(word: str, expected: list[str]) -> None:
    """Numbers never are: one is not like another for sharing digits."""
    assert list(grams(word)) == expected
