"""What a focus brings into a small budget, read as an agent would read it."""

import pytest

from mcp_server.conversation.models import Message
from tests.support.conversations import ANA, JANE, JOHN, MemorySource, chat, message, query, reader

pytestmark = pytest.mark.anyio


async def ask(special: dict[int, Message], focus: str, **options: object) -> str:
    """The answer in 700 tokens about two hundred dull messages, some of them replaced."""
    messages = [special.get(199 - number, one) for number, one in enumerate(chat(200))]
    options = {"count": 200, "max_tokens": 700, **options}
    text = (await reader(MemorySource(messages)).read(query(focus=focus, **options))).text
    return text.replace("\u200e", "")  # which keeps the speaker's mark in place in front of Hebrew and Arabic


async def test_what_is_asked_about_is_kept() -> None:
    """By its own words, in forms of its own."""
    text = await ask({60: message(60, "The invoices for Rotterdam went out on 3 May.")}, "When was Rotterdam invoiced?")
    assert "> The invoices for Rotterdam went out on 3 May.\n" in text
    assert text.splitlines()[2].endswith('Focus: "When was Rotterdam invoiced?"')


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("Die Rechnungen für Zürich sind raus.", "Wann kam die Rechnung für Zürich?"),
        ("ロッテルダムの請求書を送りました。", "ロッテルダムの請求書"),
        ("Счета за Роттердам отправлены.", "Когда счета за Роттердам?"),
        ("أرسلت فواتير روتردام أمس.", "متى أرسلت فواتير روتردام؟"),
    ],
)
async def test_any_language_will_do(said: str, asked: str) -> None:
    """Scripts without spaces too."""
    assert f" {said}\n" in await ask({60: message(60, said)}, asked)


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("The 𝐩𝐫𝐢𝐜𝐢𝐧𝐠 changes in May.", "pricing"),
        ("The ｐｒｉｃｉｎｇ changes in May.", "pricing"),
        ("\u1109\u1165\u110b\u116e\u11af에서 만나요.", "서울에서"),
        ("בְּרֵאשִׁ֖ית בָּרָ֣א", "בראשית"),
        ("أُرْسِلَتِ الفَاتُورَةُ", "الفاتورة"),
        ("I'll send it by e-mail.", "email"),
        ("I'll send it by email.", "e-mail"),
        ("The launch 🚀 is on Friday.", "🚀"),
    ],
)
async def test_other_spellings_of_a_word_are_found_and_shown_as_written(said: str, asked: str) -> None:
    """Letters of other forms, marks, hyphens; an emoji can be searched for."""
    text = await ask({60: message(60, said)}, asked)
    assert f" {said}\n" in text
    assert "\n! " not in text


async def test_the_answer_comes_with_its_question() -> None:
    """It need not repeat a word of it."""
    special = {
        60: message(60, "What would the Rotterdam depot cost us?", sender=JANE),
        61: message(61, "About nine thousand a year.", sender=JOHN),
    }
    text = await ask(special, "cost of the Rotterdam depot")
    assert "> What would the Rotterdam depot cost us?\n< About nine thousand a year.\n" in text


async def test_a_person_named_in_the_question_counts_more() -> None:
    """The same word, said by three: hers is kept whole where there is no room for all."""
    said = {60: ("wet " * 100, JOHN), 90: ("fine " * 100, ANA), 120: ("far " * 100, JANE)}
    special = {at: message(at, f"Rotterdam is {words.strip()}", sender=by) for at, (words, by) in said.items()}
    text = await ask(special, "What did Ana say about Rotterdam?", max_tokens=455)
    assert [("wet " * 100).strip() in text, ("fine " * 100).strip() in text] == [False, True]


async def test_a_name_alone_is_enough() -> None:
    """Then it is about what that one wrote."""
    special = {number: message(number, f"Ana's line {number}", sender=ANA) for number in (40, 41, 90)}
    text = await ask(special, "Ana Lima", max_tokens=500)
    assert text.count("Ana's line") == 3


async def test_a_focus_that_matches_nothing_says_so() -> None:
    """And what tells most is shown."""
    text = await ask({60: message(60, "Rotterdam costs 4,200 euros.")}, "zyxwv qqq")
    assert "! No message matches the focus; the most informative messages are shown instead.\n" in text
    assert "Rotterdam costs 4,200 euros.\n" in text


async def test_a_long_sentence_without_an_end_is_cut_where_it_can_be() -> None:
    """Pasted text has no full stops: it is shown in part, around what was asked for."""
    pasted = ", ".join(f"row {n} of the export" for n in range(200))
    text = await ask({60: message(60, f"{pasted}, Rotterdam, {pasted}")}, "Rotterdam", max_tokens=600)
    assert "Rotterdam" in text
    assert "[..]" in text
