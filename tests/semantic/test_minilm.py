"""The real model. Needs the extra `[semantic]`, so `make test-all` runs it, and fails where the extra is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcp_server.errors import SettingsError
from mcp_server.semantic import LocalSimilarity, installed
from mcp_server.semantic.minilm import MiniLm, checked, vocabulary

CHAT = [
    "Morning! Did you get home all right after the conference?",
    "Yes, the train was two hours late, but I slept through most of it.",
    "We would like you to start as head of operations, if you still want it.",
    "The offer would be 92,000 a year and four weeks off.",
    "My daughter has been learning the cello since she was six.",
    "Could you send me the signed agreement by Friday?",
]


@pytest.fixture(scope="module")
def model() -> MiniLm:
    """Loaded once for all tests here."""
    return MiniLm()


def test_the_extra_is_installed() -> None:
    """These tests mean nothing without it."""
    assert installed()


def test_cosines_are_those_the_model_was_published_with(model: MiniLm) -> None:
    """The weights in 8 bits are within 0.01 of the figures in the documentation of all-MiniLM-L6-v2."""
    read = model.read(["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."])
    first, second, third = (model.vector(words.ids) for words in read)
    assert model.cosines(first, [first, second, third]) == pytest.approx([1, 0.666, 0.105], abs=0.01)
    assert model.cosines(second, [third]) == pytest.approx([0.141], abs=0.01)


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("What salary was proposed?", 3),
        ("Which musical instrument does the child play?", 4),
        ("How was the journey?", 1),
        ("When is the contract due?", 5),
    ],
)
def test_what_is_meant_is_found_without_a_word_in_common(model: MiniLm, question: str, nearest: int) -> None:
    """What words alone cannot find."""
    near = LocalSimilarity(model).similarity(question, CHAT)
    assert near.index(max(near)) == nearest
    assert near[nearest] == 1


def test_what_nobody_speaks_of_is_near_nothing(model: MiniLm) -> None:
    """So that an answer can say that nothing matches."""
    assert not any(LocalSimilarity(model).similarity("Kubernetes ingress controllers", CHAT))


@pytest.mark.parametrize(
    "texts",
    [
        ["Passt dir Dienstag um zehn?", "Ja, ich schicke dir vorher noch das Angebot."],
        ["¿Te va bien el martes a las diez?", "Sí, te mando antes la oferta."],
        ["Schikt dinsdag om tien uur?", "Ja hoor, ik stuur je de offerte vooraf."],
        ["周二十点可以吗?", "可以,我先把报价发给你。"],
        ["Вторник в десять подойдёт?", "Да, конечно."],
    ],
)
def test_other_languages_are_left_to_words(model: MiniLm, texts: list[str]) -> None:
    """The model knows English only, and says nothing rather than noise."""
    assert not any(LocalSimilarity(model).similarity("When do we meet?", texts))
    assert not any(LocalSimilarity(model).similarity(texts[0], texts))


def test_figures_do_not_depend_on_what_was_asked_before(model: MiniLm) -> None:
    """The same call gives the same figures to the last bit, whatever is kept from earlier ones."""
    question = "What salary was proposed?"
    used, fresh = LocalSimilarity(model), LocalSimilarity()
    used.similarity("How was the journey?", CHAT[::-2])
    assert used.similarity(question, CHAT) == fresh.similarity(question, CHAT)


def test_a_message_cannot_pass_for_a_frame(model: MiniLm) -> None:
    """`[SEP]` in a text is letters and brackets, as any other."""
    tokens = vocabulary()
    assert [tokens[number] for number in model.read(["[SEP] now"])[0].ids] == ["[", "sep", "]", "now"]


def test_words_of_english_are_counted_whole(model: MiniLm) -> None:
    """A word that merely begins like one is none."""
    (read,) = model.read(["What about the thezaurus, 你 x 42?"])
    assert (read.words, read.english) == (5, 3)


def test_any_text_can_be_read(model: MiniLm) -> None:
    """Empty, endless, of signs only, of an unknown script."""
    empty, endless, signs, unknown = model.read(["", "na " * 1_000_000, "🎉!?", "\U00012000"])
    assert (empty.ids, empty.words) == ((), 0)
    assert len(endless.ids) < 10_000
    assert signs.words <= 1
    assert model.vector(unknown.ids) == model.vector(unknown.ids)


def test_another_file_than_the_published_one_is_refused() -> None:
    """A damaged or exchanged model ranks nothing; the sentence says what to do."""
    with pytest.raises(SettingsError, match=r"model\.onnx") as refusal:
        checked(b"something else", "0" * 64, "model.onnx")
    assert "pip install" in refusal.value.advice


def test_the_model_writes_nothing_to_disk(tmp_path: Path) -> None:
    """Its runtime keeps an identity of the device and events below the home directory unless configured otherwise."""
    code = (
        "from mcp_server.semantic import LocalSimilarity; from mcp_server.semantic.minilm import MiniLm;"
        "texts = ['The offer would be 92,000 a year.', 'She plays the cello.'];"
        "print(LocalSimilarity(MiniLm()).similarity('What salary was proposed?', texts))"
    )
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    ran = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("[1")
    assert list(tmp_path.rglob("*")) == []
