"""What an observed search may be told to do, with the bounds of what it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

from integrations.vector_search.query_text import QueryText


@dataclass(frozen=True, slots=True)
class RecallOptions:
    """How recall is measured.

    Attributes:
        share: of the searches that use an index, how many are measured (0 to 1); 0 turns it off.
        min_samples: samples below which there is no estimate.
        window: newest samples that an estimate is made of.
        queue: searches that may wait to be measured; more are not measured, and counted.
        timeout: seconds that one measurement may take.
        kinds: kinds of searches (collection, ef_search, size, filter) of which samples are kept; the one that was
            measured longest ago makes place.
    """

    share: float = 0.02
    min_samples: int = 30
    window: int = 500
    queue: int = 16
    timeout: float = 30.0
    kinds: int = 200

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"expected a share from 0 to 1, got {self.share}")
        if not 1 <= self.min_samples <= self.window:
            raise ValueError(f"expected min_samples from 1 to window ({self.window}), got {self.min_samples}")
        if min(self.queue, self.kinds) < 1 or self.timeout <= 0:
            raise ValueError("expected queue, kinds and timeout above 0")


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """How searches are observed.

    Attributes:
        query: what goes out of a query's text.
        progress: publish `search_progress`, too.
        latency_window: newest searches of a collection that its quantiles are of.
        collections: collections that have numbers of their own; all further ones share theirs. 0: none has.
        count_interval: seconds between two counts of the vectors in the collections that are searched; 0: never.
    """

    recall: RecallOptions = field(default_factory=RecallOptions)
    query: QueryText = field(default_factory=QueryText)
    progress: bool = True
    latency_window: int = 1_000
    collections: int = 100
    count_interval: float = 60.0

    def __post_init__(self) -> None:
        if self.latency_window < 1 or min(self.collections, self.count_interval) < 0:
            raise ValueError("expected latency_window above 0, and collections and count_interval not below")
