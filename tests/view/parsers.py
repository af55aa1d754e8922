"""What the tests of the page's parsers share: texts to parse, damage to them, and the parsers. Needs node."""

import json
import random
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

_Written = TypeVar("_Written")

MANY = 400
CHANGES = (
    "# Apr 20\n",
    "~ 12 messages [3]\n",
    "- again\n",
    "\n",
    " ",
    ">",
    "[",
    "]",
    "More: ",
    "09:00 ",
    "\r",
    "\u2028",
    "?",
    "in/x 09:00 > Jane",
    "\u0663",
)


def written(strategy: SearchStrategy[_Written], many: int = MANY) -> list[_Written]:
    """So many transcripts or lists, as odd as the laws of the grammar have them; the same ones every time."""
    collected: list[_Written] = []

    # Only to draw them: how long that takes on a busy machine says nothing.
    @settings(
        max_examples=many,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(strategy)
    def collect(each: _Written) -> None:
        collected.append(each)

    collect()
    return collected


Kind = Literal["transcripts", "lists"]


def in_browser(given: list[Any], *, of: Kind = "transcripts") -> list[Any]:
    """What the page's parser makes of each: a text as it is, a dict as structured content; None where it refuses."""
    script = Path(__file__).with_name("parser.mjs")
    done = subprocess.run(["node", script, of], input=json.dumps(given), capture_output=True, text=True, check=True)
    answers: list[Any] = json.loads(done.stdout)
    return answers


def damage(text: str, pick: random.Random) -> str:
    """The text with a piece put in, or one taken out."""
    at = pick.randrange(len(text))
    if pick.random() < 0.5:
        return text[:at] + pick.choice(CHANGES) + text[at:]
    return text[:at] + text[at + pick.randint(1, 6) :]


def assert_equally_strict(
    texts: Iterable[str], read: Callable[[str], Any], refusal: type[Exception], *, of: Kind
) -> None:
    """Of damaged `texts`, the page reads those that `read` does, in the same way; the others raise `refusal` in it."""
    pick = random.Random(0)
    damaged = [damage(text, pick) for text in texts for _ in range(5)]
    refused = 0
    for text, answer in zip(damaged, in_browser(damaged, of=of), strict=True):
        try:
            wanted = read(text)
        except refusal:
            wanted, refused = None, refused + 1
        assert answer == wanted, text
    assert 0.1 < refused / len(damaged) < 0.9
