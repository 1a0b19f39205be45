// Reading an answer aloud, where the browser has a voice.
import { languageOf, word } from "./words.js";

export const canSpeak = "speechSynthesis" in window && "SpeechSynthesisUtterance" in window;

let speaking = null; // the button of the answer that is read

export function stopReading() {
  if (!speaking) return;
  const button = speaking;
  speaking = null; // first: cancelling ends the sentences, which look here
  speechSynthesis.cancel();
  button.dataset.word = "listen";
  button.textContent = word("listen");
}

// Sentence by sentence, for some browsers fall silent in a long text.
export function readAloud(button, text) {
  const wasOn = speaking === button;
  stopReading();
  if (wasOn) return;
  const sentences = text.match(/[^。！？；\n]+[。！？；]*/g) || [];
  if (!sentences.length) return;
  speaking = button;
  button.dataset.word = "stop";
  button.textContent = word("stop");
  sentences.forEach((sentence, index) => {
    const spoken = new SpeechSynthesisUtterance(sentence);
    spoken.lang = languageOf(text);
    spoken.rate = 0.9;
    const end = () => {
      if (speaking === button) stopReading();
    };
    if (index === sentences.length - 1) spoken.onend = end;
    spoken.onerror = end;
    speechSynthesis.speak(spoken);
  });
}
