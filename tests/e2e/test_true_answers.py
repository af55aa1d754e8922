"""Answers that are true: faults that people reported of servers like this one, each as a small input from outside."""

import json
from typing import Any

import pytest

from tests.support import outside
from tests.support.outside import (
    HOUR_MS,
    NEWEST_MS,
    Params,
    Response,
    api,
    by_offset,
    dull,
    page,
    refused,
    sent,
    served,
)
from tests.support.patience import PATIENCE_S

CONVERSATION = "2-ZXhhbXBsZQ=="
JANE = "https://www.linkedin.com/in/jane-doe"


def test_one_old_message_does_not_end_a_reading_since() -> None:
    """Messages every half day, the second one dated 400 days back."""
    half_day = 12 * HOUR_MS
    messages = [sent(number, f"text {number}", at=NEWEST_MS - number * half_day) for number in range(100)]
    messages[1]["timestamp"] = NEWEST_MS - 800 * half_day
    with api(by_offset(messages, most=10)) as source, served(source.environment) as server:
        answer = server.call(conversation_id=CONVERSATION, count=60, since="2026-03-06")
    assert answer.content["covered"] >= 59, answer.text


def test_messages_that_the_api_counted_and_did_not_deliver_are_reported() -> None:
    """57 of 60 come."""
    with api(by_offset(dull(57), most=10, total=60)) as source, served(source.environment) as server:
        answer = server.call(conversation_id=CONVERSATION, count=60, max_tokens=8000)
    assert "3 of 60 messages were not delivered by the API" in answer.text
    assert "\nNo older messages.\n" not in f"{answer.text}\n"
    assert answer.content["undelivered"] == 3


def test_two_messages_of_one_time_over_the_edge_of_a_page_are_missed_aloud() -> None:
    """The cursor is the time of the last message, and excludes it."""
    messages = dull(30)
    messages[10]["timestamp"] = messages[9]["timestamp"]

    def answer(params: Params) -> Response:
        rest = [one for one in messages if one["timestamp"] < int(params.get("cursor") or NEWEST_MS + 1)]
        shown = rest[:10]
        return page(shown, str(shown[-1]["timestamp"]) if len(rest) > 10 else None, total_message_count=30)

    with api(answer) as source, served(source.environment) as server:
        found = server.call(conversation_id=CONVERSATION, count=40, max_tokens=8000)
    assert "1 of 30 messages was not delivered by the API" in found.text
    assert found.content["undelivered"] == 1


def test_a_call_repeated_word_for_word_reads_what_has_arrived() -> None:
    """An agent that insists wants the newest message."""
    messages = dull(12)
    with api(by_offset(messages)) as source, served(source.environment) as server:
        server.call(profile_url=JANE, count=5)
        messages.insert(0, sent(-1, "Something new."))
        assert "Something new." in server.call(profile_url=JANE, count=5).text


def test_an_answer_from_memory_states_its_age_and_claims_no_turn() -> None:
    """Another call within half a minute."""
    messages = dull(40)
    with api(by_offset(messages)) as source, served(source.environment) as server:
        assert "to answer" in server.call(profile_url=JANE, count=20).text
        messages.insert(0, sent(-1, "Something new.", who="John Smith"))
        again = server.call(profile_url=JANE, count=4).text
    assert "Something new." in again or ("\n! From memory, " in again and "to answer" not in again)


def test_fields_that_hosts_add_are_ignored_with_a_note() -> None:
    with api(by_offset(dull(5))) as source, served(source.environment) as server:
        for field in ("toolCallId", "sessionId", "action", "chatInput", "_sessionID", "explanation"):
            answer = server.call(conversation_id=CONVERSATION, **{field: "x"})
            assert not answer.is_error, answer.text
            assert field in answer.text


def test_integers_sent_as_text_are_integers() -> None:
    with api(by_offset(dull(5))) as source, served(source.environment) as server:
        for arguments in ({"count": "3"}, {"max_tokens": "1000"}, {"count": "3", "max_tokens": "400"}):
            assert not server.call(conversation_id=CONVERSATION, **arguments).is_error
        for odd in (True, 2.5, "3.0", "3 ", "three"):
            assert server.call(conversation_id=CONVERSATION, count=odd).is_error


SPELLINGS = {
    "The 𝐩𝐫𝐢𝐜𝐢𝐧𝐠 changes in May.": "pricing",
    "The ｉｎｖｏｉｃｅ is late.": "invoice",
    "\u1109\u1165\u110b\u116e\u11af에서 만나요.": "서울에서",
    "בְּרֵאשִׁ֖ית בָּרָ֣א": "בראשית",
    "أُرْسِلَتِ الفَاتُورَةُ": "الفاتورة",
    "I'll send it by e-mail.": "email",
    "The launch 🚀 is on Friday.": "🚀",
}


