"""Readers: the bytes of a document become text with exact places of pages, headings and tables.

A file is what its bytes say (`formats`), never what its name says. Whatever is wrong with it is a `StageFailed` with a
reason. All work and memory is bounded by `limits.Limits`; nothing is fetched, run or written.
"""
