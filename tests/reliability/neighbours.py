"""Cases 82 to 86, over HTTP: the services besides the API lie, hang or fail: keys, telemetry, the shared store."""

import asyncio
import gzip
import json
from collections.abc import Mapping
from typing import cast

from mcp_server.upstream.breaker import OPEN_S
from tests.reliability.case import Case, Run
from tests.reliability.network import free_port
from tests.reliability.over_http import HttpServer
from tests.reliability.stage import CANARIES, SLUG, Stage, good, older, said
from tests.reliability.stores import KEY_RING
from tests.support.chaos import (
    ANSWER_HEADERS,
    Call,
    ChaosUpstream,
    Step,
    answer,
    dripping,
    endless,
    hang,
    head,
    page,
    whole,
)
from tests.support.http_server import digest_line
from tests.support.issuer import RESOURCE, claims, key_set, token
from tests.support.redis_wire import raw_store

ISSUER = "https://issuer.example.com"
STATIC = "canary-static-token"


def oauth(stage: Stage, jwks_url: str) -> Mapping[str, str]:
    """The settings of a server that takes tokens of `ISSUER` and one of its own."""
    tenants = stage.folder / "tenants.json"
    tenants.write_text(json.dumps({"alice": {"api_key": "key", "account_id": "acct"}}))
    return {
        "HTTP_OAUTH_ISSUER": ISSUER,
        "HTTP_OAUTH_RESOURCE": RESOURCE,
        "HTTP_OAUTH_JWKS_URL": jwks_url,
        "HTTP_TENANTS_FILE": str(tenants),
        "HTTP_TOKENS": digest_line(STATIC, "alice"),
    }


async def key_servers(stage: Stage) -> str:
    """Without its keys a token can be neither verified nor rejected: 503. Other tokens work meanwhile."""
    async with ChaosUpstream(answer(key_set())) as elsewhere:
        location, packed = {"Location": elsewhere.base_url}, gzip.compress(b" " * 50_000_000)
        kinds: Mapping[str, Step] = {
            "redirects": answer(b"", status=307, headers=location),
            "never answers": hang,
            "is endless": endless(head(), (b" " * 65_536,) * 800),
            "is a bomb": answer(packed, headers={**ANSWER_HEADERS, "Content-Encoding": "gzip"}),
            "answers in HTML": answer(b"<html>down</html>"),
        }

        async def lie(step: Step) -> None:
            async with (
                ChaosUpstream(step) as issuer,
                stage.another_server(**oauth(stage, f"{issuer.base_url}/keys")) as running,
            ):
                server = cast(HttpServer, running)
                alice = token(claims(ISSUER))
                verdicts = await asyncio.gather(*(server.status(alice) for _ in range(10)))
                assert verdicts == [503] * 10
                assert await server.status(STATIC) == 200
                assert len(issuer.requests) == 1

        for step in kinds.values():
            await lie(step)
        assert elsewhere.connections == 0
    return f"{len(kinds)} kinds, 1 request for 10 tokens each; the other host: 0 connections"


async def odd_keys(stage: Stage) -> str:
    """Keys that verify nothing are passed over, and tokens that name them are refused."""
    listed = json.loads(key_set())["keys"]
    rsa = listed[0]
    odd = [
        {**rsa, "kid": "none", "alg": "none"},
        {**rsa, "kid": "shared", "alg": "HS256"},
        {**rsa, "kid": "encrypting", "use": "enc"},
        {"kty": "oct", "kid": "oct", "k": "AAAA"},
        {"kty": "EC", "kid": "curve-less", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "huge", "n": "A" * 100_000, "e": "AQAB"},
        {**rsa, "kid": ["list"]},
        "no key",
    ]
    names = [each["kid"] for each in odd if isinstance(each, dict) and isinstance(each["kid"], str)]
    async with (
        ChaosUpstream(answer(json.dumps({"keys": [*odd, *listed]}).encode())) as issuer,
        stage.another_server(**oauth(stage, f"{issuer.base_url}/keys")) as running,
    ):
        server = cast(HttpServer, running)
        assert await server.status(token(claims(ISSUER))) == 200
        assert {await server.status(token(claims(ISSUER), kid=name)) for name in names} == {401}
        assert {await server.status(token(claims(ISSUER), kid=f"unknown-{n}")) for n in range(20)} == {401}
        assert len(issuer.requests) == 1
    return f"{len(odd)} odd keys, 20 unknown names, 1 request"