def test_a_focus_finds_other_spellings() -> None:
    messages = dull(150, **{f"m{90 + number}": said for number, said in enumerate(SPELLINGS)})
    with api(by_offset(messages)) as source, served(source.environment) as server:
        for said, asked in SPELLINGS.items():
            answer = server.call(conversation_id=CONVERSATION, count=150, max_tokens=700, focus=asked)
            assert not any(line.startswith("! No") for line in answer.text.splitlines())
            assert f" {said}\n" in answer.text


@pytest.mark.parametrize("max_tokens", [600, 1500])
@pytest.mark.parametrize("focus", ["meeting link for Thursday", None])
def test_a_link_is_whole_beside_whole_messages(focus: str | None, max_tokens: int) -> None:
    link = "https://us02web.zoom.us/j/84312345678?pwd=aGVsbG8gd29ybGQgdGhpcyBpcyBhIHBhc3N3b3Jk.1"
    messages = dull(120, m39=f"Here is the meeting link for Thursday: {link}")
    with api(by_offset(messages)) as source, served(source.environment) as server:
        answer = server.call(conversation_id=CONVERSATION, count=120, max_tokens=max_tokens, focus=focus)
    assert link in answer.text
    assert answer.content["omitted"] > 0


def test_no_turn_is_claimed_in_a_group() -> None:
    """The owner is known, and others wrote before what was read."""
    messages = [sent(0, "Omar, Li, can you two take this?"), *dull(5)[1:]]
    messages += [sent(number, "Hello.", who=("Omar Sy", "Li Wei")[number % 2]) for number in range(5, 30)]
    owner = {"CONVERSATION_SELF_PROFILE_URL": "https://www.linkedin.com/in/john-smith"}
    with api(by_offset(messages, most=10)) as source, served(source.environment | owner) as server:
        assert "to answer" not in server.call(conversation_id=CONVERSATION, count=4).text


@pytest.mark.parametrize("kind", ["REACTION", "CONVERSATION_RENAMED", "SYSTEM"])
def test_no_turn_is_claimed_after_an_event(kind: str) -> None:
    messages = [sent(0, "renamed" if kind != "REACTION" else "👍", message_type=kind), *dull(5)[1:]]
    with api(by_offset(messages)) as source, served(source.environment) as server:
        assert "to answer" not in server.call(profile_url=JANE, count=5).text


def test_two_messages_of_one_time_do_not_end_a_walk_by_single_messages() -> None:
    """The cursor is a time, and includes its message."""
    messages = dull(6)
    messages[1]["timestamp"] = messages[0]["timestamp"]

    def answer(params: Params) -> Response:
        rest = [one for one in messages if one["timestamp"] <= int(params.get("cursor") or NEWEST_MS)]
        shown = rest[: int(params["count"])]
        return page(shown, str(shown[-1]["timestamp"]) if len(rest) > len(shown) else None, total_message_count=6)

    seen, cursor = "", None
    with api(answer) as source, served(source.environment) as server:
        for _ in range(12):
            found = server.call(conversation_id=CONVERSATION, count=1, **({"cursor": cursor} if cursor else {}))
            seen, cursor = seen + found.text, found.content.get("next_cursor")
            if cursor is None:
                break
    assert all(one["text"] in seen for one in messages)


@pytest.mark.parametrize(
    ("status", "code"), [(404, "THREAD_ARCHIVED"), (403, "PLAN_WITHOUT_HISTORY"), (409, "SYNC_RUNNING"), (200, "ODD")]
)
def test_an_unknown_code_is_quoted_and_holds_nothing_back(status: int, code: str) -> None:
    with api(lambda _: refused(status, code, "Words of the API.")) as source, served(source.environment) as server:
        assert "Words of the API." in server.call(conversation_id=CONVERSATION).text
        before = len(source.requests)
        server.call(conversation_id="2-b3RoZXI=")
        assert len(source.requests) > before


@pytest.mark.parametrize("status", [404, 403])
def test_an_answer_that_is_not_the_apis_blames_the_base_url_and_holds_nothing_back(status: int) -> None:
    """A wrong address, and a firewall."""
    with api(lambda _: (status, {"detail": "x"})) as source, served(source.environment) as server:
        answer = server.call(conversation_id=CONVERSATION).text
        before = len(source.requests)
        server.call(conversation_id="2-b3RoZXI=")
    assert "CONVERSATION_API_BASE_URL" in answer.split("CONVERSATION_API_KEY", maxsplit=1)[0]
    assert len(source.requests) > before


