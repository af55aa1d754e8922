"""Reads the target of a prompt or a command: one text that may be a link, an id or, by mistake, a name."""

from mcp_server.conversation.profile import is_name, profile_label, unwrapped
from mcp_server.errors import InvalidArguments
from mcp_server.protocol.arguments import NO_NAMES
from mcp_server.protocol.checking import quoted


def target_arguments(raw: str, *, find_by_name: str = NO_NAMES) -> dict[str, object]:
    """The argument that names the conversation, from one text: a profile URL, a conversation's URL or its id.

    Raises InvalidArguments for a name; `find_by_name` says there how a person is found by it.
    """
    text = unwrapped(raw)
    if is_name(text):
        raise InvalidArguments(
            f"{quoted(text)} is neither a LinkedIn URL nor a conversation id. {find_by_name} "
            "If it is the end of a profile URL, put in/ before it."
        )
    is_address = "://" in text or "linkedin.com" in text.lower() or profile_label(text) is not None
    return {"profile_url" if is_address else "conversation_id": text}
