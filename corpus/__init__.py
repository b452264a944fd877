"""Notices: from a file to a document tree and its passages. Knows files and formats, not ranking or members."""
