"""The assistant that `rasa init` gives, with one custom action, as the measure of comparison.

It lives in var/bench/stock and is trained once for each version of Rasa and of the texts below.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

from bot.settings import ROOT

HOME = ROOT / "var" / "bench" / "stock"
# What the template asks to be written in for a custom action; its own commented example, uncommented.
_ACTION = """from rasa_sdk import Action


class ActionHelloWorld(Action):
    def name(self):
        return "action_hello_world"

    def run(self, dispatcher, tracker, domain):
        dispatcher.utter_message(text="Hello World!")
        return []
"""
_INTENT = """
- intent: ask_action
  examples: |
    - run your action
    - do the custom action
    - please run the action
    - start the action
    - call the action server
    - action please
"""
_RULE = """
- rule: run the custom action
  steps:
  - intent: ask_action
  - action: action_hello_world
"""
# Rasa's default pipeline and policies, spelled out with a tokenizer for Chinese.
_JIEBA_CONFIG = """recipe: default.v1
assistant_id: stock
language: zh
pipeline:
  - {name: JiebaTokenizer}
  - {name: RegexFeaturizer}
  - {name: LexicalSyntacticFeaturizer}
  - {name: CountVectorsFeaturizer}
  - {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}
  - {name: DIETClassifier, epochs: 100}
  - {name: EntitySynonymMapper}
  - {name: ResponseSelector, epochs: 100}
  - {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}
policies:
  - {name: MemoizationPolicy}
  - {name: TEDPolicy, max_history: 5, epochs: 100}
  - {name: RulePolicy}
"""
_ENDPOINTS = "action_endpoint:\n  url: http://127.0.0.1:${STOCK_ACTION_PORT}/webhook\n"
# A rule answers the first, so that TED cannot fall silent when it is said again.
PLAIN, ACTION = "goodbye", "please run the action"


def tokenizer() -> str:
    """Jieba where it is installed; else the one of `rasa init`."""
    return "JiebaTokenizer" if importlib.util.find_spec("jieba") else "WhitespaceTokenizer"


def fingerprint() -> str:
    """12 hexadecimal digits over what is put into the template, Rasa's version and the tokenizer."""
    parts = (_ACTION, _INTENT, _RULE, _JIEBA_CONFIG, version("rasa"), tokenizer())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def model() -> Path:
    """Where the trained stock assistant of the present fingerprint is, or will be."""
    return HOME / "models" / f"stock-{fingerprint()}.tar.gz"


def training_seconds() -> float | None:
    """How long the training of the stock model took when it was made; None where it is not known."""
    note = model().with_suffix(".seconds")
    return float(note.read_text()) if note.exists() else None


def environment(action_port: int = 0) -> dict[str, str]:
    """Environment of the stock assistant's processes; nothing of ours is in it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("WUCHANG_")}
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SANIC_HOST": "127.0.0.1"}
    return {**own, **quiet, "STOCK_ACTION_PORT": str(action_port), "PYTHONWARNINGS": "ignore"}


def write_project() -> None:
    """Rasa's own template, with the custom action, anew in `HOME`."""
    from rasa.cli import scaffold

    shutil.rmtree(HOME, ignore_errors=True)
    shutil.copytree(scaffold.scaffold_path(), HOME, ignore=shutil.ignore_patterns("__pycache__"))
    (HOME / "actions" / "actions.py").write_text(_ACTION)
    _append(HOME / "data" / "nlu.yml", _INTENT)
    _append(HOME / "data" / "rules.yml", _RULE)
    domain = HOME / "domain.yml"
    text = domain.read_text().replace(
        "\nresponses:", "  - ask_action\n\nactions:\n  - action_hello_world\n\nresponses:", 1
    )
    domain.write_text(text)
    if tokenizer() == "JiebaTokenizer":
        (HOME / "config.yml").write_text(_JIEBA_CONFIG)
    (HOME / "endpoints.yml").write_text(_ENDPOINTS)
    (HOME / "credentials.yml").write_text("rest:\n")


def _append(path: Path, text: str) -> None:
    path.write_text(path.read_text().rstrip("\n") + "\n" + text)


def ensure_stock() -> Path:
    """The trained stock model, trained (some minutes, on standard error) where there is none.

    Raises:
        RuntimeError: the training failed.
    """
    path = model()
    if path.exists():
        return path
    write_project()
    print("training the stock assistant once (some minutes) …", file=sys.stderr, flush=True)
    begun = time.monotonic()
    log = HOME / "training.log"
    with log.open("wb") as sink:
        command = [
            sys.executable,
            "-m",
            "rasa",
            "train",
            "--fixed-model-name",
            path.stem.removesuffix(".tar"),
        ]
        process = subprocess.Popen(command, cwd=HOME, env=environment(), stdout=sink, stderr=sink)
        try:
            while process.poll() is None:
                time.sleep(1)
                print(f"\r  {time.monotonic() - begun:4.0f} s", end="", file=sys.stderr, flush=True)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
    print(file=sys.stderr)
    if process.returncode or not path.exists():
        raise RuntimeError(f"the stock assistant could not be trained; see {log}")
    path.with_suffix(".seconds").write_text(f"{time.monotonic() - begun:.1f}")
    return path
