"""LinkedIn addresses of people, made canonical: one person, one spelling."""

import re
from urllib.parse import quote, unquote, urlsplit

_HOST = re.compile(r"(?:[a-z0-9-]{1,20}\.)?linkedin\.com\.?", re.ASCII | re.IGNORECASE)
_KINDS = ("in", "company", "school", "showcase")
_SHORT_FORMS = tuple(f"{kind}/" for kind in _KINDS)
_MAX_URL_CHARS = 1000
_MAX_SLUG_CHARS = 200


def canonical_profile_url(raw: str) -> str:
    """`https://www.linkedin.com/in/<slug>` of a person's address in any of its spellings.

    Accepted: with or without scheme, any country or mobile host, query, fragment, trailing slash, locale suffix,
    any percent-encoding, and the short form that transcripts have. Raises ValueError, with a sentence for the caller,
    for anything else.
    """
    kind_and_slug = _split(raw)
    if kind_and_slug is None or kind_and_slug[0] != "in":
        raise ValueError("profile_url must look like https://www.linkedin.com/in/<name>.")
    return f"https://www.linkedin.com/in/{kind_and_slug[1]}"


def profile_label(raw: str | None) -> str | None:
    """The short form shown in a transcript, `in/<slug>` on linkedin.com; None where `raw` is no LinkedIn address.

    Organisations (`/company/`, `/school/`, `/showcase/`) write messages too and keep their kind.
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
    # Decoded and encoded again, so that `j%c3%b6rg`, `j%C3%B6rg` and the plain letters are one person.
    slug = unquote(segments[1])
    if not slug.isprintable() or "/" in slug or "�" in slug or slug in (".", ".."):
        return None
    encoded = quote(slug, safe="-_.~")
    return (segments[0].lower(), encoded) if len(encoded) <= _MAX_SLUG_CHARS else None
