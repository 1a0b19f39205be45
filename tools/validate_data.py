"""The checks of `rasa data validate`, without the one for responses unused in rules (part of `make check`).

Most responses are said by actions; a test in tests/actions holds that each of them is used somewhere.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import warnings

from bot.settings import ROOT

# Nobody types these: a button or a channel sets them, so no sentence teaches them.
_BY_BUTTON = re.compile(
    r"intent '(answer_\w+|review_draft|send_photo|forget_me|bind_staff)' is listed in the domain file, but is not found"
)


def main() -> int:
    """Exit status 0 where Rasa finds nothing to say."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    warnings.filterwarnings("ignore")
    os.chdir(ROOT)
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.utils.log_utils import configure_structlog
    from rasa.validator import Validator

    configure_structlog(logging.WARNING)
    importer = TrainingDataImporter.load_from_config("config.yml", "domain.yml", ["data/nlu", "data/rules"])
    validator = Validator.from_importer(importer)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        good = (
            validator.verify_domain_validity()
            and validator.verify_intents(False)
            and validator.verify_example_repetition_in_intents(False)
            and validator.verify_actions_in_stories_rules()
            and validator.verify_forms_in_stories_rules()
            and validator.verify_form_slots()
            and validator.verify_slot_mappings()
            and validator.verify_story_structure(False)
        )
    about_data = [str(w.message) for w in said if issubclass(w.category, UserWarning)]
    about_data = [text for text in about_data if not _BY_BUTTON.search(text)]
    for text in about_data:
        print(text.splitlines()[0], file=sys.stderr)
    print("data:", "valid" if good else "NOT valid")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
