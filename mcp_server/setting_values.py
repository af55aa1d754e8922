"""How settings are read out of a mapping, and those that decide what is listed.

Uses the standard library alone, because the lists of `mcp_server.front` are sent before anything else is loaded.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, TypeVar, get_args

_QUOTES = "\"'`“”‘’"
_SWITCH = {"on": True, "true": True, "yes": True, "1": True, "off": False, "false": False, "no": False, "0": False}
# Placeholders that were not filled in: of clients' files (`${input:key}`, `%KEY%`), and of examples (`<x-api-key>`,
# `your key`, `https://www.linkedin.com/in/you`).
_PLACEHOLDER = re.compile(
    r"\$\{[^{}]*\}|\$[A-Z][A-Z0-9_]*|%[A-Z][A-Z0-9_]*%|<[^<>]*>"
    r"|(?i:your[ _-][a-z0-9 _-]{1,60}|(?:(?:https?://)?(?:www\.)?linkedin\.com/)?in/(?:you|your-name|your-profile)/?)"
)
_LEVELS = {name: name for name in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")} | {"WARN": "WARNING"}
_DECIMAL_NUMBER = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,9})?")
_INTEGER = re.compile(r"[0-9]{1,9}")

DEFAULT_TOKENIZER = "o200k_base"
TOKENIZERS = (
    DEFAULT_TOKENIZER,
    "claude",
    "claude-4.6",
    "gemini",
    "mistral",
    "llama-3",
    "llama-4",
    "qwen-3",
    "deepseek",
)
"""Names of the vocabularies in which tokens are counted. `claude` is that of Claude 4.7 and later."""

StructuredOutput = Literal["on", "figures", "off"]
"""The structured content of answers: complete, FIGURES only, or none."""

Speakers = Literal["marks", "names"]
"""How a transcript says who wrote a message: by `>` and `<`, or by first names."""

DEFAULT_SPEAKERS: Speakers = "names"

FIGURES = ("tokens", "tokenizer")
"""Keys of the structured content that no text has. Output schemas require no others."""

_Value = TypeVar("_Value")


class MappingReader:
    """Reads and parses values, collecting every problem so that they can be reported together."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping
        self._missing: list[str] = []
        self._wrong: list[str] = []

    def required(self, name: str, parse: Callable[[str], _Value], stand_in: _Value) -> _Value:
        if not self._raw(name):
            self._missing.append(name)
        return self.optional(name, parse, stand_in)

    def optional(self, name: str, parse: Callable[[str], _Value], default: _Value) -> _Value:
        raw = self._raw(name)
        if not raw:
            return default
        try:
            return parse(raw)
        except ValueError as error:
            self._wrong.append(f"{name} {error}")
            return default

    def is_set(self, name: str) -> bool:
        """Whether there is a value that is no placeholder."""
        return bool(self._raw(name))

    def add_problem(self, problem: str) -> None:
        """Add a sentence about values that contradict each other."""
        self._wrong.append(problem)

    def problems(self) -> tuple[str, ...]:
        missing = f"{listed_names(self._missing)} {'is' if len(self._missing) == 1 else 'are'} not set."
        return ((missing,) if self._missing else ()) + tuple(self._wrong)

    def _raw(self, name: str) -> str:
        raw = self._mapping.get(name, "").strip()
        while len(raw) >= 2 and raw[0] in _QUOTES and raw[-1] in _QUOTES:
            raw = raw[1:-1].strip()
        return "" if _PLACEHOLDER.fullmatch(raw) else raw


class Listed(NamedTuple):
    """The settings that decide what a server lists and what it says it can do."""

    max_count: int = 1000
    structured_output: StructuredOutput = "on"
    prompts: bool = True
    tokenizer: str = DEFAULT_TOKENIZER
    speakers: Speakers = DEFAULT_SPEAKERS

    @classmethod
    def read(cls, reader: MappingReader) -> "Listed":
        """Takes these settings from `reader`; one that is missing or invalid has its default."""
        default = cls()
        return cls(
            max_count=reader.optional("CONVERSATION_MAX_COUNT", whole_number(1, 10_000), default.max_count),
            structured_output=reader.optional(
                "CONVERSATION_STRUCTURED_OUTPUT", structured_output, default.structured_output
            ),
            prompts=reader.optional("CONVERSATION_PROMPTS", switch, default.prompts),
            tokenizer=reader.optional("CONVERSATION_TOKENIZER", tokenizer, default.tokenizer),
            speakers=reader.optional("CONVERSATION_SPEAKERS", speakers, default.speakers),
        )


def plain_integer(text: str) -> int | None:
    """The number that `text` is, where it is nothing but one to nine ASCII digits; otherwise None."""
    return int(text) if _INTEGER.fullmatch(text) else None


def whole_number(least: int, most: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        number = plain_integer(raw)
        if number is None or not least <= number <= most:
            raise ValueError(f"must be a whole number from {least} to {most}.")
        return number

    return parse


def switch(raw: str) -> bool:
    if raw.lower() not in _SWITCH:
        raise ValueError("must be on or off.")
    return _SWITCH[raw.lower()]


def structured_output(raw: str) -> StructuredOutput:
    for name in get_args(StructuredOutput):
        if raw.lower() == name:
            found: StructuredOutput = name
            return found
    try:
        return "on" if switch(raw) else "off"
    except ValueError:
        raise ValueError("must be on, figures or off.") from None


def tokenizer(raw: str) -> str:
    if raw.lower() not in TOKENIZERS:
        raise ValueError(f"must be one of {', '.join(TOKENIZERS)}.")
    return raw.lower()


def speakers(raw: str) -> Speakers:
    for name in get_args(Speakers):
        if raw.lower() == name:
            found: Speakers = name
            return found
    raise ValueError("must be marks or names.")


def token_scale(raw: str) -> float:
    if not _DECIMAL_NUMBER.fullmatch(raw) or not 0.5 <= float(raw) <= 4:
        raise ValueError("must be a number from 0.5 to 4.")
    return float(raw)


def log_level(raw: str) -> str:
    if raw.upper() not in _LEVELS:
        raise ValueError("must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    return _LEVELS[raw.upper()]


def listed_names(names: list[str]) -> str:
    """`A`, `A and B`, `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
