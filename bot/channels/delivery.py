"""What became of a message: values, not exceptions, so that whoever sends matches each of them.

A platform's error codes are turned into these in one place a channel. `reason` is a sentence for the operator:
what the platform said and, where somebody can mend it, how; never who the member is.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """The platform has it. `message` is its id there, "" if it gives none."""

    message: str = ""


@dataclass(frozen=True, slots=True)
class RetryAt:
    """It was not sent, and may be from this moment (aware, UTC) on: too fast, platform busy, network down."""

    moment: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unclear:
    """The request went out and no answer came: the member may or may not have it."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The member has left, blocked the bot, or never existed: write no more until they come back."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class WindowClosed:
    """The member has to write, tap or scan before they can be written to again."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoQuota:
    """The allowance is used up: this member's, or the account's until `until` (aware, UTC; None: not known)."""

    until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NoConsent:
    """The member has not agreed, or no longer agrees, to messages of this kind."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """The account may not do this: a right, an address list or a key that the operator has to mend."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The platform takes no message like this one: the same again won't do better."""

    reason: str = ""


Delivery = Delivered | RetryAt | Unclear | Gone | WindowClosed | NoQuota | NoConsent | NotAllowed | Rejected
