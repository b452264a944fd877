-- What a conversation remembers between two questions, until it expires.
CREATE TABLE conversation (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE INDEX conversation_by_expiry ON conversation (expires_at);
