-- The inbox keeps each update until its reply has reached the member, and the reply for a day; and which processes
-- are alive, so that another takes over what a dead one left. What 0003 kept, the replies of a day, is dropped.
DROP TABLE inbox;

CREATE TABLE process (
    id TEXT PRIMARY KEY,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    alive_until TEXT NOT NULL
);

-- open: the update, while it is not answered or its reply has not arrived. Who asked what is in no other column.
CREATE TABLE inbox (
    channel TEXT NOT NULL,
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    received_at TEXT NOT NULL,
    tries INTEGER NOT NULL,
    takeovers INTEGER NOT NULL,
    open TEXT,
    reply TEXT,
    PRIMARY KEY (channel, key)
);

CREATE INDEX inbox_by_age ON inbox (received_at);

CREATE INDEX inbox_open ON inbox (owner) WHERE open IS NOT NULL;
