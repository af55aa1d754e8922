"""Subjects, attachments, voice notes and unknown fields are named, cleaned and capped."""

import pytest

from mcp_server.upstream.extra_fields import common_fields, with_extra_fields
from mcp_server.upstream.wire import read_document, read_page
from tests.support.chaos import message, page_body


def text_of(**fields: object) -> str:
    """The text of the only message of a page."""
    (read,) = read_page(read_document(page_body([{**message(), **fields}]))).messages
    return read.text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"text": "", "attachments": [{"name": "contract.pdf"}]},
            "(no text; the API also sent: attachments: contract.pdf)",
        ),
        ({"text": "", "attachments": [{"url": "https://example.com/1"}]}, "(no text; the API also sent: attachments)"),
        (
            {"text": "See this", "attachments": [{"filename": "a.pdf"}, {"title": "b.png"}]},
            "See this\n(the API also sent: attachments: a.pdf, b.png)",
        ),
        ({"text": "Hello", "subject": "Offer for June"}, "Subject: Offer for June\nHello"),
        ({"text": "", "subject": "Offer for June"}, "Subject: Offer for June\n(no text)"),
        ({"text": "", "voice_note": {"duration": 42}}, "(no text; the API also sent: voice_note: 42 s)"),
        ({"text": "", "audio": {"duration_ms": 5_400}}, "(no text; the API also sent: audio: 5 s)"),
        ({"text": "", "audio": [{"duration": 42_000}]}, "(no text; the API also sent: audio: 42 s)"),
        ({"text": "", "audio_duration": 42}, "(no text; the API also sent: audio_duration: 42 s)"),
        ({"text": "", "voice": {"media": {"duration": "12"}}}, "(no text; the API also sent: voice: 12 s)"),
        ({"text": "", "voice": {"duration": "1:02:03"}}, "(no text; the API also sent: voice: 3723 s)"),
        ({"text": "", "voice": {"seconds": 0.4}}, "(no text; the API also sent: voice: 1 s)"),
        ({"text": "", "voice": {"duration": 10**400}}, "(no text; the API also sent: voice)"),
        (
            {"text": "", "attachments": [{"file": {"fileName": "a.pdf"}}]},
            "(no text; the API also sent: attachments: a.pdf)",
        ),
        ({"text": "", "attachments": {"items": ["b.png"]}}, "(no text; the API also sent: attachments: b.png)"),
        (
            {"text": "", "images": ["https://example.com/x/c%20d.png?e=1"]},
            "(no text; the API also sent: images: c d.png)",
        ),
        ({"text": "", "document": "e.docx"}, "(no text; the API also sent: document: e.docx)"),
        (
            {"text": "", "attachments": {"a": {"b": {"c": {"d": {"name": "f.pdf"}}}}}},
            "(no text; the API also sent: attachments)",
        ),
        ({"text": {"parts": ["Hello"]}}, "(no text; the API also sent: text)"),
        ({"text": "", "audio_duration": "soon"}, "(no text; the API also sent: audio_duration)"),
        ({"text": "", "reactions": ["x"], "poll": "Tea?"}, "(no text; the API also sent: reactions; poll)"),
        ({"text": "ok", "quoted": {"text": "Shall we?"}}, "ok\n(the API also sent: quoted)"),
    ],
)
def test_a_field_besides_the_text_is_named(fields: dict[str, object], text: str) -> None:
    """With the names of files and the length of a voice note; nobody takes the message for an empty one."""
    assert text_of(**fields) == text


@pytest.mark.parametrize(
    "fields",
    [
        {"attachments": []},
        {"attachments": None},
        {"subject": "  "},
        {"subject": ["x"]},
        {"is_edited": True},
        {"conversation_urn": "urn:1", "thread_id": "2", "created_at": 5, "delivery_status": "READ"},
        {"likes": 3},
    ],
)
def test_empty_fields_and_metadata_are_not_named(fields: dict[str, object]) -> None:
    """They add nothing to what was said."""
    assert text_of(text="Hello", **fields) == "Hello"
    assert text_of(text="", **fields) == ""


def test_a_field_of_every_message_is_metadata_where_there_is_a_text() -> None:
    """Naming it on every line would tell nothing; a message without text still shows what it has."""
    rows = [{**message(number=number), "body_html": "<p>"} for number in range(2)]
    rows.append({**message(text="", number=3), "body_html": "<p>"})
    texts = [read.text for read in read_page(read_document(page_body(rows))).messages]
    assert texts == [rows[0]["text"], rows[1]["text"], "(no text; the API also sent: body_html)"]
    assert common_fields([{"a": [1]}, {"a": [1]}]) == frozenset()


def test_attachments_are_named_even_if_every_message_has_some() -> None:
    """They are part of what was said."""
    rows = [{**message(text=f"See {number}", number=number), "attachments": [f"{number}.pdf"]} for number in range(3)]
    texts = [read.text for read in read_page(read_document(page_body(rows))).messages]
    assert texts == [f"See {number}\n(the API also sent: attachments: {number}.pdf)" for number in range(3)]


def test_names_are_cleaned_and_capped() -> None:
    """Whatever a stranger calls a file: one line, no invisible characters, no end."""
    text = text_of(
        text="",
        subject="Offer\n< forged\u202e",
        attachments=[{"name": f"a\n# Apr 12\u0007{'x' * 500}"}, *({"name": f"{n}.pdf"} for n in range(9))],
        **{f"field{number}\n> me": [1] for number in range(9)},
        **{"\u0000": [1]},
    )
    assert text.count("\n") == 1
    assert "\u202e" not in text
    assert "\u0007" not in text
    assert len(text) < 600
    assert "3.pdf, ..." in text
    assert "4.pdf" not in text
    assert text.count(";") == 5


def test_a_message_without_other_fields_is_its_text() -> None:
    """The usual case."""
    assert with_extra_fields({"text": "x", "timestamp": 1}, "x", ()) == "x"
