"""Campaigns become text; what people type stays as typed."""

import pytest

from mcp_server.archive.markup import is_campaign, text_of

CLASS = 'class="spinmail-quill-editor__spin-break"'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            f"<p {CLASS}>Hi&nbsp;%FIRSTNAME%!</p><p {CLASS}><br></p><ul><li>Buoys</li><li>Rope &amp; net</li></ul>",
            "Hi %FIRSTNAME%!\n\n- Buoys\n- Rope & net",
        ),
        (
            '<p>See <a href="https://example.com/?x=1,2">the catalogue</a>.</p>',
            "See the catalogue (https://example.com/?x=1,2).",
        ),
        ('<p>Shop at <a href="https://example.com">https://example.com</a></p>', "Shop at https://example.com"),
        ("<p>One<br>two <strong>th</strong>ree</p>\n<p>four</p>", "One\ntwo three\n\nfour"),
        ("<ul>\n<li><p>One</p></li>\n<li>two<ul><li>deep</li></ul></li>\n</ul>", "- One\n- two\n- deep"),
        ("<p>a</p><p></p><p><br></p><p>&nbsp;</p><p>b</p>", "a\n\nb"),
        ("<p>&lt;b&gt; &#8364;5</p>", "<b> €5"),
        ("<p>seen</p><style>p {}</style><script>alert()</script><!-- not --><template>no</template>", "seen"),
        ("<p>cut off in a <b unclosed", "cut off in a"),
        ("<p><a>no address</a> <a href=''>empty</a></p>", "no address empty"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    """Paragraphs and lists apart, an item a line, a link with its address, entities decoded, merge words left alone."""
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("content", "of_a_person", "of_nobody"),
    [
        (f"<p {CLASS}>Hello</p>", True, True),
        (f"  <p {CLASS}>Hello", True, True),
        (f"<ul><li>One</li></ul><p {CLASS}>Hello</p>", True, True),
        ("<p>Hello</p>", False, True),
        ("<P>Hello</P>\n<ul><li>x</li></ul>\n", False, True),
        ("<p> is how a paragraph begins", False, False),
        ("<p>Hello</p> is how you write one", False, False),
        ("5 < 6 & 7 > 2, <ping> &amp; &lt;pong&gt;", False, False),
        ("<name> said <p>hello</p>", False, False),
        ("<ping>hello</ping>", False, False),
        ("Use class='spinmail-quill-editor' in <p>", False, False),
        ("", False, False),
    ],
)
def test_only_campaigns_are_taken_for_html(content: str, of_a_person: bool, of_nobody: bool) -> None:
    """By the editor's class; without it only from a sender without a profile, and only where all of it is elements."""
    assert is_campaign(content, nameless=False) is of_a_person
    assert is_campaign(content, nameless=True) is of_nobody


def test_a_document_of_any_depth_is_walked() -> None:
    """A stranger decides how deep it is."""
    assert text_of("<div>" * 5_000 + "deep") == "deep"
