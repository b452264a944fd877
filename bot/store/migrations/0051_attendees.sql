-- What is known of the people who come, and what they are in the middle of.
CREATE TABLE attendee (
    member_id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    number TEXT NOT NULL
);

-- A check-in or registration that waits for a name, a place or a number; one an identity, for half an hour.
CREATE TABLE attendance_attempt (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    lecture_id TEXT NOT NULL,
    purpose INTEGER NOT NULL,
    at TEXT NOT NULL,
    means TEXT NOT NULL,
    code_at TEXT,
    device TEXT NOT NULL,
    is_near INTEGER NOT NULL,
    awaits TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (channel, user_id)
);

-- One-time logins to the web page, by their digests.
CREATE TABLE web_login (
    digest TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE TABLE certificate (
    code TEXT PRIMARY KEY,
    member_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    name TEXT NOT NULL,
    lectures INTEGER NOT NULL,
    hours TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    UNIQUE (member_id, kind, about)
);
