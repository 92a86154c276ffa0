"""The numbers of the RAG trainer for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from integrations.rag_trainer.asking import Asking
from integrations.rag_trainer.jobs.queue import Trainings


def measure(trainings: Trainings, asking: Asking) -> Iterator[Metric]:
    """Measure jobs and questions of this process."""
    numbers = trainings.numbers
    running, queued = trainings.counts()
    yield GaugeMetricFamily("tocsin_training_running", "Trainings that run.", value=running)
    yield GaugeMetricFamily("tocsin_training_queued", "Trainings that wait.", value=queued)
    yield _by("jobs", "Trainings that are over.", "state", numbers.jobs)
    yield _by("files", "Documents of trainings that are over.", "outcome", numbers.files)
    yield CounterMetricFamily("tocsin_training_chunks", "Chunks of trained documents.", value=numbers.chunks)
    stages = CounterMetricFamily("tocsin_training_stages", "Stages that ended.", labels=["stage", "status"])
    for (stage, status), number in sorted(numbers.stages.items()):
        stages.add_metric([stage, status], number)
    yield stages
    yield _by("stage_seconds", "Seconds that stages took.", "stage", numbers.stage_seconds)
    restarts = {"train": numbers.restarts, "answer": asking.restarts}
    yield _by("worker_restarts", "Worker processes started again after one died.", "task", restarts)
    yield _by("queries", "Questions to the library.", "outcome", asking.outcomes)
    yield CounterMetricFamily(
        "tocsin_training_query_seconds", "Seconds that answered questions took.", value=asking.seconds
    )


def _by(name: str, text: str, label: str, numbers: dict[str, int] | dict[str, float]) -> Metric:
    family = CounterMetricFamily(f"tocsin_training_{name}", text, labels=[label])
    for word, number in sorted(numbers.items()):
        family.add_metric([word], number)
    return family
