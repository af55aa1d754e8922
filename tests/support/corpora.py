"""Messages as condensing takes them."""

from collections.abc import Sequence

from mcp_server.condensing.compact import Compact
from mcp_server.condensing.corpus import Corpus
from mcp_server.conversation.models import Message


def corpus_of(messages: Sequence[Message]) -> Corpus:
    """The corpus of these messages, oldest first, whose texts are short enough as they are."""
    return Corpus([Compact(message) for message in messages])
