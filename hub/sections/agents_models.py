"""The options of language models: the endpoints that agents may ask."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from hub.option_types import Endpoint, Seconds, Secret, Section

OFFLINE = "offline"
"""The provider that is built in."""


def _free(name: str) -> str:
    if name == OFFLINE:
        raise ValueError(f"expected another name than {OFFLINE}, which is built in")
    return name


ProviderName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$"), AfterValidator(_free)]
ModelName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^\S(.*\S)?$")]


class ProviderSection(Section):
    """An endpoint that speaks OpenAI's API (chat completions): a service's, or a server of one's own."""

    base_url: Endpoint = Field(
        "", description="of the endpoint, up to and with /v1", examples=["http://127.0.0.1:8081/v1"]
    )
    models: tuple[ModelName, ...] = Field(
        (),
        description="its models, as it names them; agents name one as PROVIDER/MODEL",
        examples=[["smollm2", "qwen3"]],
    )
    api_key: Secret = Field(
        SecretStr(""), description="empty: none is sent; better given in api_key_file, or by the environment"
    )
    api_key_file: str = Field("", description="file that holds the key")
    connect_timeout: float = Field(10.0, gt=0, description="seconds for a connection, TLS included")
    first_token_timeout: float = Field(
        60.0, gt=0, description="seconds from the request to the first piece of an answer; models that reason need more"
    )
    next_token_timeout: float = Field(30.0, gt=0, description="seconds between two pieces")
    retries: int = Field(2, ge=0, le=20, description="how often a model is asked again when it may help")
    backoff: Seconds = Field(0.5, description="seconds before the first retry; each further one waits twice as long")
    backoff_max: Seconds = Field(8.0, description="seconds that a pause grows to")
    retry_after_max: Seconds = Field(30.0, description="seconds of the endpoint's Retry-After that are waited at most")
    concurrency: int = Field(8, ge=1, description="answers at the same time, in each process")
    waiting: int = Field(1_000, ge=0, description="answers that may wait for that; one more fails")
    max_answer_chars: int = Field(400_000, ge=1, description="characters of one answer; what comes after isn't read")
