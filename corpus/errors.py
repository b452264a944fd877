"""The tree of errors that a person may see.

CewenError
├── NoticeUnreadable   a file that no notice can be read from
│   └── NoticeTooLarge one that takes more memory than it may
└── …                  bot/ adds its own below CewenError

The text of each is one Chinese sentence: what is wrong, where, and what to do about it.
"""


class CewenError(Exception):
    """Something could not be done; `str(error)` is the sentence that a person sees."""


class NoticeUnreadable(CewenError):
    """A file from which no notice can be read: empty, binary, encrypted, damaged, too large, or of an unknown format."""


class NoticeTooLarge(NoticeUnreadable):
    """A file that takes more memory to read than it may; the process that tried has little left."""
