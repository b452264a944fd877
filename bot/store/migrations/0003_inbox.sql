-- The reply given to each update, so that a redelivery gets the same one. Who asked, and what, is not kept.
CREATE TABLE inbox (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    reply TEXT NOT NULL,
    replied_at TEXT NOT NULL,
    PRIMARY KEY (channel, key)
);

CREATE INDEX inbox_by_age ON inbox (replied_at);
