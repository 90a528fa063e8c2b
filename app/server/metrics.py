"""Metrics for Prometheus: requests by route, and the load of the engine."""

from collections.abc import Iterator
from dataclasses import asdict

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tts.serving.engine import Engine

from .request_record import RequestRecord

# Upper bounds of histogram buckets, chosen by hand from 10 ms up to the default timeout
BUCKET_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 60, 120)
ENDS = ("finished", "cancelled", "failed", "invalid", "refused")


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

    def observe(self, record: RequestRecord) -> None:
        """Count and time a request that was answered."""
        route = record.route or "other"
        self.requests.labels(route, record.status).inc()
        self.whole.labels(route).observe(record.seconds)
        if record.first_byte is not None:
            self.first.labels(route).observe(record.first_byte)
