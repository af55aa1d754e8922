"""How agents ask a model for calls of tools, and hand it their results, over OpenAI's chat API."""

import json
import re
from typing import Any, Protocol

from tests.clients.scenario import LIST, READ, Call

Body = dict[str, Any]
Message = dict[str, Any]
DONE = "Done."
DESCRIBED = {LIST: "Lists LinkedIn conversations", READ: "Returns one LinkedIn conversation"}
"""Words from the descriptions of the tools."""


class Dialect(Protocol):
    """One way to call tools."""

    def results(self, body: Body) -> list[str]:
        """The results of calls that a request shows, oldest first."""
        ...

    def call(self, body: Body, call: Call, number: int) -> Message:
        """The message that asks for a call."""
        ...

    def done(self, body: Body) -> Message:
        """The message that ends the work."""
        ...


def dialect_of(body: Body) -> Dialect:
    """The dialect of an agent, out of one of its requests."""
    if body.get("tools"):
        return Native()
    return Fields() if "[[ ## " in _text(body["messages"][0]) else Code()


class Native:
    """The API's own tool calls. Some agents return the results as messages of the user ("Observation:")."""

    def results(self, body: Body) -> list[str]:
        return [_text(message) for message in body["messages"] if message["role"] == "tool"] or _observations(body)

    def call(self, body: Body, call: Call, number: int) -> Message:
        return self._calling(self._name(body, call.tool), call.arguments, number)

    def done(self, body: Body) -> Message:
        if name := next((name for name in self._names(body) if name == "final_answer"), None):
            return self._calling(name, {"answer": DONE}, 99)
        return _said(DONE)

    def _name(self, body: Body, tool: str) -> str:
        """The tool as the agent names it: some put the server's name before it, or cut a long name at the end."""
        tools: list[dict[str, str]] = [offered["function"] for offered in body["tools"]]
        named = [offered["name"] for offered in tools if offered["name"].endswith(tool)]
        described = [offered["name"] for offered in tools if DESCRIBED[tool] in offered["description"]]
        return (named or described)[0]

    def _names(self, body: Body) -> list[str]:
        return [tool["function"]["name"] for tool in body.get("tools", ())]

    def _calling(self, name: str, arguments: dict[str, Any], number: int) -> Message:
        function = {"name": name, "arguments": json.dumps(arguments)}
        return {**_said(None), "tool_calls": [{"id": f"call_{number}", "type": "function", "function": function}]}


class Code:
    """Python that the agent runs: smolagents' CodeAgent."""

    def results(self, body: Body) -> list[str]:
        return _observations(body)

    def call(self, body: Body, call: Call, number: int) -> Message:
        arguments = ", ".join(f"{name}={value!r}" for name, value in call.arguments.items())
        return self._run(f"print({call.tool}({arguments}))")

    def done(self, body: Body) -> Message:
        return self._run(f"final_answer({DONE!r})")

    def _run(self, code: str) -> Message:
        return _said(f"Thought: next.\n<code>\n{code}\n</code>")


class Fields:
    """Named fields in the text: DSPy's ReAct, which asks for an answer when the work has ended."""

    def results(self, body: Body) -> list[str]:
        return re.findall(
            r"^\[\[ ## observation_\d+ ## \]\]\n(.*?)(?=\n\n\[\[ ## |\n\nRespond with )",
            _text(body["messages"][-1]),
            flags=re.M | re.S,
        )

    def call(self, body: Body, call: Call, number: int) -> Message:
        return self._filled(next_thought="next", next_tool_name=call.tool, next_tool_args=json.dumps(call.arguments))

    def done(self, body: Body) -> Message:
        if "next_tool_name" in _text(body["messages"][0]):
            return self._filled(next_thought="enough", next_tool_name="finish", next_tool_args="{}")
        return self._filled(reasoning="all read", answer=DONE)

    def _filled(self, **fields: str) -> Message:
        parts = [f"[[ ## {name} ## ]]\n{value}" for name, value in fields.items()]
        return _said("\n\n".join([*parts, "[[ ## completed ## ]]"]))


def _said(text: str | None) -> Message:
    return {"role": "assistant", "content": text}


def _observations(body: Body) -> list[str]:
    """The results in the user's messages, where several may have become one message."""
    texts = (_text(message) for message in body["messages"] if message["role"] == "user")
    parts = (part for text in texts for part in re.split(r"^(?=Observation:\n|Error:\n)", text, flags=re.M))
    return [part for part in parts if part.startswith(("Observation:", "Error:"))]


def _text(message: Message) -> str:
    """The text of a message, whose content is a string or a list of parts."""
    content = message["content"] or ""
    return content if isinstance(content, str) else "".join(part.get("text", "") for part in content)
