"""Retrieval: tokens, postings, BM25 scores. Knows entries and fields, not notices or members."""
