"""Who the senders of messages are, where an answer of the API names them incompletely."""

import re
from collections.abc import Sequence
from dataclasses import replace

from mcp_server.conversation.models import Message, Participant

_NOT_LETTERS = re.compile(r"[\W_]+")
_PLACEHOLDERS = frozenset(
    {
        "linkedinmember", "linkedinuser", "linkedinmitglied", "membrelinkedin", "membredelinkedin",
        "utilisateurlinkedin", "miembrodelinkedin", "usuariodelinkedin", "usuáriodolinkedin", "membrodolinkedin",
        "utentelinkedin", "utentedilinkedin", "membrodilinkedin", "linkedinlid", "linkedinmedlem",
        "użytkowniklinkedin", "linkedinüyesi", "участникlinkedin", "linkedinメンバー", "linkedin회원", "linkedin会员",
        "领英会员",
    }
)  # fmt: skip
"""What LinkedIn shows in place of a name it does not show, in several languages, without spaces and hyphens."""


def is_placeholder(name: str) -> bool:
    """Whether a name is the one that LinkedIn gives to everyone whose name it does not show."""
    return _NOT_LETTERS.sub("", name).casefold() in _PLACEHOLDERS


def with_known_senders(messages: Sequence[Message], listed: Participant | None = None) -> tuple[Message, ...]:
    """The messages; a sender without a profile becomes the participant of that name, if there is exactly one.

    The API leaves out a sender's profile or name now and then. Several participants of one name stay apart. `listed` is
    a participant as the list of conversations names them, who need not have written any of the messages.
    """
    unknown: set[str] = set()
    known: dict[str, dict[str, Participant]] = {}
    if listed is not None:
        messages = [_named(message, listed) for message in messages]
        known[listed.name] = {listed.key: listed}
    for message in messages:
        sender = message.sender
        if sender is not None and sender.profile is not None:
            known.setdefault(sender.name, {})[sender.key] = sender
        elif sender is not None:
            unknown.add(sender.name)
    people = {name: next(iter(known[name].values())) for name in unknown & known.keys() if len(known[name]) == 1}
    if not people:
        return tuple(messages)
    return tuple(
        [
            replace(message, sender=people[message.sender.name])
            if message.sender is not None and message.sender.profile is None and message.sender.name in people
            else message
            for message in messages
        ]
    )


def _named(message: Message, listed: Participant) -> Message:
    """The message; its sender's name is that of the list, where the API has given the person's profile only."""
    sender = message.sender
    if sender is None or sender.profile is None or sender.key != listed.key or not listed.name:
        return message
    is_named = sender.name != sender.profile.rpartition("/")[2]
    return message if is_named else replace(message, sender=replace(sender, name=listed.name))
