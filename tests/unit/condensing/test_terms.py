"""Words of any script, and what they count as."""

import pytest

from mcp_server.condensing.terms import Folds, Stems, grams, search_words, without_possessive, words


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
        ("हिन्दी", "हिनदी"),
        ("𝐏𝐫𝐢𝐜𝐞", "price"),
        ("ｐｒｉｃｅ", "price"),
        ("مَرْحَبـــا", "مرحبا"),
        ("שָׁלוֹם", "שלום"),
        ("İSTANBUL", "istanbul"),
        ("がぎ", "がぎ"),
        ("१०", "10"),
        ("Plain", "plain"),
    ],
)
def test_words_are_compared_without_case_marks_and_compatibility_forms(word: str, expected: str) -> None:
    """In every script; only the voicing marks of kana stay, which distinguish letters."""
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e-mail me", ["e", "mail", "me", "email"]),
        ("2026-05-03", ["2026", "05", "03"]),
        ("می\u200cخواهم", ["می", "خواهم", "میخواهم"]),
        ("ｶﾞｷﾞ", ["ガギ"]),
        ("\u1109\u1165\u110b\u116e\u11af\u110b\u1166", ["서울", "울에"]),
        ("well 👍🏽 🇩🇪", ["well", "👍", "🇩🇪"]),
        ("€5", ["€", "5"]),
    ],
)
def test_search_finds_compounds_and_symbols_too(text: str, expected: list[str]) -> None:
    """A hyphenated word also counts as one word; an emoji, a flag or a currency sign is a word."""
    assert search_words(text) == expected
