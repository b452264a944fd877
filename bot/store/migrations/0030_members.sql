-- Who is who: a person's identities on channels, one set of preferences, and the codes that link identities.
-- Somebody who only asks questions is in none of these tables.
CREATE TABLE identity (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    member_id TEXT NOT NULL,
    since TEXT NOT NULL,
    PRIMARY KEY (channel, user_id)
);

CREATE INDEX identity_by_member ON identity (member_id);

CREATE TABLE preference (
    member_id TEXT PRIMARY KEY,
    language TEXT NOT NULL
);

-- One code an identity; only its digest is kept, and only until it is used or has expired.
CREATE TABLE link_code (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    expires_at TEXT NOT NULL,
    PRIMARY KEY (channel, user_id)
);
