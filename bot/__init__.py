"""The bot: answering, conversations, channels, storage. `bot.app` wires it all, once."""
