"""One HTTP request and its answer, bounded in time and bytes. The only module that knows httpx.

It uses httpx's transport rather than its client: no redirects, cookies, proxies, credentials or settings out of the
environment can come into play, because that layer has none. Import it late: httpx costs 80 ms at a cold start.
"""

import socket
import ssl
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import anyio
import httpx

from mcp_server.upstream.outcome import Answer, Broken, Stage

CONNECT_TIMEOUT_S = 5.0
KEEPALIVE_S = 30.0
KEEPALIVE_CONNECTIONS = 20
# Waiting for a slot would eat into a call's deadline; how many calls run at once is for whoever serves them to limit.
MAX_CONNECTIONS = None

# A hundred messages of 80 kB. The process takes up to three times as much while it reads: the buffer moves as it grows.
MAX_BODY_BYTES = 8 * 1024 * 1024
MAX_COMPRESSED_BYTES = 4 * 1024 * 1024
# Of a refusal only the code and one sentence are of use.
MAX_REFUSAL_BYTES = 256 * 1024
REFUSAL_BODY_S = 1.0
_INFLATE_STEP_BYTES = 64 * 1024


@dataclass(slots=True)
class _Progress:
    """What httpcore tells of a request while it is under way."""

    connected_anew: bool = False
    sent: bool = False
    answered: bool = False

    async def note(self, event: str, _info: Mapping[str, object]) -> None:
        match event:
            case "connection.connect_tcp.started":
                self.connected_anew = True
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

    def __init__(self, *, tls: ssl.SSLContext) -> None:
        limits = httpx.Limits(
            max_connections=MAX_CONNECTIONS,
            max_keepalive_connections=KEEPALIVE_CONNECTIONS,
            keepalive_expiry=KEEPALIVE_S,
        )
        self._http = httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits, retries=0)

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
            # No timeout but the one of connecting: only a deadline ends an answer that comes in drips. It counts for
            # TCP and for TLS each, and both must end by themselves: httpcore leaves a cancelled handshake unclosed.
            extensions={"timeout": {"connect": min(CONNECT_TIMEOUT_S, remaining_s / 2)}, "trace": progress.note},
        )
        with anyio.CancelScope(deadline=deadline) as scope:
            try:
                return await self._exchange(request)
            except (httpx.TransportError, OSError) as error:
                # OSError: ssl.SSLError in the midst of an answer, which httpx does not translate. The cause is not
                # kept: h11's errors quote the bytes they could not read.
                raise _failure(error, progress) from None
        assert scope.cancelled_caught
        raise Broken(progress.stage, timed_out=True)

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
    """A context that verifies hosts by the authorities httpx carries and by those of this system."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def no_authorities() -> ssl.SSLContext:
    """A context that trusts nobody, for plain HTTP on this machine: loading authorities takes 100 ms and more."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def transport_for(base_url: str, *, tls: ssl.SSLContext | None = None) -> Transport:
    """A transport to the API at `base_url`: with the authorities that its scheme needs, unless `tls` is given."""
    return Transport(tls=tls or (trusted_authorities() if base_url.startswith("https:") else no_authorities()))


async def _read_refusal_body(response: httpx.Response) -> bytearray:
    """The body of a refusal if it can be had soon; the status alone has said most of it."""
    with anyio.move_on_after(REFUSAL_BODY_S):
        try:
            return await _read_body(response, MAX_REFUSAL_BYTES)
        except (Broken, httpx.TransportError, OSError):
            return bytearray()
    return bytearray()


async def _read_body(response: httpx.Response, most_bytes: int) -> bytearray:
    """The decompressed body. Memory stays near `most_bytes`, however large a chunk is or what is packed in it."""
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity", "gzip"):
        raise Broken(Stage.UNREADABLE, reason="it is coded in a way that was not asked for")
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
            # The error's traceback holds this frame, perhaps until the next sweep of the garbage collector.
            body.clear()
            raise Broken(Stage.UNREADABLE, reason="it is too large")
    if inflater is not None and received_bytes and not inflater.eof:
        raise Broken(Stage.ANSWERING)
    return body


def _inflate(inflater: "zlib._Decompress", chunk: bytes, *, into: bytearray, most_bytes: int) -> None:
    """Decompress a chunk in small steps, and stop once `into` is longer than `most_bytes`."""
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
        if not progress.connected_anew:
            return Broken(Stage.STALE)
    return Broken(Stage.ANSWERING)


def _connect_failure(error: Exception) -> Broken:
    if isinstance(error, httpx.TimeoutException):
        return Broken(Stage.CONNECTING, timed_out=True)
    for cause in _causes(error):
        match cause:
            case ssl.SSLWantReadError() | ssl.SSLEOFError() | ssl.SSLZeroReturnError() | ssl.SSLSyscallError():
                # Part of every handshake, or one that broke off: not a word against the other side's certificate.
                pass
            case ssl.SSLCertVerificationError():
                return Broken(Stage.TLS, reason=cause.verify_message.rstrip("."))
            case ssl.SSLError():
                return Broken(Stage.TLS, reason="it does not speak TLS properly")
            case socket.gaierror():
                return Broken(Stage.CONNECTING, reason="its host name does not resolve")
            case ConnectionRefusedError():
                return Broken(Stage.CONNECTING, reason="it refuses connections")
            case _:
                pass
    return Broken(Stage.CONNECTING, reason="the connection broke off before anything was sent")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it, nearest first; of several failed at once, the first."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        several = cause.exceptions[0] if isinstance(cause, BaseExceptionGroup) else None
        cause = several or cause.__cause__ or cause.__context__
