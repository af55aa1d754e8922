"""The sandbox's conversations with questions about them, in the form that retrieval is measured on.

    python benchmarks/sandbox_dialogues.py 1000 > dialogues.json

gives `[{"id", "messages": [[sender, sent_at_ms, text], ...], "questions": [{"question", "evidence": [index, ...]}]}]`,
messages oldest first, of each conversation the newest 1,000 (all without the number) and what is asked about those.
`sandbox_questions.json` names evidence by a phrase of the message, so that a conversation can
be edited without counting lines; a phrase that is in no message, or in two, is refused.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from mcp_server.sandbox.library import Conversation, load_library

QUESTIONS = Path(__file__).with_name("sandbox_questions.json")


class Question(TypedDict):
    question: str
    evidence: list[int]


class Dialogue(TypedDict):
    id: str
    messages: list[tuple[str, int, str]]
    questions: list[Question]


def dialogues(newest: int | None = None) -> list[Dialogue]:
    """Every conversation that has questions, or its `newest` messages and the questions whose evidence is in them.

    Raises ValueError for a phrase that does not name one message.
    """
    conversations = {conversation.name: conversation for conversation in load_library().conversations}
    asked = json.loads(QUESTIONS.read_text(encoding="utf-8"))
    whole = (_dialogue(conversations[name], questions) for name, questions in asked.items())
    return [_cut(dialogue, newest or len(dialogue["messages"])) for dialogue in whole]


def _cut(dialogue: Dialogue, newest: int) -> Dialogue:
    skipped = max(0, len(dialogue["messages"]) - newest)
    questions: list[Question] = [
        {"question": asked["question"], "evidence": [index - skipped for index in asked["evidence"]]}
        for asked in dialogue["questions"]
        if min(asked["evidence"]) >= skipped
    ]
    return {"id": dialogue["id"], "messages": dialogue["messages"][skipped:], "questions": questions}


def _dialogue(conversation: Conversation, asked: Sequence[tuple[str, list[str]]]) -> Dialogue:
    texts = [message.text for message in conversation.messages]
    return {
        "id": conversation.name,
        "messages": [
            (f"{one.sender.first_name} {one.sender.last_name}" if one.sender else "", one.sent_at_ms, one.text)
            for one in conversation.messages
        ],
        "questions": [
            {"question": question, "evidence": [_index(texts, phrase) for phrase in phrases]}
            for question, phrases in asked
        ],
    }


def _index(texts: Sequence[str], phrase: str) -> int:
    found = [index for index, text in enumerate(texts) if phrase in text]
    if len(found) != 1:
        raise ValueError(f"{phrase!r} is in {len(found)} messages; it must be in one.")
    return found[0]


if __name__ == "__main__":
    json.dump(dialogues(int(sys.argv[1]) if len(sys.argv) > 1 else None), sys.stdout, ensure_ascii=False, indent=1)
