"""Canonical forms of LinkedIn links, however they were pasted: to a profile, and to a conversation."""

import re
from unicodedata import category
from urllib.parse import SplitResult, quote, unquote, urlsplit

_HOST = re.compile(r"(?:[a-z0-9-]{1,20}\.)?linkedin\.com\.?", re.ASCII | re.IGNORECASE)
_KINDS = ("in", "company", "school", "showcase")
_SHORT_FORMS = tuple(f"{kind}/" for kind in _KINDS)
_DETOURS = ("comm", "mwlite", "m", "public-profile")
"""First segments of links in e-mails, on the mobile site and in public listings; the same path follows."""
_WRAPPERS = ("<>", '""', "''", "``", "“”", "«»")
_MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]*)\)")
_THREAD_ID = re.compile(r"2-[A-Za-z0-9_+/=-]{2,500}")
_NAME = re.compile(r"(?![0-9]+$)[^\W_][\w .'’-]*")
_JOINERS = "\u200c\u200d"
_MAX_URL_CHARS = 1000
_MAX_SLUG_CHARS = 200


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
    """The conversation's id, `2-...`, if `raw` is one or the address of a conversation on linkedin.com; else None."""
    text = unwrapped(raw)
    if _THREAD_ID.fullmatch(text):
        return text
    parts = _linkedin(text)
    segments = [] if parts is None else _segments(parts)
    if [segment.lower() for segment in segments[:2]] != ["messaging", "thread"] or len(segments) < 3:
        return None
    found = unquote(segments[2])
    return found if _THREAD_ID.fullmatch(found) else None


def is_name(raw: str) -> bool:
    """Whether `raw` looks like a person's name, or the end of a profile's address, and not like a link or an id."""
    text = unwrapped(raw)
    return thread_id(text) is None and bool(_NAME.fullmatch(text)) and not _HOST.fullmatch(text)


def unwrapped(raw: str) -> str:
    """`raw` without what pasting adds: spaces and invisible characters, brackets or quotes around, Markdown's link."""
    if len(raw) > 2 * _MAX_URL_CHARS:
        return raw
    text = raw.strip()
    if not text.isascii():
        # The joiners are part of some names.
        text = "".join(char for char in text if category(char) != "Cf" or char in _JOINERS).strip().strip(_JOINERS)
    while text[:1] + text[-1:] in _WRAPPERS and len(text) > 1:
        text = text[1:-1].strip()
    link = _MARKDOWN_LINK.fullmatch(text)
    return link[1] if link else text


def _split(raw: str) -> tuple[str, str] | None:
    url = unwrapped(raw)
    if url.startswith(_SHORT_FORMS):
        url = f"https://www.linkedin.com/{url}"
    parts = _linkedin(url)
    segments = [] if parts is None else _segments(parts)
    if len(segments) < 2 or segments[0].lower() not in _KINDS:
        return None
    # Decoded and encoded again, so that `j%c3%b6rg`, `j%C3%B6rg` and the plain letters are one person.
    slug = unquote(segments[1])
    if not slug.isprintable() or "/" in slug or "\ufffd" in slug or slug in (".", ".."):
        return None
    encoded = quote(slug, safe="-_.~")
    return (segments[0].lower(), encoded) if len(encoded) <= _MAX_SLUG_CHARS else None


def _segments(parts: SplitResult) -> list[str]:
    """The segments of the path, without a detour at its beginning."""
    segments = [segment for segment in parts.path.split("/") if segment]
    return segments[1:] if segments[:1] and segments[0].lower() in _DETOURS else segments


def _linkedin(url: str) -> SplitResult | None:
    """The parts of an address on linkedin.com, or None for any other text."""
    if len(url) > _MAX_URL_CHARS or not url.isprintable():
        return None
    try:
        parts = urlsplit(url if "://" in url else f"https://{url.removeprefix('//')}")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or port not in (None, 80, 443) or parts.username is not None:
        return None
    return parts if _HOST.fullmatch(parts.hostname or "") else None