async def telemetry(stage: Stage) -> str:
    """Whatever the endpoint does, calls are answered and a stop ends; nothing it gets is about a conversation."""
    got: list[bytes] = []

    async def collect(call: Call) -> None:
        body = call.received.body
        got.append(gzip.decompress(body) if call.received.headers.get("content-encoding") == "gzip" else body)
        await call.send(whole(b"{}"))

    async with ChaosUpstream(collect) as elsewhere:
        redirect = answer(b"", status=307, headers={"Location": elsewhere.base_url})
        kinds = {"takes it": collect, "redirects": redirect, "hangs": hang, "drips": dripping(head(), b" " * 10_000)}
        for step in (*kinds.values(), None):
            async with ChaosUpstream(step or collect) as endpoint:
                url = endpoint.base_url if step else f"http://127.0.0.1:{free_port()}"
                await _observed(stage, url)
        assert elsewhere.connections == 0
    sent = b"".join(got)
    assert b"conversation.page" in sent
    assert not [canary for canary in (*CANARIES, "2-canary") if canary.encode() in sent]
    return f"{len(kinds) + 1} kinds; the other host: 0 connections"


async def _observed(stage: Stage, url: str) -> None:
    """Calls of every outcome with spans and metrics sent to `url`, and a stop within its time."""
    settings = {"HTTP_TELEMETRY": "otlp", **_OTEL}
    async with stage.another_server(**settings, OTEL_EXPORTER_OTLP_ENDPOINT=url) as server:
        first = page([said(3), said(2)], next_cursor=older(1))
        line = stage.line(first, page([said(1)]))
        reply = await stage.ask(line, server, count=2)
        await stage.ask(line, server, count=2, cursor=reply.cursor)
        await stage.ask_raw({"profile_url": f"https://www.linkedin.com/in/{SLUG}", "count": "none"}, server)
        bad = stage.line(answer(b"<html>" + SLUG.encode(), credits=1))
        await stage.fails(bad, "bad_response", lost=1, server=server)


_OTEL = {"OTEL_BSP_SCHEDULE_DELAY": "50", "OTEL_METRIC_EXPORT_INTERVAL": "50"}


async def store_errors(stage: Stage) -> str:
    """Redis answers every command with an error, or with what no script of this server returns."""
    kinds = (
        b"-READONLY You can't write against a read only replica.\r\n",
        b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
        b"*2\r\n:1\r\n(340282366920938463463374607431768211456\r\n",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    )
    for kind in kinds:
        async with (
            raw_store(lambda *_, kind=kind: kind) as url,
            stage.another_server(REDIS_URL=url, KEY_RING=KEY_RING) as server,
        ):
            for _ in range(3):
                reply = await stage.reads(stage.line(good()), server=server)
                assert reply.credits == 1
    return f"{len(kinds)} kinds, 3 calls each"


async def failover(stage: Stage) -> str:
    """The first connection leads to a master that only reads since a failover; any other one leads to the new."""
    kept: list[bytes] = []

    def reply(connection: int, arguments: list[bytes]) -> bytes:
        if connection == 0:
            return b"-READONLY You can't write against a read only replica.\r\n"
        kept.append(arguments[0])
        return b"*2\r\n:1\r\n:1\r\n"

    async with raw_store(reply) as url, stage.another_server(REDIS_URL=url, KEY_RING=KEY_RING) as server:
        await stage.reads(stage.line(good()), server=server)
        assert kept
    return f"the new master was asked {OPEN_S:.0f} s before the store would have been tried again"


def _case(number: int, title: str, expected: str, run: Run) -> Case:
    return Case(number, title, expected, run, "neighbours", transports=("http",))


CASES = (
    _case(82, "the issuer's key server redirects, hangs, is endless or a bomb", "503, and one request", key_servers),
    _case(83, "odd keys among the issuer's, and unknown names", "the others verify; 401", odd_keys),
    _case(84, "the telemetry endpoint fails, hangs, drips, redirects", "success, a stop in time, no canary", telemetry),
    _case(85, "Redis refuses commands, or answers what no script returns", "success", store_errors),
    _case(86, "Redis fails over", "the new master is used at once", failover),
)
