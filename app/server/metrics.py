"""Metrics for Prometheus: requests by route, and the load of the engine."""

from collections.abc import Iterator
from dataclasses import asdict
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts.serving.engine import Engine

# Upper bounds of histogram buckets, chosen by hand from 10 ms up to the default timeout
BUCKET_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 60, 120)
ENDS = ("finished", "cancelled", "failed", "invalid", "refused")
LEFT = 499  # nginx's status for a client that disconnected before the response


class EngineCollector(Collector):
    """The load of the engine, read at each scrape."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        load = asdict(self._engine.stats)
        yield GaugeMetricFamily("tts_running", "Requests being synthesised.", load["running"])
        yield GaugeMetricFamily("tts_waiting", "Requests waiting for a place.", load["waiting"])
        ends = CounterMetricFamily("tts_replies", "Requests by how they ended.", labels=["end"])
        for end in ENDS:
            ends.add_metric([end], load[end])
        yield ends
        for name, description in (
            ("tasks", "Chunks of audio synthesised."),
            ("batches", "Batches of such chunks: tasks / batches is the mean batch size."),
            ("spoken_seconds", "Seconds of audio synthesised."),
            ("busy_seconds", "Seconds of synthesis, summed over the workers."),
        ):
            yield CounterMetricFamily(f"tts_{name}", description, load[name])


class RequestMetrics:
    """Counters and histograms of requests, in their own registry."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(EngineCollector(engine))
        registry, of = self.registry, ("route",)
        self.requests = Counter(
            "tts_requests", "Requests answered.", ("route", "status"), registry=registry
        )
        self.first = Histogram(
            "tts_first_byte_seconds",
            "Seconds to the first byte of the body.",
            of,
            registry=registry,
            buckets=BUCKET_SECONDS,
        )
        self.whole = Histogram(
            "tts_request_seconds",
            "Seconds to the end of the response.",
            of,
            registry=registry,
            buckets=BUCKET_SECONDS,
        )


class MetricsMiddleware:
    """Counts and times every request."""

    def __init__(self, app: ASGIApp, metrics: RequestMetrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun, status, first = perf_counter(), LEFT, 0.0

        async def watched(message: Message) -> None:
            nonlocal status, first
            status = message.get("status", status)
            if message.get("body") and not first:
                first = perf_counter() - begun
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            status = 500 if status == LEFT else status
            raise
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._metrics.requests.labels(route, status).inc()
            self._metrics.whole.labels(route).observe(perf_counter() - begun)
            if first:
                self._metrics.first.labels(route).observe(first)
