"""Analysis of Git repositories by real linters, on `ai_analysis`: started, progress, findings, and how it ended.

Nothing of a repository is ever run. Files come out of Git at one commit into a folder of their own, linters read them
there as processes with bounds, and what they found is kept by blob, so that the next commit costs only what it changed.
"""
