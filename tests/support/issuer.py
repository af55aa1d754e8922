"""A small authorization server: publishes keys over HTTP and signs valid and invalid tokens."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RESOURCE = "https://mcp.example.com/mcp"
SIGNING = rsa.generate_private_key(public_exponent=65537, key_size=2048)
STRANGER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP256R1())


class Issuer:
    """Publishes its keys at `jwks_url` while the context lasts. `asked` counts the requests; `up` False fails them."""

    def __init__(self) -> None:
        self.up = True
        self.asked = 0
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                body = key_set() if issuer.up else b"down for maintenance"
                self.send_response(200 if issuer.up else 500)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
                """Silent."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.jwks_url = f"{self.url}/jwks.json"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def key_set() -> bytes:
    """The published keys: one RSA key and one on a curve."""
    keys = [
        {**jwt.algorithms.RSAAlgorithm.to_jwk(SIGNING.public_key(), as_dict=True), "kid": "rsa", "alg": "RS256"},
        {**jwt.algorithms.ECAlgorithm.to_jwk(CURVE.public_key(), as_dict=True), "kid": "curve", "alg": "ES256"},
        {"kty": "new-kind", "kid": "unknown"},
    ]
    return json.dumps({"keys": keys}).encode()


def claims(issuer: str, **others: object) -> dict[str, Any]:
    """The claims of a valid token for alice. `others` replace or add; None removes."""
    now_s = int(time.time())
    usual = {"iss": issuer, "aud": RESOURCE, "sub": "alice", "exp": now_s + 300, "iat": now_s, "scope": "read openid"}
    return {name: value for name, value in (usual | others).items() if value is not None}


def token(content: Mapping[str, Any], *, key: Any = SIGNING, algorithm: str = "RS256", **header: object) -> str:
    """A token with this signature."""
    return jwt.encode(dict(content), key, algorithm, headers={"kid": "rsa", **header})


def bad_tokens(issuer: str) -> dict[str, str]:
    """Tokens that must be refused, by their fault."""
    good = claims(issuer)
    now_s = int(time.time())
    head, body, signature = token(good).split(".")
    # A library refuses to make some of these; a thief would not.
    public = SIGNING.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    confused = _unsafe_hs256({"alg": "HS256", "kid": "rsa"}, good, public)
    return {
        "alg none": f"{_part({'alg': 'none', 'kid': 'rsa'})}.{body}.",
        "alg None, signed": f"{_part({'alg': 'None', 'kid': 'rsa'})}.{body}.{signature}",
        "the public key as a shared one": confused,
        "a weaker algorithm than listed": token(good, algorithm="RS512"),
        "another audience": token(claims(issuer, aud="https://other.example.com/mcp")),
        "no audience": token(claims(issuer, aud=None)),
        "a list of other audiences": token(claims(issuer, aud=["https://a.example", RESOURCE + "/x"])),
        "another issuer": token(claims("https://evil.example")),
        "no issuer": token(claims(issuer, iss=None)),
        "expired": token(claims(issuer, exp=now_s - 120)),
        "no expiry": token(claims(issuer, exp=None)),
        "an expiry that is no number": token(claims(issuer, exp="never")),
        "not yet valid": token(claims(issuer, nbf=now_s + 600)),
        "no subject": token(claims(issuer, sub=None)),
        "a subject without an account": token(claims(issuer, sub="mallory")),
        "an empty subject": token(claims(issuer, sub="")),
        "a stranger's key": token(good, key=STRANGER),
        "a stranger's key under an unknown name": token(good, key=STRANGER, kid="unknown"),
        "a key brought along": token(good, key=STRANGER, jwk=json.loads(_jwk(STRANGER)), kid="mine"),
        "a key to be fetched elsewhere": token(good, key=STRANGER, jku="http://127.0.0.1:9/keys"),
        "a changed body": f"{head}.{_part({**good, 'sub': 'bob'})}.{signature}",
        "no signature": f"{head}.{body}.",
        "a missing scope": token(claims(issuer, scope="openid")),
        "a critical extension": token(good, crit=["x"], x=1),
        "nonsense": "a.b.c",
        "a header that never ends": "e" * 20_000,
    }


def _part(content: Mapping[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def _jwk(key: rsa.RSAPrivateKey) -> str:
    return jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())


def _unsafe_hs256(header: Mapping[str, object], content: Mapping[str, object], secret: bytes) -> str:
    import hmac

    signed = f"{_part(header)}.{_part(content)}"
    mac = hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"
