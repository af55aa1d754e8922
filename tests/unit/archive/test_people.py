"""Who takes part in a conversation."""

from mcp_server.archive.names import NOBODY, url_key
from mcp_server.archive.people import Exchange, Known, Owner, People, Person
from tests.support.exports import OWNER, url

ME = Owner(OWNER, url(OWNER), "the test")


def exchange(sender: str, to: str, *, sender_url: str | None = None, urls: str = "", direction: str = "") -> Exchange:
    spelt = url(sender) if sender_url is None else sender_url
    return Exchange("2-x", "", sender, spelt, to, urls, "INBOX", direction)


def people(*exchanges: Exchange, owner: Owner | None = ME, name_of: dict[str, str] | None = None) -> People:
    return People(exchanges, Known(lambda _: False, name_of or {}, owner))


def test_names_and_addresses_are_not_paired_by_their_place() -> None:
    """A closed account has a name and no address: the addresses move up."""
    found = people(
        exchange("Ada One", f"{NOBODY}, {OWNER}", urls=url(OWNER)),
        exchange(OWNER, f"{NOBODY}, Ada One", urls=url("Ada One")),
    )
    assert found.participants == [
        Person(OWNER, url(OWNER), owner=True), Person("Ada One", url("Ada One")), Person(NOBODY),
    ]  # fmt: skip


def test_a_person_without_an_address_on_one_row_is_the_one_who_has_it_on_another() -> None:
    """Within the conversation the name joins them."""
    bare = exchange("Ada One", OWNER, sender_url="", urls=url(OWNER))
    found = people(bare, exchange(OWNER, "Ada One", urls=url("Ada One")))
    assert found.sender(bare) == Person("Ada One", url("Ada One"))
    assert found.others == [Person("Ada One", url("Ada One"))]


def test_the_same_name_in_another_conversation_joins_nobody() -> None:
    """Two people may have one name: what an address is called elsewhere says nothing of a name without one."""
    bare = exchange("Ada One", OWNER, sender_url="", urls=url(OWNER))
    found = people(bare, name_of={url_key(url("Ada One")): "Ada One"})
    assert found.sender(bare) == Person("Ada One", None)


def test_two_people_of_one_name_in_one_conversation_stay_two() -> None:
    """And a row without an address is of neither for certain."""
    one, two = "https://www.linkedin.com/in/ada-one-1", "https://www.linkedin.com/in/ada-one-2"
    bare = exchange("Ada One", OWNER, sender_url="")
    found = people(exchange("Ada One", OWNER, sender_url=one), exchange("Ada One", OWNER, sender_url=two), bare)
    assert found.others == [Person("Ada One", one), Person("Ada One", two)]
    assert found.sender(bare) == Person("Ada One", None)


def test_who_is_left_when_the_others_are_known_has_the_address_that_is_left() -> None:
    """By what one row says, another is settled too, whichever comes first."""
    known, odd, odd_2 = url("Ada One"), "https://www.linkedin.com/in/x7", "https://www.linkedin.com/in/y8"
    found = people(
        exchange(OWNER, "Cy Three, Bob Two, Ada One", urls=f"{known},{odd},{odd_2}"),
        exchange("Ada One", f"Bob Two, {OWNER}", urls=f"{url(OWNER)};{odd}"),
    )
    assert found.others == [
        Person("Ada One", known), Person("Bob Two", odd), Person("Cy Three", odd_2),
    ]  # fmt: skip


def test_an_address_has_the_name_under_which_it_sends_elsewhere() -> None:
    """Where that name is among those written to."""
    odd, odd_2 = "https://www.linkedin.com/in/x7", "https://www.linkedin.com/in/y8"
    row = exchange(OWNER, "Ada One, Bob Two", urls=f"{odd},{odd_2}")
    found = people(row, name_of={url_key(odd_2): "Ada One", url_key(odd): "Zoe Zero"})
    assert found.others == [Person("Bob Two", odd), Person("Ada One", odd_2)]
    nothing = people(row, name_of={})
    assert [person.name for person in nothing.others] == ["x7", "y8", "Ada One", "Bob Two"]


def test_the_owner_is_in_every_conversation_and_first() -> None:
    """Also where no row names them; the name and the address are the owner's own."""
    assert people(exchange("Ada One", "")).participants[0] == Person(OWNER, url(OWNER), owner=True)
    by_name = people(exchange("Ada One", OWNER))
    assert by_name.participants[0] == Person(OWNER, url(OWNER), owner=True)
    nameless = people(exchange("Ada One", OWNER, urls=url(OWNER)), owner=Owner("", url(OWNER), "the test"))
    assert nameless.participants[0] == Person(OWNER, url(OWNER), owner=True)
    assert people(exchange("Ada One", OWNER), owner=None).participants == [
        Person("Ada One", url("Ada One")), Person(OWNER),
    ]  # fmt: skip


def test_a_namesake_of_the_owner_is_not_the_owner() -> None:
    """The address decides where there is one."""
    other = "https://www.linkedin.com/in/another-olga"
    row = exchange(OWNER, OWNER, sender_url=other, urls=url(OWNER))
    found = people(row)
    assert found.sender(row) == Person(OWNER, other)
    assert found.others == [Person(OWNER, other)]


def test_the_column_direction_says_who_wrote() -> None:
    """Names alone would not: a contact may have the owner's."""
    only_name = Owner(OWNER, None, "DIRECTION")
    out = exchange(OWNER, "Ada One", sender_url="", direction="OUTGOING")
    into = exchange(OWNER, "Ada One", sender_url="", direction="incoming")
    found = people(out, into, owner=only_name)
    assert (found.sender(out) or Person("")).owner
    assert not (found.sender(into) or Person("", owner=True)).owner


def test_a_row_without_a_sender_is_of_nobody_and_one_with_an_address_alone_is_named_after_it() -> None:
    """The last part of the address is better than nothing."""
    nobody = exchange("", OWNER, sender_url="")
    bare = exchange("", OWNER, sender_url="https://www.linkedin.com/in/x7/")
    closed = exchange(NOBODY, OWNER, sender_url="")
    found = people(nobody, bare, closed)
    assert found.sender(nobody) is None
    assert found.sender(bare) == Person("x7", "https://www.linkedin.com/in/x7/")
    assert found.sender(closed) == Person(NOBODY)
