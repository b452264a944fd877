"""The commands of `cewen` by which staff look after the answers; bot/cli.py joins them to the others."""
