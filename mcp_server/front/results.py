"""The results of the requests that open a connection, as the SDK's server gives them.

`answers.json` is written by `python -m scripts.make_front_answers`, which asks that server. What depends on settings is
filled in here.
"""

import json
from pathlib import Path
from typing import Any, Literal, NamedTuple

from mcp_server.setting_values import DEFAULT_TOKENIZER, FIGURES, Listed

Era = Literal["handshake", "modern"]

ANSWERS = Path(__file__).with_name("answers.json")
MAX_COUNT_MARK = 1_234_567_891
"""In `answers.json` this number means the setting `CONVERSATION_MAX_COUNT`."""


class Results(NamedTuple):
    """What a server with some settings answers. `versions` and `results` are of each era, results by method.

    The handshake era's `initialize` names the newest version of that era; the answer names the one agreed on.
    """

    versions: dict[Era, list[str]]
    results: dict[Era, dict[str, dict[str, Any]]]


def load(listed: Listed) -> Results:
    """The results on these settings."""
    text = ANSWERS.read_text(encoding="utf-8").replace(str(MAX_COUNT_MARK), str(listed.max_count))
    text = text.replace(DEFAULT_TOKENIZER, listed.tokenizer)
    answers = json.loads(text)
    descriptions = answers.pop("descriptions")[listed.speakers]
    found = Results(**answers)
    for results in found.results.values():
        for tool in results["tools/list"]["tools"]:
            tool["description"] = descriptions[tool["name"]]
            if listed.structured_output == "off":
                tool.pop("outputSchema", None)
            elif listed.structured_output == "figures":
                properties = tool["outputSchema"]["properties"]
                tool["outputSchema"]["properties"] = {key: properties[key] for key in FIGURES if key in properties}
    if not listed.prompts:
        for result in (found.results["handshake"]["initialize"], found.results["modern"]["server/discover"]):
            del result["capabilities"]["prompts"]
    return found
