-- Keys that the program made for itself, one a purpose, so that what it has signed outlives a restart.
CREATE TABLE signing_key (
    purpose TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    made_at TEXT NOT NULL
);
