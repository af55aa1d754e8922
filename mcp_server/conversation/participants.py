"""Who the senders of messages are, where an answer of the API names them incompletely."""

import re
from collections.abc import Sequence
from dataclasses import replace
from unicodedata import normalize

from mcp_server.conversation.models import Message, Participant

_SITE = "linkedin"
_NOT_LETTERS = re.compile(r"[\W_]+")
_SOMEBODY = frozenset(
    {
        "member", "user", "mitglied", "membre", "utilisateur", "miembro", "usuario", "usuário", "membro", "utente",
        "lid", "medlem", "użytkownik", "członek", "uživatel", "člen", "tag", "jäsen", "membru", "üyesi", "участник",
        "учасник", "μέλος", "عضو", "חבר", "सदस्य", "সদস্য", "anggota", "ahli", "miyembro", "สมาชิก", "thànhviên",
        "メンバー", "회원", "会员", "會員", "用户", "用戶",
    }
)  # fmt: skip
"""What LinkedIn shows beside its own name in place of a name it does not show, in several languages, without spaces."""
_PREPOSITIONS = re.compile(r"^(?:d[eio]|von|van|av|ng|на|في)(?=\w{3})|(?<=\w{3})(?:d[eio]|von|van|av|ng|на|في)$")
_NOBODY = frozenset(
    {"领英会员", "null", "undefined", "undefinedundefined", "none", "unknown", "unknownuser", "unknownmember"}
    | {"deleteduser", "formermember", "anonymous"}
)
"""Names that stand for none, of LinkedIn and of programs."""


def is_placeholder(name: str) -> bool:
    """Whether a name is one that is given to everyone whose name is not shown."""
    letters = _NOT_LETTERS.sub("", name).casefold()
    if letters in _NOBODY:
        return True
    before, site, after = letters.partition(_SITE)
    return bool(site) and _PREPOSITIONS.sub("", before + after) in _SOMEBODY


def name_key(name: str) -> str:
    """What all spellings of one name have in common: case, kinds of spaces and compatible letters do not count."""
    return " ".join(normalize("NFKC", name).casefold().split())


def with_known_senders(messages: Sequence[Message], listed: Participant | None = None) -> tuple[Message, ...]:
    """The messages; a sender without a profile becomes the participant of that name, if there is exactly one.

    The API leaves out a sender's profile or name now and then. Several participants of one name stay apart. `listed` is
    a participant as the list of conversations names them, who need not have written any of the messages.
    """
    known: dict[str, dict[str, Participant]] = {}
    if listed is not None:
        messages = [_named(message, listed) for message in messages]
        known[name_key(listed.name)] = {listed.key: listed}
    unknown: dict[str, str] = {}
    senders = (message.sender for message in messages if message.sender is not None)
    for sender in {(sender.key, sender.name): sender for sender in senders}.values():
        if sender.profile is None:
            unknown[sender.name] = name_key(sender.name)
        else:
            known.setdefault(name_key(sender.name), {})[sender.key] = sender
    named = {name: list(known[key].values()) for name, key in unknown.items() if key in known}
    people = {name: several[0] for name, several in named.items() if len(several) == 1}
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
