"""Canonical forms of LinkedIn profile addresses."""

import re
from urllib.parse import quote, unquote, urlsplit

_HOST = re.compile(r"(?:[a-z0-9-]{1,20}\.)?linkedin\.com\.?", re.ASCII | re.IGNORECASE)
_KINDS = ("in", "company", "school", "showcase")
_SHORT_FORMS = tuple(f"{kind}/" for kind in _KINDS)
_MAX_URL_CHARS = 1000
_MAX_SLUG_CHARS = 200


def canonical_profile_url(raw: str) -> str:
    """The address of a person's profile as `https://www.linkedin.com/in/<slug>`.

    Accepts addresses with or without scheme, with any country or mobile host, query, fragment, trailing slash, locale
    suffix or percent-encoding, and the short form that transcripts use. Raises ValueError, with a sentence for the
    caller, for anything else.
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


def _split(raw: str) -> tuple[str, str] | None:
    url = raw.strip()
    if url.startswith(_SHORT_FORMS):
        url = f"https://www.linkedin.com/{url}"
    if len(url) > _MAX_URL_CHARS or not url.isprintable():
        return None
    try:
        parts = urlsplit(url if "://" in url else f"https://{url.removeprefix('//')}")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or port not in (None, 80, 443) or parts.username is not None:
        return None
    if not _HOST.fullmatch(parts.hostname or ""):
        return None
    segments = [segment for segment in parts.path.split("/") if segment]
    if len(segments) < 2 or segments[0].lower() not in _KINDS:
        return None
    # Decoded and encoded again, so that `j%c3%b6rg`, `j%C3%B6rg` and the plain letters are equal.
    slug = unquote(segments[1])
    if not slug.isprintable() or "/" in slug or "�" in slug or slug in (".", ".."):
        return None
    encoded = quote(slug, safe="-_.~")
    return (segments[0].lower(), encoded) if len(encoded) <= _MAX_SLUG_CHARS else None
