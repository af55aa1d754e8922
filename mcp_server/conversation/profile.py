"""Canonical forms of LinkedIn links, however they were pasted: to a profile, and to a conversation."""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from unicodedata import category, normalize
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

_HOST = re.compile(r"(?:[a-z0-9-]{1,20}\.)?linkedin\.com\.?", re.ASCII | re.IGNORECASE)
_KINDS = ("in", "company", "school", "showcase")
_PATH = re.compile(rf"/?(?:{'|'.join(_KINDS)}|messaging)/", re.IGNORECASE)
_DETOURS = (("comm",), ("mwlite", "profile"), ("mwlite",), ("m",), ("public-profile",))
"""First segments of links in e-mails, on the mobile site and in public listings; the same path follows."""
_WRAPPERS = ("<>", '""', "''", "``", "“”", "«»")
_MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]*)\)")
_THREAD_ID = re.compile(r"2-[A-Za-z0-9_+/=-]{2,500}")
_OLD_THREAD_ID = re.compile(r"[0-9]{10,25}")
_URN = re.compile(r"urn:li:msg_conversation:\([!-~]{1,500}")
_BETWEEN_LINKS = re.compile(r"[ <>\"'`|()\[\]“”„‘’«»‹›]+")
_AFTER_LINK = ".,;:!?…)]}>*"
"""What ends a sentence, or closes a bracket, right after a link. No slug ends so."""
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-")
"""What programs for text make of the hyphens of a slug."""
_NAME = re.compile(r"(?![0-9]+$)[^\W_][\w .'’-]*")
_JOINERS = "\u200c\u200d"
_MAX_URL_CHARS = 1000
_MAX_FIELDS = 50
_MAX_SLUG_CHARS = 200
_KEPT = 1_024
"""Addresses whose parts are kept: each answer asks for those of the same few people several times."""


def canonical_profile_url(raw: str) -> str:
    """The address of a person's profile as `https://www.linkedin.com/in/<slug>`.

    Accepts addresses with or without scheme, with any country or mobile host, query, fragment, trailing slash, locale
    suffix or percent-encoding, links from e-mails and the mobile site, and the short form that transcripts use, all
    with anything around them that `unwrapped` removes. Raises ValueError, with a sentence for the caller, for anything
    else.
    """
    kind_and_slug = _split(raw)
    if kind_and_slug is None or kind_and_slug[0] != "in":
        raise ValueError("profile_url must look like https://www.linkedin.com/in/<name>.")
    return f"https://www.linkedin.com/in/{kind_and_slug[1]}"


def profile_label(raw: str | None) -> str | None:
    """The short form shown in a transcript, such as `in/<slug>`; None if `raw` is not a LinkedIn address.

    Organisations (`company/`, `school/`, `showcase/`) keep their kind.
    """
    kind_and_slug = _split(raw) if raw else None
    return None if kind_and_slug is None else f"{kind_and_slug[0]}/{kind_and_slug[1]}"


def thread_id(raw: str) -> str | None:
    """The conversation's id, `2-...`, if `raw` is one or the address of a conversation on linkedin.com; else None.

    In an address the id may also be a URN, or one of digits alone, as it was until 2020.
    """
    text = unwrapped(raw)
    bare = text.strip("/")
    return bare if _THREAD_ID.fullmatch(bare) else _thread_in(text)


def is_name(raw: str) -> bool:
    """Whether `raw` looks like a person's name, or the end of a profile's address, and not like a link or an id."""
    text = unwrapped(raw)
    return thread_id(text) is None and bool(_NAME.fullmatch(text)) and not _HOST.fullmatch(text)


