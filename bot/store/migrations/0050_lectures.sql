-- Lectures, who takes part, and who was there. Moments are ISO text in UTC.
CREATE TABLE series (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    required INTEGER NOT NULL
);

-- number: what people say and type. last_place: the place that was given last; touching it queues writers up.
CREATE TABLE lecture (
    id TEXT PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    title TEXT NOT NULL,
    speaker TEXT NOT NULL,
    place TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    opens_at TEXT NOT NULL,
    late_after TEXT NOT NULL,
    closes_at TEXT NOT NULL,
    check_out INTEGER NOT NULL,
    capacity INTEGER,
    admits TEXT NOT NULL,
    paper INTEGER NOT NULL,
    rotation INTEGER NOT NULL,
    hours TEXT NOT NULL,
    series_id TEXT,
    notice_id TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    radius INTEGER,
    keep_days INTEGER NOT NULL,
    state TEXT NOT NULL,
    last_place INTEGER NOT NULL
);

CREATE INDEX lecture_by_start ON lecture (starts_at);

-- A person at one lecture: registered, waiting, cancelled. member_id is NULL until somebody on a channel is known
-- to be that line of the roster; of a telephone only the last four digits are kept.
CREATE TABLE participant (
    id TEXT PRIMARY KEY,
    lecture_id TEXT NOT NULL,
    member_id TEXT,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    number TEXT NOT NULL,
    phone_end TEXT NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    since TEXT NOT NULL,
    UNIQUE (lecture_id, member_id)
);

CREATE INDEX participant_by_state ON participant (lecture_id, state);

CREATE INDEX participant_by_name ON participant (lecture_id, name);

CREATE INDEX participant_by_member ON participant (member_id);

-- code_at: when the code that was used came onto the screen. device: a digest, known only on the web.
CREATE TABLE check_in (
    participant_id TEXT PRIMARY KEY,
    lecture_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    at TEXT NOT NULL,
    is_late INTEGER NOT NULL,
    means TEXT NOT NULL,
    code_at TEXT,
    device TEXT NOT NULL,
    left_at TEXT
);

CREATE INDEX check_in_by_place ON check_in (lecture_id, place);

-- What staff did by hand, with the reason; an undone check-in leaves the code it had used.
CREATE TABLE attendance_trace (
    id TEXT PRIMARY KEY,
    lecture_id TEXT NOT NULL,
    participant_id TEXT,
    action TEXT NOT NULL,
    at TEXT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    code_at TEXT
);

CREATE INDEX attendance_trace_by_lecture ON attendance_trace (lecture_id, at);

CREATE TABLE roll_call (
    id TEXT PRIMARY KEY,
    lecture_id TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT
);

CREATE INDEX roll_call_by_lecture ON roll_call (lecture_id, opened_at);

CREATE TABLE roll_call_answer (
    roll_call_id TEXT NOT NULL,
    participant_id TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (roll_call_id, participant_id)
);
