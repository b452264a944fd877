-- Who has come to the bot and may be written to first, and who has left since. Who only asks is not here.
CREATE TABLE contact (
    channel TEXT NOT NULL,
    user_id TEXT NOT NULL,
    came_at TEXT NOT NULL,
    left_at TEXT,
    PRIMARY KEY (channel, user_id)
);
