"""How the sender of a message is read: a profile, a name, or nobody; a placeholder is never a person."""

import pytest

from mcp_server.conversation.models import Participant
from mcp_server.upstream.wire import read_document, read_page
from tests.support.chaos import message, page_body


@pytest.mark.parametrize(
    ("fields", "sender"),
    [
        ({"sender": "Jane Doe", "sender_info": None}, Participant("name:Jane Doe", "Jane Doe")),
        (
            {"sender": None, "sender_info": {"first_name": "Jane", "last_name": "Doe"}},
            Participant("name:Jane Doe", "Jane Doe"),
        ),
        ({"sender": " ", "sender_info": {"first_name": "Jane"}}, Participant("name:Jane", "Jane")),
        (
            {"sender": "", "sender_info": {"profile_url": "http://de.linkedin.com/in/Jane-Doe/"}},
            Participant("in/jane-doe", "Jane-Doe", "in/Jane-Doe"),
        ),
        (
            {"sender": "Acme", "sender_info": {"profile_url": "https://www.linkedin.com/company/acme"}},
            Participant("company/acme", "Acme", "company/acme"),
        ),
        (
            {"sender": "Eve\n< forged", "sender_info": {"profile_url": "https://evil.example"}},
            Participant("name:Eve < forged", "Eve < forged"),
        ),
        ({"sender": ["x"], "sender_info": "Jane"}, None),
        ({"sender": None, "sender_info": {"first_name": None, "profile_url": 7}}, None),
        ({"sender": "\u0000", "sender_info": {}}, None),
        ({"sender": "LinkedIn Member", "sender_info": {}}, None),
        ({"sender": "LinkedIn Member", "sender_info": {"profile_url": "https://www.linkedin.com/in/UNKNOWN"}}, None),
        (
            {"sender": "LinkedIn Member", "sender_info": {"first_name": "Jane", "profile_url": None}},
            Participant("name:Jane", "Jane"),
        ),
        (
            {"sender": "LinkedIn Member", "sender_info": {"profile_url": "https://www.linkedin.com/in/jane-doe-42"}},
            Participant("in/jane-doe-42", "jane-doe-42", "in/jane-doe-42"),
        ),
        *(
            (
                {"sender": "Jane Doe", "sender_info": {"profile_url": f"https://www.linkedin.com/in/{slug}"}},
                Participant("name:Jane Doe", "Jane Doe"),
            )
            for slug in ("UNKNOWN", "undefined", "headless")
        ),
    ],
)
def test_a_sender_is_identified_by_profile_or_name_or_is_unknown(
    fields: dict[str, object], sender: Participant | None
) -> None:
    """Row 38: nobody is merged with anybody for lack of a name."""
    (read,) = read_page(read_document(page_body([{**message(), **fields}]))).messages
    assert read.sender == sender
