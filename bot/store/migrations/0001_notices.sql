-- The notices of the collection, one row each, and a number that grows with every change to them.
CREATE TABLE notice (
    id TEXT PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    content_hash TEXT NOT NULL,
    doc_number TEXT NOT NULL,
    title TEXT NOT NULL,
    issuer TEXT NOT NULL,
    date TEXT NOT NULL,
    passages INTEGER NOT NULL,
    tree TEXT NOT NULL,
    added_at TEXT NOT NULL
);

CREATE TABLE notice_version (
    version BIGINT NOT NULL
);

INSERT INTO notice_version (version) VALUES (0);
