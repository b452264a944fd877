-- What WeChat and WeCom need to know from one process to the next.

-- An API's access token and until when it is good.
CREATE TABLE access_token (
    account TEXT PRIMARY KEY,
    token TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

-- When a callback was last let in or refused, by channel and fault.
CREATE TABLE callback_seen (
    channel TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (channel, outcome)
);

-- To whom customer-service messages may be sent, until when, and how many more; a row a kind of contact.
CREATE TABLE wechat_window (
    member TEXT NOT NULL,
    kind TEXT NOT NULL,
    closes_at TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    PRIMARY KEY (member, kind)
);

CREATE INDEX wechat_window_by_end ON wechat_window (closes_at);

-- Consents to subscription messages, a row an event; their sum is how many messages may be sent.
CREATE TABLE wechat_consent (
    key TEXT PRIMARY KEY,
    member TEXT NOT NULL,
    template TEXT NOT NULL,
    change INTEGER NOT NULL,
    at TEXT NOT NULL
);

CREATE INDEX wechat_consent_by_member ON wechat_consent (member, template);

-- Mass sendings that the platform has queued, and what it says became of them, which may be told first.
CREATE TABLE wechat_mass (
    client_id TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    queued_at TEXT NOT NULL
);

CREATE TABLE wechat_mass_result (
    job TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    total INTEGER NOT NULL,
    filtered INTEGER NOT NULL,
    sent INTEGER NOT NULL,
    failed INTEGER NOT NULL
);

-- The menu that the platform was last given, as a digest.
CREATE TABLE wechat_menu (
    account TEXT PRIMARY KEY,
    digest TEXT NOT NULL,
    pushed_at TEXT NOT NULL
);
