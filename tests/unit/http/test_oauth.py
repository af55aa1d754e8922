"""Access tokens: verified by the issuer's keys, which are asked for seldom and used on for a while when it is away."""

import json
from collections.abc import Mapping

import anyio
import jwt
import pytest

from mcp_server.http.authentication import NotAllowed, VerifierUnavailable
from mcp_server.http.oauth import FRESH_S, PAUSE_S, STALE_S, JwtVerifier, KeySet, OAuthSettings
from tests.support.issuer import CURVE, RESOURCE, SIGNING, bad_tokens, claims, key_set, token

pytestmark = pytest.mark.anyio
ISSUER = "https://auth.example.com"
SETTINGS = OAuthSettings(ISSUER, RESOURCE, f"{ISSUER}/jwks.json", scopes=("read",))


class Publisher:
    """Gives out keys, and a clock that stands still until it is moved."""

    def __init__(self, body: bytes | None = None) -> None:
        self.asked = 0
        self.now_s = 1000.0
        self.body: bytes | None = body or key_set()
        self.open = anyio.Event()
        self.open.set()

    async def fetch(self) -> bytes:
        self.asked += 1
        await anyio.lowlevel.checkpoint()
        await self.open.wait()
        if self.body is None:
            raise ValueError("down")
        return self.body

    def verifier(self) -> JwtVerifier:
        return JwtVerifier(SETTINGS, KeySet(self.fetch, clock_s=lambda: self.now_s))


async def verdict(verifier: JwtVerifier, shown: str) -> str | None:
    """The subject, None, or how it was refused otherwise."""
    try:
        return await verifier.subject_of(shown)
    except NotAllowed:
        return "not allowed"
    except VerifierUnavailable:
        return "unavailable"


async def test_good_tokens_name_their_subject() -> None:
    """Of either kind of key, with the audience in a list, with the scopes in either claim."""
    verifier = Publisher().verifier()
    good = [
        token(claims(ISSUER)),
        token(claims(ISSUER, aud=["https://other.example.com", RESOURCE])),
        token(claims(ISSUER), key=CURVE, algorithm="ES256", kid="curve"),
        token(claims(ISSUER, scope=None, scp=["read"])),
    ]
    assert [await verifier.subject_of(each) for each in good] == ["alice"] * 4


@pytest.mark.parametrize("wrong", bad_tokens(ISSUER))
async def test_bad_tokens_name_nobody(wrong: str) -> None:
    """Whatever is wrong with them; whether a subject has an account is for the gate to say."""
    expected = {"a missing scope": "not allowed", "a subject without an account": "mallory"}.get(wrong)
    assert await verdict(Publisher().verifier(), bad_tokens(ISSUER)[wrong]) == expected


async def test_keys_are_asked_for_seldom() -> None:
    """A hundred callers, once; unknown names, once in a while; then again when they are old."""
    publisher = Publisher()
    verifier = publisher.verifier()
    async with anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(verifier.subject_of, token(claims(ISSUER)))
    for number in range(50):
        assert await verdict(verifier, token(claims(ISSUER), kid=f"made-up-{number}")) is None
    assert publisher.asked == 1
    publisher.now_s += PAUSE_S
    for number in range(50):
        await verdict(verifier, token(claims(ISSUER), kid=f"made-up-{number}"))
    assert publisher.asked == 2
    publisher.now_s += FRESH_S + 1
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"
    await anyio.wait_all_tasks_blocked()
    assert publisher.asked == 3


async def test_a_key_added_by_the_issuer_is_found() -> None:
    """Rotation needs nobody here."""
    publisher = Publisher(b'{"keys": []}')
    verifier = publisher.verifier()
    assert await verdict(verifier, token(claims(ISSUER))) is None
    publisher.body = key_set()
    publisher.now_s += PAUSE_S
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"


async def test_an_issuer_that_is_away_is_nobodys_fault() -> None:
    """Known keys are used on for hours; what cannot be known is "later", not "no"."""
    publisher = Publisher()
    verifier = publisher.verifier()
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"
    publisher.body = None
    publisher.now_s += FRESH_S + 1
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"
    await anyio.wait_all_tasks_blocked()
    assert await verdict(verifier, token(claims(ISSUER), kid="new")) == "unavailable"
    publisher.now_s += STALE_S
    assert await verdict(verifier, token(claims(ISSUER))) == "unavailable"
    publisher.body = key_set()
    publisher.now_s += PAUSE_S
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"


