"""Training of the model, with a progress bar."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from tqdm import tqdm

from bot.errors import WuchangError
from bot.locks import alone
from bot.runtime.inputs import fingerprint
from bot.settings import ROOT

MODELS = ROOT / "var" / "models"
# Steps of a training with their share of its time (measured; the sum is 100).
_STEPS = {"start": 20, "CharTagger": 40, "MaskedIntentClassifier": 25, "RulePolicy": 10, "stored": 5}
_HOOKS = "rasa.engine.training.hooks"


def model_path() -> Path:
    """Where the model of the present inputs is, or will be."""
    return MODELS / f"wuchang-{fingerprint()}.tar.gz"


def ensure_model() -> Path:
    """The model of the present inputs, trained if there is none yet.

    Older models are removed once the new one is stored.

    Raises:
        WuchangError: the training failed.
    """
    path = model_path()
    if path.exists():
        return path
    MODELS.mkdir(parents=True, exist_ok=True)
    with alone(MODELS / "lock"):  # one training at a time on this machine
        if not path.exists():  # another process may have trained it while this one waited
            print("训练模型（第一次，或者数据有改动）… / training the model", file=sys.stderr, flush=True)
            _train(path)
            for old in set(MODELS.glob("*.tar.gz")) - {path}:
                old.unlink()
    return path


def quiet() -> None:
    """What every process that imports Rasa sets first."""
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    # More threads of linear algebra only wait for each other on two cores (training: 31 s against 9 s).
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("LOG_LEVEL", "ERROR")  # also keeps Rasa's own progress bars away
    warnings.filterwarnings("ignore")
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    _keep_words_out_of_the_log()


def _keep_words_out_of_the_log() -> None:
    """Rasa logs people's words with some failures (`text=...`); they stay out."""
    import structlog

    def without_words(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {
            key: value for key, value in event.items() if key not in ("text", "user_message", "message_text")
        }

    structlog.configure(processors=[without_words, *structlog.get_config()["processors"]])


def _train(path: Path) -> None:
    quiet()
    with _progress() as advance:
        from rasa.model_training import train

        from bot.runtime import speed

        speed.apply_to_training()
        advance("start")
        logging.getLogger(_HOOKS).setLevel(logging.INFO)
        unfinished = MODELS / f"unfinished-{os.getpid()}.tar.gz"
        os.chdir(ROOT)  # class paths of config.yml are imported from here
        # Standard output belongs to the commands' lines.
        with contextlib.redirect_stdout(sys.stderr), _one_file(ROOT / "data" / "nlu") as sentences:
            result = train(
                domain=str(ROOT / "domain.yml"),
                config=str(ROOT / "config.yml"),
                training_files=[str(sentences), str(ROOT / "data" / "rules")],
                output=str(MODELS),
                fixed_model_name=unfinished.name,
                force_training=True,
            )
        if not result.model or not unfinished.exists():
            raise WuchangError(
                f"training gave no model (code {result.code}); run `make check` for faults in data/"
            )
        unfinished.replace(path)  # nobody ever sees half a model
        advance("stored")


@contextmanager
def _one_file(folder: Path) -> Iterator[Path]:
    """The training sentences of a folder as one file: Rasa merges many files one by one, 20 s here."""
    blocks: list[Any] = []
    for path in sorted(folder.rglob("*.yml")):
        blocks += yaml.load(path.read_text(encoding="utf8"), Loader=yaml.CSafeLoader)["nlu"]
    with tempfile.TemporaryDirectory(dir=MODELS) as made:
        whole = Path(made) / "nlu.yml"
        text = yaml.dump({"version": "3.1", "nlu": blocks}, Dumper=yaml.CSafeDumper, allow_unicode=True)
        whole.write_text(text, encoding="utf8")
        yield whole


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A bar on standard error that moves as components finish; yields a function of a step's name."""
    bar = tqdm(total=sum(_STEPS.values()), desc="training", unit="%", file=sys.stderr, leave=True,
               bar_format="{desc} |{bar}| {percentage:3.0f}% {elapsed}")  # fmt: skip

    def advance(step: str) -> None:
        bar.update(_STEPS.get(step, 0))

    class Finished(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            if message.startswith("Finished training component"):
                advance(message.split("'")[1])

    handler = Finished()
    hooks = logging.getLogger(_HOOKS)
    hooks.addHandler(handler)
    hooks.propagate = False
    try:
        yield advance
    finally:
        hooks.removeHandler(handler)
        bar.close()
