"""Training over HTTP: start it, see how far it is, cancel it, and ask what was trained. For operators."""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from channels.errors import ErrorCode, ReplyError
from hub.adapters.rag_trainer import Absent, RagTrainer
from hub.http.api.answers import whole_or_not
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.intake import JSON, read_body
from hub.http.api.lookup import found
from hub.http.api.training.bodies import (
    AcceptedTraining,
    FilesQuery,
    LibraryAnswer,
    PassageFound,
    QueryBody,
    TrainBody,
    TrainingList,
    TrainingState,
    accepted,
    state_of,
)
from hub.http.api.training.uploads import FOLDER, receive
from integrations.rag_trainer.answers import Question
from integrations.rag_trainer.asking import NoAnswer
from integrations.rag_trainer.jobs.queue import Busy, Wish
from integrations.rag_trainer.places import Outside

_OFF: Final = "the RAG trainer is off; set rag_trainer.enabled: true"
_FORM: Final = "multipart/form-data"


async def start_training(hub: Hub, call: Call[None, None]) -> AcceptedTraining:
    """Take a training: of the documents' folder without a body, of a folder or files named in JSON, or of files that
    are uploaded (`multipart/form-data`). Its updates come on the channel of the trainer; it goes on when the caller
    goes away, and after a restart of the hub. Trainings run one at a time; others wait."""
    trainer, request = _trainer(hub), call.request
    try:
        trainer.require()
        if request.content_type == _FORM and request.body_exists:
            return accepted(await _uploaded(trainer, request))
        body = TrainBody()
        if request.body_exists:
            _check_type(request)
            body = await read_body(request, TrainBody, hub.settings.limits.message_bytes)
        most = trainer.options.max_files
        if len(body.files or ()) > most:
            raise ReplyError(ErrorCode.DATA_TOO_LARGE, f"files: {most} at most (rag_trainer.max_files)", limit=most)
        return accepted(await trainer.submit(body.folder or "", body.files))
    except Outside as error:
        raise ReplyError(ErrorCode.PERMISSION_DENIED, str(error)) from None
    except (Absent, Busy) as error:
        raise ReplyError(ErrorCode.UNAVAILABLE, str(error)) from None
    except OSError as error:
        raise ReplyError(ErrorCode.UNAVAILABLE, f"the job can't be written down: {error.strerror or error}") from None


def _check_type(request: web.Request) -> None:
    if request.content_type != JSON:
        got = request.content_type[:100]
        raise ReplyError(
            ErrorCode.UNSUPPORTED_DATA, f"expected no body, or Content-Type: {JSON} or {_FORM} (files), got {got}"
        )


async def _uploaded(trainer: RagTrainer, request: web.Request) -> dict[str, Any]:
    if trainer.uploading >= trainer.options.uploads:
        raise Busy(f"{trainer.uploading} uploads are under way, which is the limit (rag_trainer.uploads)")
    id = trainer.new_id()
    base = trainer.store.uploads / id
    trainer.uploading += 1
    try:
        await receive(request, base, trainer.options)
    finally:
        trainer.uploading -= 1
    try:
        return await trainer.hand_over(Wish(id, FOLDER, str(base), upload=True))
    except BaseException:
        trainer.store.drop_upload(id)
        raise


async def list_trainings(hub: Hub, _call: Call[None, None]) -> TrainingList:
    """List trainings that wait, run, or are over, the newest first."""
    jobs, answers = await _trainer(hub).desk.all()
    return TrainingList(trainings=[state_of(job) for job in jobs], **whole_or_not(answers))


async def get_training(hub: Hub, call: Call[None, FilesQuery]) -> TrainingState:
    """Tell how far a training is, and each of its documents."""
    id = call.named("training")
    state, answers = await _trainer(hub).desk.get(id, call.query.offset, call.query.limit)
    return state_of(found(state, "training", id, answers))


async def cancel_training(hub: Hub, call: Call[None, None]) -> TrainingState:
    """Cancel a training. One that runs ends after the stage it is in (`cancelling`); one that is over is a conflict."""
    id, desk = call.named("training"), _trainer(hub).desk
    ended, answers = await desk.cancel(id)
    if found(ended, "training", id, answers) is False:
        raise ReplyError(ErrorCode.CONFLICT, "the training is over already")
    state, answers = await desk.get(id, 0, 0)
    return state_of(found(state, "training", id, answers))


async def ask_library(hub: Hub, call: Call[QueryBody, None]) -> LibraryAnswer:
    """Find the passages that answer a question best, in all that was trained."""
    try:
        answer = await _trainer(hub).ask(Question(**call.body.model_dump()))
    except (Absent, NoAnswer) as error:
        raise ReplyError(ErrorCode.UNAVAILABLE, str(error)) from None
    fields = answer.model_dump(mode="json")
    passages = [PassageFound(**passage) for passage in fields.pop("passages")]
    return LibraryAnswer(**fields, passages=passages)


def _trainer(hub: Hub) -> RagTrainer:
    if hub.adapters.rag_trainer is None:
        raise ReplyError(ErrorCode.NOT_FOUND, _OFF)
    return hub.adapters.rag_trainer


_GOVERN: Final = (ErrorCode.NOT_FOUND, ErrorCode.UNAVAILABLE)
_BODY: Final = (
    ErrorCode.INVALID_JSON,
    ErrorCode.INVALID_COMMAND,
    ErrorCode.DATA_TOO_LARGE,
    ErrorCode.UNSUPPORTED_DATA,
)
_TAG: Final = "training"

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/train",
        "Train documents",
        start_training,
        Who.OPERATOR,
        _TAG,
        answer=AcceptedTraining,
        body=TrainBody,
        body_optional=True,
        own_body=True,
        errors=(*_BODY, *_GOVERN),
        status=202,
    ),
    Endpoint(
        "GET", "/train", "List trainings", list_trainings, Who.OPERATOR, _TAG, answer=TrainingList, errors=_GOVERN
    ),
    Endpoint(
        "GET",
        "/train/{training}",
        "Tell how far a training is",
        get_training,
        Who.OPERATOR,
        _TAG,
        answer=TrainingState,
        query=FilesQuery,
        errors=_GOVERN,
    ),
    Endpoint(
        "DELETE",
        "/train/{training}",
        "Cancel a training",
        cancel_training,
        Who.OPERATOR,
        _TAG,
        answer=TrainingState,
        errors=(*_GOVERN, ErrorCode.CONFLICT),
    ),
    Endpoint(
        "POST",
        "/query",
        "Ask what was trained",
        ask_library,
        Who.OPERATOR,
        _TAG,
        answer=LibraryAnswer,
        body=QueryBody,
        errors=_GOVERN,
    ),
)
