"""What the server did, for Prometheus: requests by their routes, and the engine's load."""

from collections.abc import Iterator
from dataclasses import asdict
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tts.serving.engine import Engine

BUCKET_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 60, 120)
ENDS = ("finished", "cancelled", "failed", "invalid", "refused")
LEFT = 499  # whoever asked went away before there was an answer


class EngineCollector(Collector):
    """The engine's load, read when it is asked for."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        load = asdict(self._engine.stats)
        yield GaugeMetricFamily("tts_running", "Replies at work.", load["running"])
        yield GaugeMetricFamily("tts_waiting", "Replies in line.", load["waiting"])
        ends = CounterMetricFamily("tts_replies", "Replies by their end.", labels=["end"])
        for end in ENDS:
            ends.add_metric([end], load[end])
        yield ends
        for name, description in (
            ("tasks", "Stretches of sound that were made."),
            ("batches", "Batches they were made in: tasks for each is the usual size."),
            ("spoken_seconds", "Seconds of sound that were made."),
            ("busy_seconds", "Seconds the workers took for it, all together."),
        ):
            yield CounterMetricFamily(f"tts_{name}", description, load[name])


class RequestMetrics:
    """Counts and times of requests, in a registry of its own."""

    def __init__(self, engine: Engine) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(EngineCollector(engine))
        registry, of = self.registry, ("route",)
        self.requests = Counter(
            "tts_requests", "Requests answered.", ("route", "status"), registry=registry
        )
        self.first = Histogram(
            "tts_first_byte_seconds",
            "To the first of a body.",
            of,
            registry=registry,
            buckets=BUCKET_SECONDS,
        )
        self.whole = Histogram(
            "tts_request_seconds",
            "To the last of it.",
            of,
            registry=registry,
            buckets=BUCKET_SECONDS,
        )


class MetricsMiddleware:
    """Counts and times whatever goes by."""

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
