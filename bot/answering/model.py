"""Questions and answers as values: what was understood, what was found, what is said."""

from dataclasses import dataclass
from enum import StrEnum

from bot.library import HeldNotice


class Kind(StrEnum):
    """What a question asks for."""

    DEPARTMENT = "department"
    REVERSE = "reverse"
    CONTACT = "contact"
    ISSUED = "date"
    DEADLINE = "deadline"
    TIME = "time"
    PLACE = "place"
    NUMBER = "number"
    ISSUER = "issuer"
    RECIPIENTS = "recipients"
    QUANTITY = "quantity"
    FREQUENCY = "frequency"
    COUNT = "count"
    WHO = "who"
    MATERIALS = "materials"
    ELIGIBILITY = "eligibility"
    STEPS = "steps"
    LIST = "list"
    DEFINITION = "definition"
    VALIDITY = "validity"
    COLLECTION = "collection"
    COMPARISON = "comparison"
    SEVERAL = "several"
    CHOICE = "choice"
    YES_NO = "yes_no"
    CONTENT = "content"
    SMALL_TALK = "small_talk"


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a question: `forms` are what counts as finding it (itself first, then its synonyms)."""

    text: str
    weight: float
    forms: tuple[str, ...]
    name: bool = False
    """Whether it names somebody or some place: then an answer that lacks it answers another question."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question understood. `text` is normalised and corrected, `cue` the words that told its kind."""

    text: str
    kind: Kind
    words: tuple[Word, ...]
    cue: str = ""
    detail: str = ""
    """What more the kind needs: the unit of a quantity, the sort of contact, the number of things in a list."""
    names: tuple[str, ...] = ()
    """Departments and organisations of the notices that the question names, in full."""
    places: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    doc_numbers: tuple[str, ...] = ()
    ordinal: str = ""
    """第11项, 第三条: the place in a notice that the question names."""
    editions: tuple[str, ...] = ()
    """第15期, 第八届: an answer about another one answers another question."""
    notice_id: str = ""
    """The notice that the conversation is about, when the question leans on it."""
    leaning: str = ""
    """The notice of the answer before, where the question may mean it or another one."""


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer stands: the notice, the locator in it, and the words, as they stand there."""

    notice_id: str
    doc_number: str
    title: str
    issuer: str
    date: str
    locator: str
    quote: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A possible answer. `coverage` is the share of the question's content that its source bears (0 to 1),
    `fit` how surely the value is of the kind asked for (0 to 1), `rank` its passage's score over the best one's."""

    value: str
    held: HeldNotice
    locator: str
    quote: str
    coverage: float
    fit: float = 1.0
    rank: float = 1.0

    @property
    def strength(self) -> float:
        return self.coverage * self.fit * (0.6 + 0.4 * self.rank)


@dataclass(frozen=True, slots=True)
class Choice:
    """A follow-up to tap or to choose by its number: what is shown, and the question that it stands for."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot says to one question; `text` is the whole message."""

    answered: bool
    answer: str
    text: str
    kind: str
    confidence: float
    citations: tuple[Citation, ...] = ()
    related: tuple[str, ...] = ()
    source: str = ""
    """The last line of `text`, where the answer stands; "" for a no."""
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What a conversation remembers: the question before, as understood, and the notice it was answered from.

    `choices` are the questions that a number typed now stands for; `page` is the page of a list that comes next.
    """

    question: Question | None = None
    notice_id: str = ""
    choices: tuple[str, ...] = ()
    page: int = 0