def unwrapped(raw: str) -> str:
    """`raw` without what pasting adds: spaces, invisible characters, brackets, quotes, Markdown, words around a link.

    Of a text around links the one link to a profile or a conversation on linkedin.com is left, if there is one alone.
    A URN is decoded.
    """
    if len(raw) > 2 * _MAX_URL_CHARS:
        return raw
    text = _visible(raw)
    while text[:1] + text[-1:] in _WRAPPERS and len(text) > 1:
        text = text[1:-1].strip()
    if link := _MARKDOWN_LINK.fullmatch(text):
        return link[1]
    if text[:6].lower() == "urn%3a":
        return unquote(text)
    if _is_link(text):
        return text
    found = {piece for piece in _links_in(text) if _is_link(piece, kinds=("in",))}
    return found.pop() if len(found) == 1 else text


def _visible(text: str) -> str:
    """The text without spaces around it and without invisible characters; the joiners are part of some names."""
    if text.isascii():
        return text.strip()
    return "".join(char for char in text if category(char) != "Cf" or char in _JOINERS).strip().strip(_JOINERS)


def _is_link(text: str, *, kinds: Collection[str] = _KINDS) -> bool:
    profile = _split_link(text)
    return _thread_in(text) is not None if profile is None else profile[0] in kinds


def _links_in(text: str) -> Iterator[str]:
    """What may be a link among words, or in the query of an address that leads to it, such as a page for logging in."""
    before = ""
    for piece in _BETWEEN_LINKS.split(text):
        if not before.endswith("/"):
            yield piece.strip("*_").rstrip(_AFTER_LINK)
        before = piece
        _, _, query = piece.partition("?")
        if query.count("&") < _MAX_FIELDS:
            yield from (value for _, value in parse_qsl(query))


def _thread_in(address: str) -> str | None:
    parts = _linkedin(address)
    segments = [] if parts is None else _segments(parts)
    if [segment.lower() for segment in segments[:2]] != ["messaging", "thread"] or len(segments) < 3:
        return None
    found = unquote(segments[2])
    return found if any(form.fullmatch(found) for form in (_THREAD_ID, _OLD_THREAD_ID, _URN)) else None


@lru_cache(_KEPT)
def _split(raw: str) -> tuple[str, str] | None:
    return _split_link(raw) or _split_link(unwrapped(raw))


def _split_link(url: str) -> tuple[str, str] | None:
    """The kind and the slug of a profile, from its address."""
    parts = _linkedin(url)
    segments = [] if parts is None else _segments(parts)
    if len(segments) < 2 or segments[0].lower() not in _KINDS:
        return None
    # Decoded and encoded again, so that `j%c3%b6rg`, `j%C3%B6rg` and the plain letters are one person.
    slug = normalize("NFC", _visible(_decoded(segments[1]))).translate(_HYPHENS).rstrip(_AFTER_LINK)
    if not slug.isprintable() or " " in slug or "/" in slug or "\ufffd" in slug or not slug:
        return None
    encoded = quote(slug, safe="-_.~")
    return (segments[0].lower(), encoded) if len(encoded) <= _MAX_SLUG_CHARS else None


def _decoded(segment: str) -> str:
    """The segment without percent-encoding, which programs may have applied more than once."""
    while (decoded := unquote(segment)) != segment:
        segment = decoded
    return decoded


def _segments(parts: SplitResult) -> list[str]:
    """The segments of the path, without a detour at its beginning."""
    segments = [segment for segment in parts.path.split("/") if segment]
    for detour in _DETOURS:
        if tuple(segment.lower() for segment in segments[: len(detour)]) == detour:
            return segments[len(detour) :]
    return segments


def _linkedin(url: str) -> SplitResult | None:
    """The parts of an address on linkedin.com, or None for any other text."""
    if len(url) > _MAX_URL_CHARS or not url.isprintable():
        return None
    if _PATH.match(url):
        url = f"https://www.linkedin.com/{url.lstrip('/')}"
    try:
        parts = urlsplit(url if "://" in url else f"https://{url.removeprefix('//')}")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or port not in (None, 80, 443) or parts.username is not None:
        return None
    return parts if _HOST.fullmatch(parts.hostname or "") else None
