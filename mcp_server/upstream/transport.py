"""One HTTP request and its answer, bounded in time and bytes. The only module that imports httpx.

It uses httpx's transport rather than its client, because that layer has no redirects, cookies, credentials or
environment settings. Import this module late: httpx takes 80 ms at a cold start.
"""

import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import anyio
import httpx
from pydantic import SecretStr

from mcp_server.upstream.outcome import Answer, Broken, Stage

CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S = 30.0
KEEPALIVE_CONNECTIONS = 20
# Unlimited: waiting for a connection would use up a call's deadline. The HTTP server limits concurrent calls instead.
MAX_CONNECTIONS = None

# A hundred messages of 80 kB. Reading takes up to three times as much memory, as the buffer is copied when it grows.
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_COMPRESSED_BYTES = 4 * 1024 * 1024
# Only the code and one sentence of a refusal are used.
MAX_REFUSAL_BYTES = 256 * 1024
REFUSAL_BODY_S = 1.0
_INFLATE_STEP_BYTES = 64 * 1024


@dataclass(slots=True)
class _Progress:
    """The progress of a request, from httpcore's trace events."""

    new_connection: bool = False
    sent: bool = False
    answered: bool = False

    async def note(self, event: str, info: Mapping[str, object]) -> None:
        if getattr(info.get("request"), "method", None) == b"CONNECT":
            # A request to the proxy, before there is a connection to the API.
            return
        match event:
            case "connection.connect_tcp.started":
                self.new_connection = True
            case "http11.send_request_headers.started":
                self.sent = True
            case "http11.receive_response_headers.complete":
                self.answered = True
            case _:
                pass

    @property
    def stage(self) -> Stage:
        return Stage.ANSWERING if self.sent else Stage.CONNECTING


class Transport:
    """A pool of kept-alive connections to one API."""

    def __init__(self, *, tls: ssl.SSLContext, proxy: str | None = None) -> None:
        limits = httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=KEEPALIVE_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
        )
        through = None if proxy is None else httpx.Proxy(proxy, ssl_context=tls if proxy.startswith("https:") else None)
        self._http = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits, retries=0, proxy=through)
        self._proxied = proxy is not None

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        """The answer to one POST, by `deadline` on `anyio.current_time()`'s clock. Raises Broken."""
        return await self._send("POST", url, headers=headers, body=body, deadline=deadline)

    async def get(self, url: str, *, headers: Mapping[str, str], deadline: float) -> Answer:
        """The answer to one GET, as for `post`."""
        return await self._send("GET", url, headers=headers, body=b"", deadline=deadline)

    async def _send(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, deadline: float) -> Answer:
        progress = _Progress()
        remaining_s = deadline - anyio.current_time()
        request = httpx.Request(
            method,
            url,
            headers={**headers, "Accept-Encoding": "gzip"},
            content=body,
            # Only connecting has a timeout: an answer that trickles in is ended by the deadline alone. The timeout
            # applies to TCP and to TLS separately; cancelling would not do, as httpcore leaves a cancelled handshake
            # unclosed.
            extensions={"timeout": {"connect": min(CONNECT_TIMEOUT_S, remaining_s / 2)}, "trace": progress.note},
        )
        with anyio.CancelScope(deadline=deadline) as scope:
            try:
                return await self._exchange(request)
            except (httpx.TransportError, OSError) as error:
                # OSError: httpx does not translate an ssl.SSLError in the middle of an answer. The cause is dropped
                # because h11's errors quote the bytes they could not read.
                broken = _failure(error, progress)
                broken.proxied = self._proxied
                raise broken from None
        assert scope.cancelled_caught
        raise Broken(progress.stage, timed_out=True, proxied=self._proxied)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _exchange(self, request: httpx.Request) -> Answer:
        response = await self._http.handle_async_request(request)
        try:
            retry_after = response.headers.get("Retry-After")
            body = await (_read_body(response, MAX_BODY_BYTES) if response.is_success else _read_refusal_body(response))
            return Answer(response.status_code, retry_after, body)
        finally:
            await response.aclose()


