"""What operators watch, in Prometheus' form; no member and no question is ever a label."""

from prometheus_client import Counter, Gauge, Histogram

_ANSWERS = Counter("cewen_answers_total", "Questions answered or refused, by kind", ["kind", "answered"])
_SECONDS = Histogram(
    "cewen_answer_seconds",
    "Time to an answer",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5),
)
REFUSED = Counter(
    "cewen_refused_total",
    "Updates over a limit, by reason and whether the member was told",
    ["reason", "how"],
)
NOTICES = Gauge("cewen_notices", "Notices that questions are answered from")


def count_answer(kind: str, answered: bool, seconds: float) -> None:
    """Counts one answer."""
    _ANSWERS.labels(kind, str(answered).lower()).inc()
    _SECONDS.observe(seconds)
