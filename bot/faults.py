"""Tracebacks for the log that quote no member: where and of what type; a message may repeat a question."""

import traceback


def quiet_traceback(error: BaseException) -> str:
    """The stack and type of the error and of those behind it, the first cause first."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = "".join(traceback.format_tb(current.__traceback__))
        parts.append(f"{frames}{type(current).__module__}.{type(current).__qualname__}")
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\n".join(reversed(parts))
