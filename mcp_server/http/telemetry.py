"""Metrics and traces with OpenTelemetry: counts, durations and outcomes, never people or conversations.

The instruments cost nothing until something collects them. The SDK's span of each request is the parent of ours.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Collection, Sequence

import anyio
from opentelemetry import metrics, trace
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mcp_server import __version__
from mcp_server.conversation.models import ANY_CACHED, CachePolicy, Page, Target
from mcp_server.errors import UpstreamError
from mcp_server.fetching import PageSource
from mcp_server.http.host_validation import METRICS

KINDS = ("prometheus", "otlp")
_NAME = "conversation-mcp"
LAST_EXPORT_S = 2.0
_TICK_S = 0.01
_DURATIONS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 45)


class Instruments:
    """Counts calls and fetched pages by outcome, with their credits and durations."""

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """`loop` is the event loop whose tasks are counted: a leak shows there."""
        meter = metrics.get_meter(_NAME, __version__)
        self._calls = meter.create_histogram(
            "conversation.call.duration", "s", explicit_bucket_boundaries_advisory=_DURATIONS_S
        )
        self._credits = meter.create_counter("conversation.credits", "{credit}")
        self._pages = meter.create_histogram(
            "conversation.page.duration", "s", explicit_bucket_boundaries_advisory=_DURATIONS_S
        )

        if loop is not None:
            meter.create_observable_gauge(
                "conversation.tasks", [lambda _: [metrics.Observation(len(asyncio.all_tasks(loop)))]], "{task}"
            )

    def note_call(self, outcome: str, *, credits: int, duration_s: float) -> None:
        """Record a call. `outcome` is ok, cancelled, or an error's code."""
        self._calls.record(duration_s, {"outcome": outcome})
        self._credits.add(credits)

    def note_unclaimed(self, credits: int) -> None:
        """Count what a request cost whose call had been cancelled."""
        self._credits.add(credits)

    def note_page(self, outcome: str, *, duration_s: float) -> None:
        self._pages.record(duration_s, {"outcome": outcome})


class ObservedPages:
    """A `PageSource` whose requests are counted, timed and traced."""

    def __init__(
        self, source: PageSource, instruments: Instruments, *, clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._source = source
        self._instruments = instruments
        self._clock_s = clock_s
        self._tracer = trace.get_tracer(_NAME, __version__)

    async def page(
        self, target: Target, *, cursor: str | None, count: int, deadline: float, policy: CachePolicy = ANY_CACHED
    ) -> Page:
        """One page; see `PageSource.page`. Raises UpstreamError and NotCached."""
        if policy.cached_only:  # nothing is sent, so there is nothing to measure
            return await self._source.page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
        began_s, outcome = self._clock_s(), "cancelled"
        # Exceptions stay out of the span: their text may quote the answer.
        with self._tracer.start_as_current_span(
            "conversation.page", kind=trace.SpanKind.CLIENT, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                page = await self._source.page(target, cursor=cursor, count=count, deadline=deadline, policy=policy)
                outcome = "ok"
                span.set_attributes({"conversation.messages": len(page.messages), "conversation.credits": page.credits})
                return page
            except UpstreamError as error:
                outcome = error.code
                span.set_status(trace.StatusCode.ERROR, error.code)
                raise
            finally:
                self._instruments.note_page(outcome, duration_s=self._clock_s() - began_s)


class Telemetry:
    """What collects in this process. `routes` expose the metrics."""

    def __init__(self, routes: Sequence[BaseRoute] = (), stops: Sequence[Callable[[], object]] = ()) -> None:
        self.routes = routes
        self._stops = stops

    async def stop(self) -> None:
        """Send what was collected, for at most `LAST_EXPORT_S`: an endpoint that never answers delays no stop."""
        # Threads of the event loop's pool would be waited for when the process ends; these are left.
        threads = [threading.Thread(target=stop, daemon=True) for stop in self._stops]
        for thread in threads:
            thread.start()
        with anyio.move_on_after(LAST_EXPORT_S):
            while any(thread.is_alive() for thread in threads):  # noqa: ASYNC110 - the end of a thread sets no event
                await anyio.sleep(_TICK_S)


def start_telemetry(kinds: Collection[str]) -> Telemetry:
    """Start collecting in this process. Needs the extra `otel`.

    `prometheus` exposes the metrics at `/metrics`; `otlp` sends them, and traces, to OTEL_EXPORTER_OTLP_ENDPOINT.
    """
    if not kinds:
        return Telemetry()
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import MetricReader
    from opentelemetry.sdk.resources import Resource

    resource = Resource.create({"service.name": _NAME, "service.version": __version__})
    readers: list[MetricReader] = []
    routes: list[BaseRoute] = []
    stops: list[Callable[[], object]] = []
    if "otlp" in kinds:
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        readers.append(PeriodicExportingMetricReader(OTLPMetricExporter()))
        tracing = TracerProvider(resource=resource, shutdown_on_exit=False)
        tracing.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        trace.set_tracer_provider(tracing)
        stops.append(tracing.shutdown)
    if "prometheus" in kinds:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader

        readers.append(PrometheusMetricReader())
        routes.append(Route(METRICS, _metrics))
    metering = MeterProvider(readers, resource=resource, shutdown_on_exit=False)
    metrics.set_meter_provider(metering)
    return Telemetry(routes, (*stops, metering.shutdown))


async def _metrics(_: Request) -> Response:
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