async def test_an_issuer_that_hangs_holds_up_nobody_whose_key_is_known() -> None:
    """It is asked once for all, behind their backs; the pause counts from when it was given up."""
    publisher = Publisher()
    verifier = publisher.verifier()
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"
    publisher.open = anyio.Event()
    publisher.now_s += FRESH_S + 1
    verdicts: list[str | None] = []

    async def ask(kid: str) -> None:
        verdicts.append(await verdict(verifier, token(claims(ISSUER), kid=kid)))

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(ask, "rsa")
            tasks.start_soon(ask, "new")
        await anyio.wait_all_tasks_blocked()
        assert verdicts == ["alice"] * 8
        assert publisher.asked == 2
        publisher.now_s += PAUSE_S  # as long as the request took
        publisher.body = None
        publisher.open.set()
    assert verdicts == ["alice"] * 8 + ["unavailable"] * 8
    await ask("new")
    await ask("rsa")
    assert verdicts[16:] == ["unavailable", "alice"]
    assert publisher.asked == 2


async def test_a_caller_that_stops_waiting_for_the_issuer_takes_nothing_from_the_others() -> None:
    """The first caller's request is everybody's."""
    publisher = Publisher()
    publisher.open = anyio.Event()
    verifier = publisher.verifier()
    verdicts: list[str | None] = []

    async def ask() -> None:
        verdicts.append(await verdict(verifier, token(claims(ISSUER))))

    async with anyio.create_task_group() as staying, anyio.create_task_group() as leaving:
        leaving.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        staying.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        leaving.cancel_scope.cancel()
        publisher.open.set()
    assert (verdicts, publisher.asked) == (["alice"], 1)


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256"])
async def test_a_key_of_no_algorithm_verifies_with_each_that_is_listed(algorithm: str) -> None:
    """Many issuers leave it out. Where it is there, it is the only one."""
    listed = OAuthSettings(ISSUER, RESOURCE, f"{ISSUER}/jwks.json", algorithms=("RS256", "RS512", "PS256"))
    plain = {**jwt.algorithms.RSAAlgorithm.to_jwk(SIGNING.public_key(), as_dict=True), "kid": "rsa"}
    shown = token(claims(ISSUER), algorithm=algorithm)
    for more, expected in (({}, "alice"), ({"alg": "RS256"}, "alice" if algorithm == "RS256" else None)):
        publisher = Publisher(json.dumps({"keys": [{**plain, **more}]}).encode())
        verifier = JwtVerifier(listed, KeySet(publisher.fetch, clock_s=lambda: 0.0))
        assert await verdict(verifier, shown) == expected


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"keys": 5}', b"[" * 100_000, b"\xff"])
async def test_nonsense_from_the_issuer_is_an_issuer_that_is_away(body: bytes) -> None:
    """And never an error of ours."""
    publisher = Publisher()
    publisher.body = body
    assert await verdict(publisher.verifier(), token(claims(ISSUER))) == "unavailable"


_RSA = jwt.algorithms.RSAAlgorithm.to_jwk(SIGNING.public_key(), as_dict=True)
_PRIVATE = jwt.algorithms.RSAAlgorithm.to_jwk(SIGNING, as_dict=True)
ODD_KEYS: Mapping[str, object] = {
    "no object": "key",
    "of the algorithm none": {**_RSA, "alg": "none"},
    "a shared one": {"kty": "oct", "k": "AAAA", "alg": "HS256"},
    "a public one as a shared one": {**_RSA, "alg": "HS256"},
    "for encryption": {**_RSA, "use": "enc"},
    "a private one": _PRIVATE,
    "of an algorithm that is a list": {**_RSA, "alg": ["RS256"]},
    "of an unknown kind": {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"},
    "off its curve": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    "of no length": {"kty": "RSA", "n": "", "e": ""},
    "of a million bits": {"kty": "RSA", "n": "A" * 170_000, "e": "AQAB"},
}


@pytest.mark.parametrize("odd", ODD_KEYS)
async def test_an_odd_key_verifies_nothing_and_takes_nothing_from_the_others(odd: str) -> None:
    """Whatever the issuer publishes in addition to its keys."""
    key = ODD_KEYS[odd]
    listed = [{**key, "kid": "odd"} if isinstance(key, dict) else key, *json.loads(key_set())["keys"]]
    verifier = Publisher(json.dumps({"keys": listed}).encode()).verifier()
    assert await verdict(verifier, token(claims(ISSUER))) == "alice"
    assert await verdict(verifier, token(claims(ISSUER), kid="odd")) is None
    confused = jwt.encode(claims(ISSUER), "s" * 64, "HS256", headers={"kid": "odd"})
    assert await verdict(verifier, confused) is None
