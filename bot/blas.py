"""Which kernels the linear algebra of numpy and SciPy takes.

OpenBLAS chooses them by the model of the processor when it is loaded, and a model newer than itself gets those of 2004
(SSE3): the vector of a sentence then takes 3.6 ms of a processor's time instead of 2.1. What the processor *can* is
told by its flags, whatever its model is called; so the kernels are chosen by these, before numpy is loaded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

CHOICE = "OPENBLAS_CORETYPE"
# The flags that the kernels of a processor need, the fastest first (those of x86-64; others choose for themselves).
_NEEDS = {
    "SkylakeX": frozenset({"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"}),
    "Haswell": frozenset({"avx2", "fma"}),
}


def choose(processor: Path = Path("/proc/cpuinfo")) -> None:
    """Set OpenBLAS's choice in the environment, for this process and those it starts; what is set there stays."""
    try:
        with processor.open(encoding="ascii", errors="replace") as lines:
            kernels = kernels_of(next((line for line in lines if line.startswith("flags")), "").split())
    except OSError:  # no Linux: OpenBLAS chooses
        return
    if kernels:
        os.environ.setdefault(CHOICE, kernels)


def kernels_of(flags: Iterable[str]) -> str | None:
    """The fastest kernels that a processor with these flags can run, None where OpenBLAS had better choose itself."""
    has = set(flags)
    return next((name for name, needs in _NEEDS.items() if needs <= has), None)
