"""Who is asking: a verified subject, or nobody."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from mcp_server.http.authentication import BearerAuthentication, NotAllowed, VerifierUnavailable
from mcp_server.http.tenants import current_subject

pytestmark = pytest.mark.anyio


class Verifier:
    """Knows `alice` and `bob` by tokens of their names; fails on demand."""

    async def subject_of(self, token: str) -> str | None:
        match token:
            case "down":
                raise VerifierUnavailable
            case "poor":
                raise NotAllowed
            case "alice" | "bob":
                return token
            case _:
                return None


async def tell(scope: Scope, receive: Receive, send: Send) -> None:
    """Says who is calling, and what is left of the token."""
    left = Request(scope).headers.get("authorization", "nothing")
    await PlainTextResponse(f"{current_subject.get()} {left}")(scope, receive, send)


METADATA_URL = "https://mcp.example.com/.well-known/x"


async def answer(*authorization: str, metadata_url: str | None = METADATA_URL) -> httpx.Response:
    """What a request with these headers gets; only alice has an account."""
    gate = BearerAuthentication(tell, Verifier(), subjects=frozenset({"alice"}), metadata_url=metadata_url)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(gate)) as client:
        return await client.post("http://mcp", headers=[("Authorization", value) for value in authorization])


@pytest.mark.parametrize("header", ["Bearer alice", "bearer alice", "BEARER  alice "])
async def test_a_verified_subject_comes_in_and_its_token_does_not(header: str) -> None:
    """Behind the gate nothing knows the token, so nothing can send it on; afterwards nobody is calling."""
    response = await answer(header)
    assert (response.status_code, response.text) == (200, "alice nothing")
    assert current_subject.get() == ""


@pytest.mark.parametrize(
    "headers",
    [
        *((), ("",), ("Bearer",), ("Bearer ",), ("Bearer nobody",), ("Basic alice",), ("alice",)),
        *(("Bearer alice bob",), ("Bearer alice", "Bearer alice"), ("Bearer\talice",), ("Bearer alice, Bearer bob",)),
    ],
)
async def test_anything_else_is_told_to_bring_a_token(headers: tuple[str, ...]) -> None:
    """401, with where to get one."""
    response = await answer(*headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
    assert 'resource_metadata="https://mcp.example.com/.well-known/x"' in response.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("metadata_url", "giver"),
    [(None, "the token that this server's operator gave you"), (METADATA_URL, "OAuth issuer")],
)
async def test_a_refusal_says_which_token_is_needed(metadata_url: str | None, giver: str) -> None:
    """In the body and in the header, since bridges pass on one or the other."""
    response = await answer("Bearer nobody", metadata_url=metadata_url)
    assert giver in response.json()["error_description"]
    assert giver in response.headers["www-authenticate"]


async def test_a_good_token_without_an_account_or_scope_is_forbidden_and_an_outage_is_neither() -> None:
    """403 says that another token of the same person would not do; 503 that the same one may do later."""
    assert [(await answer(f"Bearer {token}")).status_code for token in ("bob", "poor", "down")] == [403, 403, 503]
    assert (await answer("Bearer down")).headers["retry-after"] == "5"
