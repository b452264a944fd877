"""Questions and answers as values: what was understood, what was found, what is said."""

from dataclasses import dataclass
from enum import StrEnum

from bot.library import Found, HeldNotice


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


class Via(StrEnum):
    """How a candidate was found."""

    SPAN = "span"
    CELL = "cell"
    LABEL = "label"
    SENTENCE = "sentence"
    ITEMS = "items"
    SECTION = "section"
    NAMED_SET = "named_set"
    ROWS = "rows"
    COUNT = "count"
    CONTACT = "contact"
    HEAD = "head"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Word:
    """A content word of a question: `forms` are what counts as finding it (itself first, then its synonyms)."""

    text: str
    weight: float
    forms: tuple[str, ...]
    name: bool = False
    """Whether it names somebody or some place: then an answer that lacks it answers another question."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing asked for: its kind, the words that told it, and what more the kind needs (a unit, a sort of contact)."""

    kind: Kind
    cue: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question understood. `text` is normalised and corrected, `cue` the words that told its kind."""

    text: str
    kind: Kind
    words: tuple[Word, ...]
    cue: str = ""
    detail: str = ""
    """What more the kind needs: the unit of a quantity, the sort of contact, the number of things in a list."""
    more: tuple[Ask, ...] = ()
    """What else the same question asks for: 评几个人，一人多少奖金."""
    names: tuple[str, ...] = ()
    """Departments and organisations of the notices that the question names, in full."""
    places: tuple[str, ...] = ()
    years: tuple[str, ...] = ()
    doc_numbers: tuple[str, ...] = ()
    ordinal: str = ""
    """第11项, 第三条: the place in a notice that the question names."""
    editions: tuple[tuple[str, ...], ...] = ()
    """第15期, 第八届, 7层, each in its spellings: an answer about another one answers another question."""
    focus: Word | None = None
    """The word nearest to the question word: what of the subject is asked for (书记 in 社区书记是谁)."""
    notice_id: str = ""
    """The notice that the conversation is about, when the question leans on it."""
    leaning: str = ""
    """The notice of the answer before, where the question may mean it or another one."""

    @property
    def asks(self) -> tuple[Ask, ...]:
        """All that is asked for, the main thing first."""
        return Ask(self.kind, self.cue, self.detail), *self.more


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
    """A possible answer and where it stands.

    `number` is that of its passage in the notice (None: the notice as such), `fit` how surely the value is of the kind
    asked for (0 to 1, by its finder's rules), `rank` its passage's share of the best score, `clause` the words
    beside the value that say what it is the value of.
    """

    value: str
    held: HeldNotice
    number: int | None
    locator: str
    quote: str
    via: Via
    fit: float = 1.0
    rank: float = 1.0
    clause: str = ""


def in_passage(hit: Found, value: str, via: Via, fit: float, rank: float, clause: str) -> Candidate:
    """A candidate that stands in a ranked passage."""
    passage = hit.passage
    return Candidate(value, hit.held, hit.number, passage.locator, passage.text, via, fit, rank, clause)


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
