"""Adding to JSON with comments: what was there stays, byte for byte."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcp_server.commands.jsonc import NotJson, merged, read

ENTRY = {"command": "/bin/it", "args": []}
ADDED = {"servers": {"ours": ENTRY}}

COMMENTED = """\
// My servers
{
    // the first, "quoted", with // and /* in a text
    "servers": {
        "one": {"command": "a // b", "n": 1e999}, // first
        /* the second,
           over two lines */
        "two": {"x": [1.50, 2,],}, // last
    },
    "inputs": [], /* none, yet */
}
"""
COMMENTED_AFTER = """\
// My servers
{
    // the first, "quoted", with // and /* in a text
    "servers": {
        "one": {"command": "a // b", "n": 1e999}, // first
        /* the second,
           over two lines */
        "two": {"x": [1.50, 2,],}, // last
        "ours": {
            "command": "/bin/it",
            "args": []
        },
    },
    "inputs": [], /* none, yet */
}
"""


def test_comments_trailing_commas_and_the_spelling_of_numbers_stay() -> None:
    """The new entry takes the file's indentation, and its habit of trailing commas."""
    assert merged(COMMENTED, ADDED) == COMMENTED_AFTER
    assert merged(COMMENTED.replace("\n", "\r\n"), ADDED) == COMMENTED_AFTER.replace("\n", "\r\n")


def test_an_equal_entry_changes_nothing() -> None:
    """Not even the layout."""
    assert merged(COMMENTED_AFTER, ADDED) == COMMENTED_AFTER


def test_an_entry_of_that_name_is_replaced_alone() -> None:
    """With the last of equal names, which is the one that counts."""
    text = '{"servers": {"ours": 1, "ours": {"command": "old"}, "two": 2}}'
    assert merged(text, ADDED) == text.replace('{"command": "old"}', json.dumps(ENTRY, indent=2))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", '{\n  "servers": {\n    "ours": 1\n  }\n}\n'),
        (" \n", '{\n  "servers": {\n    "ours": 1\n  }\n}\n'),
        ("// mine\n", '// mine\n{\n  "servers": {\n    "ours": 1\n  }\n}\n'),
        ("{}", '{\n  "servers": {\n    "ours": 1\n  }\n}'),
        ("{ // mine\n}", '{ // mine\n  "servers": {\n    "ours": 1\n  }\n}'),
        ('{"a": 1}', '{"a": 1, "servers": {"ours": 1}}'),
        ('{"a": 1,}', '{"a": 1, "servers": {"ours": 1},}'),
        ('{\n\t"a": 1\n}', '{\n\t"a": 1,\n\t"servers": {\n\t\t"ours": 1\n\t}\n}'),
        ('{\n  "a": 1 // one, two\n}', '{\n  "a": 1, // one, two\n  "servers": {\n    "ours": 1\n  }\n}'),
        ('{\n  "a": 1 /* x\n y */ }', '{\n  "a": 1,\n  "servers": {\n    "ours": 1\n  } /* x\n y */ }'),
        ('{"servers": null}', '{"servers": {\n  "ours": 1\n}}'),
        ('{"servers": {}}', '{"servers": {\n  "ours": 1\n}}'),
    ],
)
def test_it_is_put_where_a_person_would_put_it(text: str, after: str) -> None:
    """Into an empty file or object, on a single line or its own, with tabs, and after a comment on the last line."""
    assert merged(text, {"servers": {"ours": 1}}) == after


def test_items_of_a_list_are_told_apart_by_their_id() -> None:
    """One of the same id is replaced, and none is added twice."""
    text = '{"inputs": [{"id": "a"}, "odd", {"id": "ours", "old": true}]}'
    added = {"inputs": [{"id": "ours", "type": "x"}]}
    assert read(merged(text, added))["inputs"] == [{"id": "a"}, "odd", {"id": "ours", "type": "x"}]
    assert read(merged("{}", added))["inputs"] == added["inputs"]
    assert read(merged('{"inputs": [1]}', added))["inputs"] == ["1", *added["inputs"]]
    assert merged(merged(text, added), added) == merged(text, added)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "it is not an object"),
        ('{"servers": []}', 'its "servers" is not an object'),
        ('{"inputs": {}}', 'its "inputs" is not a list'),
        ("{", "in line 1"),
        ('{"a": 1}\n\n{}', "in line 3"),
        ('{\n/* \n */\n "a" 1}', "in line 4"),
        ('{"a": NaN}', "NaN is not a number"),
        ("{,}", "in line 1"),
        ('{"a": [,]}', "in line 1"),
        ('{"a": 1,,}', "in line 1"),
        ("{'a': 1}", "in line 1"),
        ('{"a": "x', "in line 1"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "it is nested too deeply"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, said: str) -> None:
    """Writing would lose something."""
    with pytest.raises(NotJson, match=said):
        merged(text, {"inputs": [{"id": "x"}], "servers": {"ours": ENTRY}})


_SPACES = st.sampled_from(["", " ", "\n", "\n  ", "\t", " // x, ]\n", "/* , } */", "/* \n */ "])
_VALUES = st.recursive(
    st.sampled_from(["1", "1e999", "-0.50", "true", "null", '"a, // b /* c"', '"\\\\\\""']),
    lambda inner: st.builds(
        lambda parts, space, comma: f"[{space}" + f",{space}".join(parts) + (comma if parts else "") + f"{space}]",
        st.lists(inner, max_size=3),
        _SPACES,
        st.sampled_from(["", ","]),
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from("abcd"), _VALUES), max_size=4), _SPACES, st.sampled_from(["", ","]), _SPACES)
def test_whatever_the_layout_the_rest_stays_and_the_entry_is_added(
    members: list[tuple[str, str]], space: str, comma: str, end: str
) -> None:
    """Every piece of the text is still there in order, and the value is the old one with the entry."""
    body = f",{space}".join(f'"{key}":{space}{value}' for key, value in members)
    text = f"{space}{{{space}{body}{comma if members else ''}{space}}}{end}"
    after = merged(text, ADDED)
    assert read(after) == read(text) | ADDED
    at = 0
    for piece in (piece for _, value in members for piece in value):
        at = after.index(piece, at) + 1
