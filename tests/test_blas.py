"""Linear algebra runs on kernels that fit the processor, whatever its model is called."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import blas
from bot.settings import ROOT

AVX2, AVX512 = "sse2 avx avx2 fma", "sse2 avx avx2 fma avx512f avx512cd avx512bw avx512dq avx512vl"


@pytest.mark.parametrize(
    ("flags", "kernels"),
    [(AVX512, "SkylakeX"), (AVX512.replace("avx512bw", ""), "Haswell"), (AVX2, "Haswell"), ("sse2 avx fma", None), ("", None)],
)  # fmt: skip
def test_kernels_follow_the_flags(flags: str, kernels: str | None) -> None:
    assert blas.kernels_of(flags.split()) == kernels


def test_the_flags_are_read_of_the_first_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(blas.CHOICE, raising=False)
    told = tmp_path / "cpuinfo"
    told.write_text(
        f"processor\t: 0\nmodel\t\t: 207\nflags\t\t: {AVX2}\n\nprocessor\t: 1\nflags\t\t: {AVX512}\n"
    )
    blas.choose(told)
    assert os.environ[blas.CHOICE] == "Haswell"
    monkeypatch.setenv(blas.CHOICE, "Zen")
    blas.choose(told)
    assert os.environ[blas.CHOICE] == "Zen"  # what somebody chose stays


def test_where_nothing_is_told_openblas_chooses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(blas.CHOICE, raising=False)
    blas.choose(tmp_path / "none")
    (tmp_path / "arm").write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    blas.choose(tmp_path / "arm")
    assert blas.CHOICE not in os.environ


@pytest.mark.parametrize("module", ["bot.nlu.encoder", "tools.measure_search"])
def test_it_is_chosen_before_numpy_is_loaded(module: str) -> None:
    """In a process of its own, as the assistant and the tools start."""
    code = (
        f"import {module}, threadpoolctl, numpy; from bot import blas;"
        "print([lib['architecture'] for lib in threadpoolctl.threadpool_info() if lib['internal_api'] == 'openblas'])"
    )
    chosen = {name: value for name, value in os.environ.items() if name != blas.CHOICE}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=chosen)  # fmt: skip
    flags = next(
        (line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")), ""
    )
    kernels = blas.kernels_of(flags.split())
    if kernels is None:
        pytest.skip("this processor has neither AVX2 nor AVX-512")
    assert kernels in done.stdout
