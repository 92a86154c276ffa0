"""The options of code analysis."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from hub.option_types import Count, Endpoint, Folder, Secret, Section

Linter = Literal["ruff", "bandit", "radon", "shellcheck", "yamllint", "syntax"]
_ALL: tuple[Linter, ...] = ("ruff", "bandit", "radon", "shellcheck", "yamllint", "syntax")


class LanguageModelOptions(Section):
    """The language model that sums up findings. It is told names of files, rules and messages, and no code."""

    base_url: Endpoint = Field("", description="OpenAI-compatible endpoint, up to and with /v1; empty: no summaries")
    model: str = Field("", description="name of the model, as the endpoint knows it")
    api_key: Secret = Field(SecretStr(""), description="better given by TOCSIN_ANALYSIS__LLM__API_KEY or api_key_file")
    api_key_file: str = Field("", description="file that holds the key")
    timeout: float = Field(60.0, gt=0, le=600, description="seconds for one summary, all attempts together")
    max_tokens: int = Field(400, ge=1, le=100_000, description="tokens of one summary")
    stream: bool = Field(False, description="have the answer as it is written, for endpoints that know nothing else")
    retries: int = Field(1, ge=0, le=5, description="further attempts after a 429, a 5xx or a lost connection")


class AnalysisOptions(Section):
    """Analysis of Git repositories by linters, on `ai_analysis`."""

    enabled: bool = Field(False, description="take analyses over HTTP and from webhooks")
    roots: tuple[Folder, ...] = Field(
        (),
        description="folders under which repositories may be analysed, symbolic links followed",
        examples=[["/srv/git"]],
    )
    repositories: dict[str, Folder] = Field(
        {},
        description="repositories on this machine by the names that webhooks of a forge give them: a push is analysed",
        examples=[{"group/name": "/srv/git/name.git"}],
    )
    fetch: bool = Field(
        False,
        description="get a pushed commit from `origin` when it isn't there, as the repository's own Git configuration "
        "says",
    )
    linters: tuple[Linter, ...] = Field(
        _ALL, description="which linters run; those that are not installed are reported as skipped"
    )
    own_configuration: bool = Field(
        False, description="let a repository configure Ruff, Bandit, yamllint and ShellCheck for itself"
    )
    concurrency: int = Field(1, ge=1, le=64, description="analyses at once in each process, of different repositories")
    queue: int = Field(50, ge=1, description="analyses that may wait in each process; more are refused")
    kept_jobs: int = Field(20, ge=1, le=1000, description="analyses that are over and can still be asked for")
    timeout: float = Field(900.0, gt=0, description="seconds that one analysis may take")
    linter_timeout: float = Field(120.0, gt=0, description="seconds that a linter may take for one batch of files")
    git_timeout: float = Field(120.0, gt=0, description="seconds that one Git command may take")
    memory_bytes: Count = Field(
        2 << 30, description="memory of one process of a linter or of Git, in bytes, on Linux; 0 is no limit"
    )
    output_bytes: int = Field(32 << 20, ge=4096, description="bytes that one process may print")
    max_files: int = Field(20_000, ge=1, description="files of one analysis; further ones are counted as skipped")
    max_file_bytes: int = Field(1 << 20, ge=1, description="longest file that is looked at, in bytes")
    batch_files: int = Field(100, ge=1, le=1000, description="files that a linter's process gets at once")
    published_findings: Count = Field(
        60,
        description="findings of one analysis that are published one by one, the others are counted; by default the "
        "channel keeps 100 publications",
    )
    kept_findings: int = Field(2_000, ge=1, description="findings of one analysis that can be asked for")
    findings_per_file: int = Field(500, ge=1, description="findings of one linter in one file")
    progress_interval: float = Field(0.5, ge=0.05, description="seconds between two analysis_progress at least")
    folder: str = Field(
        "",
        description="folder of the results that are kept for the next analysis; empty: $XDG_STATE_HOME/tocsin/analysis",
    )
    kept_results: int = Field(200_000, ge=100, description="results (of one linter for one file) that are kept")
    kept_results_bytes: int = Field(256 << 20, ge=4096, description="bytes of them")
    llm: LanguageModelOptions = Field(LanguageModelOptions(), description="language model that sums up findings")

    def complaints(self) -> list[str]:
        """Check options against each other; return what is wrong."""
        found = []
        if self.enabled and not (self.roots or self.repositories):
            found.append("analysis.enabled: needs analysis.roots or analysis.repositories: nothing may be analysed")
        if bool(self.llm.base_url) != bool(self.llm.model):
            found.append("analysis.llm.base_url: needs analysis.llm.model, and the other way round")
        return found