@pytest.mark.parametrize(
    ("status", "code"), [(400, "INVALID_PARAMS"), (404, "CURSOR_NOT_FOUND"), (410, "GONE"), (200, "CURSOR_EXPIRED")]
)
def test_a_cursor_that_the_api_refuses_is_found_again(status: int, code: str) -> None:
    messages, lives = dull(40), ["first"]

    def answer(params: Params) -> Response:
        life, _, start = str(params.get("cursor") or f"{lives[-1]} 0").partition(" ")
        if life != lives[-1]:
            return refused(status, code, "The cursor has expired.")
        following = f"{life} {int(start) + 10}" if int(start) < 30 else None
        return page(messages[int(start) : int(start) + 10], following, total_message_count=40)

    with api(answer) as source:
        with served(source.environment) as server:
            cursor = server.call(conversation_id=CONVERSATION, count=20, max_tokens=8000).content["next_cursor"]
        lives.append("second")
        with served(source.environment) as server:  # that remembers no page
            found = server.call(conversation_id=CONVERSATION, count=5, cursor=cursor)
    assert "thing 20 again" in found.text


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"text": "", "attachments": [{"name": "contract.pdf"}]}, "contract.pdf"),
        ({"text": "See below.", "subject": "Renewal of 2027"}, "Renewal of 2027"),
        ({"text": "", "reactions_summary": [{"x": 1}]}, "reactions_summary"),
    ],
)
def test_what_the_api_sends_beside_a_text_leaves_a_trace(fields: dict[str, Any], shown: str) -> None:
    with api(by_offset([sent(0) | fields])) as source, served(source.environment) as server:
        assert shown in server.call(conversation_id=CONVERSATION).text


def test_a_sender_without_a_profile_is_the_participant_of_that_name() -> None:
    messages = dull(6)
    del messages[2]["sender_info"]
    with api(by_offset(messages)) as source, served(source.environment) as server:
        legend = server.call(profile_url=JANE, count=6).text.splitlines()
    assert sum(line.endswith("Jane Doe") for line in legend[:4]) == 1


def test_the_placeholder_of_members_without_a_name_is_nobody() -> None:
    unknown = {"first_name": "LinkedIn", "last_name": "Member", "profile_url": "https://www.linkedin.com/in/UNKNOWN"}
    messages = [sent(number, f"text {number}", sender="LinkedIn Member", sender_info=unknown) for number in range(4)]
    with api(by_offset(messages)) as source, served(source.environment) as server:
        text = server.call(conversation_id=CONVERSATION).text
    assert "in/UNKNOWN" not in text
    assert "LinkedIn Member" not in text.split("\n# ", maxsplit=1)[0]


def test_links_are_read_as_people_paste_them() -> None:
    profiles = (
        f"\u200b{JANE}\ufeff",
        f"<{JANE}>",
        "https://www.linkedin.com/comm/in/jane-doe",
        "https://www.linkedin.com/mwlite/in/jane-doe",
        f"https://www.linkedin.com/messaging/thread/{CONVERSATION}/",
    )
    with api(by_offset(dull(5))) as source, served(source.environment) as server:
        for profile in profiles:
            assert not server.call(profile_url=profile).is_error, profile
        assert not server.call(conversation_id=f" {CONVERSATION} ").is_error
        asked = [request.get("profile_url", request.get("conversation_id")) for request in source.requests]
    assert {str(one).removesuffix("/").rpartition("/")[2] for one in asked} == {"jane-doe", CONVERSATION}


def test_a_cursor_holds_for_a_profile_in_any_case() -> None:
    with api(by_offset(dull(30))) as source, served(source.environment) as server:
        cursor = server.call(profile_url="in/jane-doe", count=5).content["next_cursor"]
        assert not server.call(profile_url="in/Jane-Doe", count=5, cursor=cursor).is_error


def test_no_cursor_is_given_out_that_would_be_refused() -> None:
    def answer(params: Params) -> Response:
        return page(dull(10), None if params.get("cursor") else "c" * 1500, total_message_count=20)

    with api(answer) as source, served(source.environment) as server:
        found = server.call(conversation_id=CONVERSATION, count=10)
        assert "cannot continue" in found.text
        assert "next_cursor" not in found.content


def test_a_call_before_the_end_of_input_is_answered_and_a_byte_order_mark_skipped() -> None:
    with api(by_offset(dull(5))) as source:
        opening = b"".join(
            outside.line(one) for one in (*outside.OPENING, outside.call(2, {"conversation_id": CONVERSATION}))
        )
        for mark in (b"", b"\xef\xbb\xbf"):
            output, _ = outside.process(source.environment).communicate(mark + opening, timeout=PATIENCE_S)
            answers = {message.get("id"): message for message in map(json.loads, output.splitlines())}
            assert "thing 0 again" in json.dumps(answers[2]["result"])
