-- The texts of choices that are too long for a Telegram button, until the buttons expire. Whose they are is not kept.
CREATE TABLE telegram_button (
    key TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    expires_at TEXT NOT NULL
);

CREATE INDEX telegram_button_by_expiry ON telegram_button (expires_at);
