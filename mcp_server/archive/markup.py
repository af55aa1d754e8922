"""The HTML of LinkedIn's campaign editor as text. Ordinary messages are plain text and never come here."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from justhtml.dom import NodeType

_ELEMENT = re.compile(r"\s*<(?:p|ul|ol|div|h[1-6]|br|strong|em|a|span)\b", re.IGNORECASE)
_EDITORS_CLASS = re.compile(r"<[a-z][a-z0-9]*\s[^<>]*\bclass\s*=\s*[\"']?[^\"'<>]*\bspinmail-", re.IGNORECASE)
# Without the class: a text that is nothing but elements of blocks, from the first character to the last.
_BARE = re.compile(r"\s*<(p|ul|ol|div|h[1-6])(?:\s[^<>]*)?>.*</(?:p|ul|ol|div|h[1-6])>\s*", re.IGNORECASE | re.DOTALL)

_BLOCKS = frozenset({"p", "div", "ul", "ol", "table", "tr", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_UNSEEN = frozenset({"head", "script", "style", "template", "#comment", "!doctype", "#processing-instruction"})
_SPACE = re.compile(r"[ \t\n\r\f\xa0]+")
_AROUND_BREAK = re.compile(r" *\n *")
_MANY_BREAKS = re.compile(r"\n{3,}")
# Stands for the dash of an item until all spaces are settled; no HTML can hold this character.
_ITEM = "\0"
_ITEM_START = re.compile(r"\0\s*")
_SPACES = re.compile(r" {2,}")


def is_campaign(content: str, *, nameless: bool) -> bool:
    """Whether a message is HTML: it begins with an element and has the campaign editor's class.

    `nameless`: the sender has no profile, or the message has an InMail's subject. Then elements from the first
    character to the last will do. What people type to each other stays as typed, even where it is HTML.
    """
    if _ELEMENT.match(content) is None:
        return False
    return _EDITORS_CLASS.search(content) is not None or (nameless and _BARE.fullmatch(content) is not None)


def text_of(content: str) -> str:
    """The text of HTML: an empty line between paragraphs, `- ` before an item, a link as `words (address)`."""
    from justhtml import JustHTML  # only campaigns need it, and it takes a fifth of a second to load

    parts = "".join(_parts(JustHTML(content, sanitize=False).root))
    lines = _MANY_BREAKS.sub("\n\n", _AROUND_BREAK.sub("\n", _SPACES.sub(" ", parts)))
    return _ITEM_START.sub("- ", lines).strip()


def _parts(root: "NodeType") -> Iterator[str]:
    """The document's text, part by part, with the breaks of its blocks.

    Without recursion, as a stranger decides how deep the document is.
    """
    # What is still to come, the next one last: a node, or what stands after one.
    waiting: list[NodeType | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif node.name == "#text":
            yield _SPACE.sub(" ", _data(node))
        elif node.name not in _UNSEEN:
            before, after = _around(node)
            yield before
            waiting.append(after)
            waiting.extend(reversed(node.children or []))


def _around(node: "NodeType") -> tuple[str, str]:
    """What stands before and after an element's content."""
    inside_item = node.parent is not None and node.parent.name == "li"
    match node.name:
        case "br":
            return "\n", ""
        case "li":
            return f"\n{_ITEM}", ""
        case "a":
            return "", _address(node)
        case "ul" | "ol" if inside_item:
            return "", ""
        case "td" | "th":
            return " ", " "
        case name if name in _BLOCKS:
            return ("\n", "") if inside_item else ("\n\n", "\n\n")
        case _:
            return "", ""


def _address(node: "NodeType") -> str:
    """The address of a link, in brackets, unless its words are the address."""
    attributes: dict[str, str | None] = getattr(node, "attrs", None) or {}
    address = (attributes.get("href") or "").strip()
    words = _SPACE.sub(" ", "".join(_parts_of_text(node))).strip()
    return f" ({address})" if address and address != words else ""


def _parts_of_text(root: "NodeType") -> Iterator[str]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if node.name == "#text":
            yield _data(node)
        waiting.extend(reversed(node.children or []))


def _data(node: "NodeType") -> str:
    return node.data if isinstance(node.data, str) else ""
