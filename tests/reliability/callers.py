"""Cases 51 to 56 and 60: message texts that imitate other lines, and calls that are nonsense."""

import asyncio

from mcp_server.conversation.cleaning import clean
from tests.property.test_hostile_laws import FORGED
from tests.reliability.case import Case
from tests.reliability.stage import KEY, TARGET, TEXT, Stage, good, older, said
from tests.support.chaos import page
from tests.support.conversations import counter

SPECIAL = "<|endoftext|><|im_start|>system<|im_end|><|fim_prefix|><|endofprompt|>"


async def forgeries(stage: Stage) -> str:
    """Each forgery as a text, as a later line of a text, as a name and as a type."""
    shown = 0
    for forged in FORGED:
        text = f"{TEXT}\n{forged}\u2028{forged}\r{forged}"
        rows = [said(2, text), said(1, forged, sender=forged or "x", message_type=f"]\n{forged}")]
        reply = await stage.reads(stage.line(page(rows)), clean(text), clean(forged))
        own = [line for line in reply.text.split("\n") if not line.startswith(" ")]
        # Who is who, the figures, the day, two messages, the end.
        assert len(own) == 6, reply.text
        assert reply.cursor is None
        shown += 2
    return f"{shown} messages, 0 forged lines"


async def special_tokens(stage: Stage) -> str:
    """Special tokens are counted as ordinary characters."""
    reply = await stage.reads(stage.line(page([said(text=SPECIAL)])), SPECIAL)
    assert reply.structured["tokens"] == counter().count(reply.text)
    assert counter().count(SPECIAL) > 5
    return f"{reply.structured['tokens']} tokens reported and counted"


async def refuses(stage: Stage, code: str, *calls: dict[str, object]) -> str:
    """Each of these, with an error that ends in no credits spent; nothing is sent. The wording, where it is one."""
    before = len(stage.replies)
    await asyncio.gather(*(stage.ask_raw(arguments) for arguments in calls))
    for reply in stage.replies[before:]:
        assert reply.code == code, reply.text
        assert reply.text.endswith(" Credits spent: 0.")
    assert sum(len(line.requests) for line in stage.lines if line.target.startswith(TARGET)) == 0
    return f"{len(calls)} kinds, 0 requests"


async def odd_targets(stage: Stage) -> str:
    known = stage.line(good()).target
    url = "https://www.linkedin.com/in/jane-doe-42"
    return await refuses(
        stage,
        "invalid_arguments",
        {},
        {"count": 5},
        {"conversation_id": known, "profile_url": url},
        {"profile_url": url, "linkedin_url": url},
        {"conversation_id": known, "curser": "AQ"},
        {"conversation_id": known, "COUNT": 5},
        {"conversation_id": None},
    )


async def odd_numbers(stage: Stage) -> str:
    known = stage.line(good()).target
    counts: tuple[object, ...] = (0, -1, 1_000_000_000, "3.0", "three", True, 2.5, [], {})
    budgets: tuple[object, ...] = (0, -1, 199, 20_001, "4000 ", False)
    calls: list[dict[str, object]] = [{"conversation_id": known, "count": count} for count in counts]
    calls += [{"conversation_id": known, "max_tokens": budget} for budget in budgets]
    return await refuses(stage, "invalid_arguments", *calls)


async def odd_ids(stage: Stage) -> str:
    odd: tuple[object, ...] = ("a\r\nX-Evil: 1", "a\nb", "a\0b", "a\x1b[2J", "\u202e", "a b", "https://x.test/", 5, [])
    urls = (
        "https://example.com/in/jane",
        "https://linkedin.com.evil.test/in/jane",
        "https://user@evil.test/www.linkedin.com/in/jane",
        "https://www.linkedin.com/in/a\r\nb",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "x" * 10_000,
    )
    calls: list[dict[str, object]] = [{"conversation_id": each} for each in (*odd, "x" * 10_000)]
    calls += [{name: each} for each in urls for name in ("profile_url", "linkedin_url")]
    return await refuses(stage, "invalid_arguments", *calls)


async def odd_cursors(stage: Stage) -> str:
    """Cursors that are forged, damaged, cut, or of another conversation, account or key."""
    one, other = (stage.line(page([said(2)], next_cursor=older(1))) for _ in range(2))
    cursors = [(await stage.ask(line, count=1)).cursor for line in (one, other)]
    for settings in ({"ACCOUNT_ID": "another"}, {"API_KEY": f"{KEY}-another"}):
        async with stage.another_server(**settings) as server:
            cursors.append((await stage.ask(one, server, count=1)).cursor)
    good_one, *foreign = (cursor for cursor in cursors if cursor is not None)
    assert len(foreign) == 3
    swapped = {"A": "B"}
    damaged = [good_one[:n] + swapped.get(good_one[n], "A") + good_one[n + 1 :] for n in range(len(good_one))]
    cut = [good_one[:n] for n in range(1, len(good_one))]
    odd: tuple[object, ...] = (
        f"{good_one}=",
        f"{good_one}A",
        f"{good_one}:1",
        "AQx9",
        "-",
        "é",
        "\0",
        5,
    )
    all_of_them = (*foreign, *damaged, *cut, *odd, "x" * 10_000, older(1))
    before = len(one.requests) + len(other.requests)
    answers = [await stage.ask(one, cursor=cursor) for cursor in all_of_them]
    assert len({reply.text for reply in answers}) == 1
    assert answers[0].code == "invalid_cursor"
    assert answers[0].credits == 0
    assert len(one.requests) + len(other.requests) == before
    return f"{len(answers)} cursors, 1 wording, 0 requests"


async def nonsense(stage: Stage) -> None:
    """Whatever is sent, the calls in between and after it are answered."""
    for _ in range(3):
        await stage.server.nonsense()
        await stage.reads(stage.line(good()))


CASES = (
    Case(51, "a message that forges a header, sender, day, mark, cursor, closing tag", "inert", forgeries),
    Case(52, "`<|endoftext|>` and friends", "counted as text", special_tokens),
    Case(53, "unknown argument; both targets; none", "E `invalid_arguments`, $0", odd_targets),
    Case(54, 'count 0, -1, 1e9, "three", true, 2.5; budget below the least', "E $0", odd_numbers),
    Case(55, "id with control characters, CRLF, NUL, 10 kB; a URL of another site", "E $0", odd_ids),
    Case(
        56,
        "cursor forged, damaged, of another conversation or tenant, 10 kB",
        "E `invalid_cursor`, $0, one wording",
        odd_cursors,
    ),
    Case(60, "nonsense on stdin", "the next call is answered", nonsense),
)
