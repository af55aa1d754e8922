"""Cutting TO into names, and pairing names with addresses."""

import pytest

from mcp_server.archive.names import name_key, names_in, pair_by_slug, url_key, urls_in


def cut(cell: str, *known: str) -> list[str]:
    return names_in(cell, {name_key(name) for name in known}.__contains__)


@pytest.mark.parametrize(
    ("cell", "known", "names"),
    [
        ("", [], []),
        ("Ada One", [], ["Ada One"]),
        ("Ada One, Bob Two", [], ["Ada One", "Bob Two"]),
        ("Noor Castellane, PhD, Ada One", ["Noor Castellane, PhD"], ["Noor Castellane, PhD", "Ada One"]),
        ("S Q,Kofi Strand, MBA, Jr.,Ada One", ["Kofi Strand, MBA, Jr."], ["S Q", "Kofi Strand, MBA, Jr.", "Ada One"]),
        ("Ada, Bob, Cy", ["Ada", "Ada, Bob"], ["Ada, Bob", "Cy"]),
        ("NOOR CASTELLANE,  PhD", ["Noor Castellane, PhD"], ["NOOR CASTELLANE,  PhD"]),
        ("Noor Castellane, Ph.D., MBA, JO LI", [], ["Noor Castellane, Ph.D., MBA", "JO LI"]),
        ("LinkedIn Member, LinkedIn Member", [], ["LinkedIn Member", "LinkedIn Member"]),
        ("LinkedIn Member, MBA", [], ["LinkedIn Member", "MBA"]),
        ("Ada One,, Bob Two,", [], ["Ada One", "Bob Two"]),
        ("王伟,李娜", [], ["王伟", "李娜"]),
    ],
)  # fmt: skip
def test_a_list_of_names_is_cut_into_known_ones_the_longest_first(
    cell: str, known: list[str], names: list[str]
) -> None:
    """What nobody knows is cut at commas, but for degrees."""
    assert cut(cell, *known) == names


@pytest.mark.parametrize("between", [",", ";", ", ", " ; ", "\n"])
def test_addresses_are_found_whatever_is_between_them(between: str) -> None:
    """Measured files have a comma, two public readers say semicolon."""
    urls = ["https://www.linkedin.com/in/a-b", "https://www.linkedin.com/in/s%C3%B8ren", "http://x.example/in/c"]
    assert urls_in(between.join(urls)) == urls
    assert urls_in("") == []


def test_spellings_of_an_address_have_one_key_and_others_their_own() -> None:
    """Percent-encoding and country hosts count for nothing; an address of no person stays as it is."""
    assert url_key("https://www.linkedin.com/in/s%C3%B8ren") == url_key("https://de.linkedin.com/in/søren/")
    assert url_key("https://www.linkedin.com/in/ada-1") == url_key("https://linkedin.com/in/ada-1/") == "in/ada-1"
    assert url_key("https://www.linkedin.com/company/Acme") == "company/acme"
    assert url_key(" https://example.com/x ") == "https://example.com/x"


def test_a_name_is_paired_with_the_only_address_that_spells_it() -> None:
    """And with none where two do, or where the address is a word of the person's own."""
    ada, ada_2 = "https://www.linkedin.com/in/ada-one", "https://www.linkedin.com/in/ada-one-2"
    soren = "https://www.linkedin.com/in/soren-quist-7"
    assert pair_by_slug(["Ada One, PhD", "Søren Quist"], [soren, ada]) == {"Ada One, PhD": ada, "Søren Quist": soren}
    assert pair_by_slug(["Ada One"], [ada, ada_2]) == {}
    assert pair_by_slug(["Madonna"], ["https://www.linkedin.com/in/madonna"]) == {}


def test_a_cell_of_thousands_of_names_takes_no_more_than_its_length() -> None:
    """A group may be large, and a file may be anybody's: neither the cut nor the pairing compares all with all."""
    names = [f"P{number} Q" for number in range(5_000)]
    urls = [f"https://www.linkedin.com/in/p{number}-q" for number in range(5_000)]
    asked = 0

    def is_known(key: str) -> bool:
        nonlocal asked
        asked += len(key)
        return False

    cell = ",".join(names)
    assert names_in(cell, is_known) == names
    assert asked < 50 * len(cell)
    assert pair_by_slug(names, urls) == dict(zip(names, urls, strict=True))
