"""The whole assistant in one process: the really trained model, the real actions, a real database."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from bot.runtime.training import ensure_model, quiet
from bot.settings import ROOT


class Assistant:
    """Rasa's agent with the actions called in process; one conversation a sender."""

    def __init__(self) -> None:
        quiet()
        os.chdir(ROOT)
        from rasa.core.agent import Agent
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
        from rasa.core.tracker_store import InMemoryTrackerStore
        from rasa.utils.endpoints import EndpointConfig
        from rasa_sdk.executor import ActionExecutor

        from bot.runtime import handed_over, robust, speed

        executor = ActionExecutor()
        executor.register_package("actions")

        class InProcess(EndpointConfig):
            async def request(self, *_args: Any, **kwargs: Any) -> Any:
                return await executor.run(kwargs["json"])

        speed.apply()
        robust.apply()
        handed_over.apply()
        self._message, self._output = UserMessage, CollectingOutputChannel
        self._loop = asyncio.new_event_loop()
        self._agent = Agent.load(
            str(ensure_model()), action_endpoint=InProcess("http://in-process", enable_selective_domain=True)
        )
        self._agent.tracker_store = InMemoryTrackerStore(self._agent.domain)
        self._agent.processor.tracker_store = self._agent.tracker_store

    def say(self, sender: str, text: str) -> list[dict[str, Any]]:
        """The messages that answer `text`."""
        return self._deliver(sender, text, None)

    def send_file(self, sender: str, path: Path, caption: str | None = None) -> list[dict[str, Any]]:
        """The messages that answer a file with these words under it, as a channel hands it over."""
        from bot.channels import uploads
        from bot.channels.model import words
        from bot.storage.uploads import discard

        handed_in = uploads.keep(path.name, path.read_bytes())
        try:
            message = handed_in.message_with(words(caption) if caption else None)
            return self._deliver(sender, message.text, message.metadata)
        finally:
            discard(handed_in.token)

    def send_photo(self, sender: str, caption: str | None) -> list[dict[str, Any]]:
        """The messages that answer a photo with these words under it, as a channel hands it over."""
        from bot.channels import pictures
        from bot.channels.model import words
        from tests.test_photos import with_gps

        under = words(caption) if caption else None
        keeping = pictures.keep(with_gps(), under, channel="rest", sender=sender)
        message = self._loop.run_until_complete(keeping)
        return self._deliver(sender, message.text, message.metadata)

    def _deliver(self, sender: str, text: str, metadata: dict[str, Any] | None) -> list[dict[str, Any]]:
        message = self._message(text, self._output(), sender, input_channel="rest", metadata=metadata)
        answer = self._loop.run_until_complete(self._agent.handle_message(message))
        return list(answer or [])

    def forget(self, sender: str) -> None:
        """Lose the conversation with `sender`, as after a long time or on another server."""
        self._agent.tracker_store.store.pop(sender, None)


def plain(answers: list[dict[str, Any]]) -> str:
    """All that is shown to the person: texts, links to files and the titles of buttons."""
    lines = []
    for answer in answers:
        lines.append(answer.get("text", "") or answer.get("attachment", ""))
        lines += [f"[{button['title']}]" for button in answer.get("buttons", [])]
    return "\n".join(lines)


CASES = Path(__file__).parent
