"""One finder a kind of question: (question, ranked passages) → candidates, each with its value and its source."""