def trusted_authorities() -> ssl.SSLContext:
    """A context that verifies hosts by httpx's bundled certificate authorities and by this system's."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def no_authorities() -> ssl.SSLContext:
    """A context that trusts no host, for plain HTTP on this machine: loading authorities takes at least 100 ms."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def transport_for(base_url: str, *, tls: ssl.SSLContext | None = None, proxy: SecretStr | None = None) -> Transport:
    """A transport to the API at `base_url`, through `proxy` if there is one.

    `tls` defaults to the context that the URL's scheme needs. Plain HTTP is for this machine only, so that it goes
    through no proxy.
    """
    if not base_url.startswith("https:"):
        return Transport(tls=tls or no_authorities())
    return Transport(tls=tls or trusted_authorities(), proxy=proxy.get_secret_value() if proxy else None)


async def _read_refusal_body(response: httpx.Response) -> bytearray:
    """The body of a refusal, or nothing if it takes longer than `REFUSAL_BODY_S`: the status is enough."""
    with anyio.move_on_after(REFUSAL_BODY_S):
        try:
            return await _read_body(response, MAX_REFUSAL_BYTES)
        except (Broken, httpx.TransportError, OSError):
            return bytearray()
    return bytearray()


async def _read_body(response: httpx.Response, most_bytes: int) -> bytearray:
    """The decompressed body. Memory stays near `most_bytes`, however large or compressed a chunk is. Raises Broken."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise Broken(Stage.UNREADABLE, reason="its content coding was not requested")
    inflater = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    most_received_bytes = most_bytes if inflater is None else min(most_bytes, MAX_COMPRESSED_BYTES)
    body = bytearray()
    received_bytes = 0
    async for chunk in response.aiter_raw():
        received_bytes += len(chunk)
        if inflater is None:
            body += chunk
        else:
            _inflate(inflater, chunk, into=body, most_bytes=most_bytes)
        if received_bytes > most_received_bytes or len(body) > most_bytes:
            # The error's traceback references this frame, perhaps until the next garbage collection.
            body.clear()
            raise Broken(Stage.UNREADABLE, reason="it is too large")
    if inflater is not None and received_bytes and not inflater.eof:
        raise Broken(Stage.ANSWERING)
    return body


def _inflate(inflater: "zlib._Decompress", chunk: bytes, *, into: bytearray, most_bytes: int) -> None:
    """Append the decompressed chunk to `into` in small steps; stop once `into` is longer than `most_bytes`."""
    step = b""
    while len(into) <= most_bytes and (chunk or len(step) == _INFLATE_STEP_BYTES):
        try:
            step = inflater.decompress(chunk, _INFLATE_STEP_BYTES)
        except zlib.error:
            raise Broken(Stage.UNREADABLE, reason="it cannot be decompressed") from None
        into += step
        chunk = inflater.unconsumed_tail


def _failure(error: Exception, progress: _Progress) -> Broken:
    if not progress.sent:
        return _connect_failure(error)
    if not progress.answered:
        if isinstance(error, httpx.RemoteProtocolError) and not str(error).startswith("Server disconnected"):
            return Broken(Stage.UNREADABLE, reason="it is not HTTP")
        if not progress.new_connection:
            return Broken(Stage.STALE)
    return Broken(Stage.ANSWERING)


def _connect_failure(error: Exception) -> Broken:
    if isinstance(error, httpx.TimeoutException):
        return Broken(Stage.CONNECTING, timed_out=True)
    if isinstance(error, httpx.ProxyError):
        # Its text begins with the status of the proxy's answer.
        return Broken(Stage.CONNECTING, reason=f"the proxy refused it (HTTP {int(str(error)[:3])})")
    for cause in _causes(error):
        match cause:
            case ssl.SSLWantReadError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ssl.SSLSyscallError():
                # Part of every handshake, or of one that was interrupted: not a problem with the certificate.
                pass
            case ssl.SSLCertVerificationError():
                return Broken(Stage.TLS, reason=cause.verify_message.rstrip("."))
            case ssl.SSLError():
                return Broken(Stage.TLS, reason="the TLS handshake failed")
            case socket.gaierror():
                return Broken(Stage.CONNECTING, reason="its host name does not resolve")
            case ConnectionRefusedError():
                return Broken(Stage.CONNECTING, reason="it refuses connections")
            case _:
                pass
    return Broken(Stage.CONNECTING, reason="the connection broke before anything was sent")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and its causes, nearest first. Of an exception group, only the first member is followed."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        several = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = several or cause.__cause__ or cause.__context__
