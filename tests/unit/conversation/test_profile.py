"""Which addresses are a person's, and that each person has one spelling."""

import pytest

from mcp_server.conversation.profile import canonical_profile_url, profile_label

JANE = "https://www.linkedin.com/in/jane-doe-42"


@pytest.mark.parametrize(
    "raw",
    [
        JANE,
        "http://www.linkedin.com/in/jane-doe-42",
        "HTTPS://LinkedIn.com/IN/jane-doe-42",
        "linkedin.com/in/jane-doe-42",
        "//linkedin.com/in/jane-doe-42",
        "in/jane-doe-42",
        "www.linkedin.com/in/jane-doe-42/",
        "https://de.linkedin.com/in/jane-doe-42?trk=people#about",
        "https://m.linkedin.com//in//jane-doe-42//",
        "https://www.linkedin.com./in/jane-doe-42",
        "https://www.linkedin.com:443/in/jane-doe-42/de",
        "https://www.linkedin.com/in/jane%2Ddoe%2d42",
        "  https://www.linkedin.com/in/jane-doe-42/overlay/contact-info/ \n",
        "\u200bhttps://www.linkedin.com/in/jane-doe-42\ufeff",
        "https://www.linkedin.com/in/jane-\u200bdoe-42\u200e",
        "<https://www.linkedin.com/in/jane-doe-42>",
        "\u201chttps://www.linkedin.com/in/jane-doe-42\u201d",
        "[Jane Doe](https://www.linkedin.com/in/jane-doe-42)",
        "https://www.linkedin.com/comm/in/jane-doe-42?lipi=x",
        "https://www.linkedin.com/mwlite/in/jane-doe-42",
        "https://linkedin.com/public-profile/in/jane-doe-42",
        "https://www.linkedin.com/mwlite/profile/in/jane-doe-42",
        "/in/jane-doe-42/",
        "In/jane-doe-42",
        "https://www.linkedin.com/in/jane-doe-42.",
        "https://www.linkedin.com/in/jane-doe-42),",
        "(https://www.linkedin.com/in/jane-doe-42)",
        "**https://www.linkedin.com/in/jane-doe-42**",
        "\u201ehttps://www.linkedin.com/in/jane-doe-42\u201c",
        "Jane Doe https://www.linkedin.com/in/jane-doe-42",
        "https://www.linkedin.com/in/jane-doe-42 Jane Doe, Acme (https://www.linkedin.com/company/acme)",
        '<a href="https://www.linkedin.com/in/jane-doe-42">Jane</a>',
        '[Jane](https://www.linkedin.com/in/jane-doe-42 "Jane Doe")',
        "https://www.linkedin.com/in/jane-doe-42%20",
        "https://www.linkedin.com/in/jane-doe-42%E2%80%8B",
        "https://www.linkedin.com/in/jane\u2011doe\u201342",
        "https://www.linkedin.com/authwall?trk=x&sessionRedirect=https%3A%2F%2Fde.linkedin.com%2Fin%2Fjane-doe-42",
        "https://www.google.com/url?sa=t&url=https://www.linkedin.com/in/jane-doe-42",
    ],
)
def test_every_spelling_of_an_address_is_one_person(raw: str) -> None:
    """Scheme, host of a country, query, fragment, slashes, encoding and what follows the name change nobody."""
    assert canonical_profile_url(raw) == JANE
    assert profile_label(raw) == "in/jane-doe-42"


@pytest.mark.parametrize(
    "raw",
    [
        "linkedin.com/in/jörg-müller",
        "linkedin.com/in/j%C3%B6rg-m%c3%bcller",
        "linkedin.com/in/j%25C3%25B6rg-m%25C3%25BCller",
        "linkedin.com/in/j%2525C3%2525B6rg-mu\u200b\u0308ller",
        "linkedin.com/in/jo\u0308rg-mu\u0308ller",
    ],
)
def test_letters_and_their_encodings_are_one_person(raw: str) -> None:
    """Written as the encoding: it has no white space and no look-alikes."""
    assert canonical_profile_url(raw) == "https://www.linkedin.com/in/j%C3%B6rg-m%C3%BCller"
    assert canonical_profile_url(canonical_profile_url(raw)) == canonical_profile_url(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "jane-doe-42",
        "https://example.com/in/jane-doe-42",
        "https://linkedin.com.example.com/in/jane-doe-42",
        "https://notlinkedin.com/in/jane-doe-42",
        "https://a.b.linkedin.com/in/jane-doe-42",
        "https://example.com@linkedin.com/in/jane-doe-42",
        "https://:secret@linkedin.com/in/jane-doe-42",
        "https://linkedin.com:8080/in/jane-doe-42",
        "https://linkedin.com:port/in/jane-doe-42",
        "https://[linkedin.com/in/jane-doe-42",
        "ftp://linkedin.com/in/jane-doe-42",
        "https:///in/jane-doe-42",
        "https://linkedin.com/in/",
        "https://linkedin.com/comm/comm/in/jane-doe-42",
        "https://linkedin.com/comm/",
        "<>",
        "\u200b" * 3000 + "in/jane-doe-42",
        "https://linkedin.com/feed/jane-doe-42",
        "https://linkedin.com/in/..",
        "https://linkedin.com/in/%2e",
        "https://linkedin.com/in/a%2Fb",
        "https://linkedin.com/in/a%00b",
        "https://linkedin.com/in/a%0D%0Ab",
        "https://linkedin.com/in/jane\r\ndoe",
        "https://linkedin.com/in/%ff",
        "https://linkedin.com/in/" + "x" * 201,
        "https://linkedin.com/in/" + "x" * 1000,
        "https://linkedin.com/in/jane-doe-42 https://linkedin.com/in/john-smith",
        "https://example.com/?u=1&" + "&".join(["u=https://linkedin.com/in/jane-doe-42"] * 51),
    ],
)
def test_anything_else_is_nobodys_address(raw: str) -> None:
    """Another site, another part of the site, an address that hides something, or one too long."""
    with pytest.raises(ValueError, match="profile_url must look like"):
        canonical_profile_url(raw)
    assert profile_label(raw) is None


@pytest.mark.parametrize("kind", ["company", "school", "showcase"])
def test_organisations_have_labels_and_are_no_persons(kind: str) -> None:
    """They write messages; a conversation is not asked for by one."""
    assert profile_label(f"https://www.linkedin.com/{kind}/acme/") == f"{kind}/acme"
    with pytest.raises(ValueError, match="profile_url must look like"):
        canonical_profile_url(f"https://www.linkedin.com/{kind}/acme/")


def test_no_address_has_no_label() -> None:
    """A sender without one is shown without one."""
    assert profile_label(None) is None


def test_the_longest_name_is_still_a_person() -> None:
    """Two hundred characters, encoded."""
    assert canonical_profile_url("linkedin.com/in/" + "x" * 200).endswith("/in/" + "x" * 200)
