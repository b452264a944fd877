-- Who may run a lecture, the entries that came from their phones (each once, by its nonce), and what is to be
-- told to participants: due_at decides when, claimed_until who is at it, done_at that it is over.
CREATE TABLE lecture_staff (
    id TEXT PRIMARY KEY,
    lecture_id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
);

CREATE INDEX lecture_staff_by_lecture ON lecture_staff (lecture_id);

CREATE TABLE staff_entry (
    nonce TEXT PRIMARY KEY,
    lecture_id TEXT NOT NULL,
    result TEXT NOT NULL,
    at TEXT NOT NULL
);

CREATE INDEX staff_entry_by_lecture ON staff_entry (lecture_id);

CREATE TABLE lecture_message (
    lecture_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    claimed_until TEXT,
    done_at TEXT,
    outcome TEXT NOT NULL,
    PRIMARY KEY (lecture_id, participant_id, kind, about)
);

CREATE INDEX lecture_message_open ON lecture_message (claimed_until) WHERE done_at IS NULL;
