// The web chat's page: sending, the place button, what was said before, what has become due. Words, looks and voice are beside it.
import { PHOTO_MARK, photoFault, readPhoto, sendPhoto } from "./photo.js";
import { PLACE_MARK, addTurn, bringIntoView, make, makeButton, retireChoices, showAnswer, showTrouble } from "./show.js";
import { FILE_MARK, offerUpload, sendFile } from "./upload.js";
import { stopReading } from "./voice.js";
import { useLanguage, word } from "./words.js";

const SLOW_MS = 8000; // after this the page says that it is still at work
const GIVE_UP_MS = 40000; // the server answers within 30 s
const PLACE_MS = 15000;
const FINAL = ["refused", "fileTooLarge", "fileBad", "photoTooLarge", "photoBad"]; // trying the same again would not help
const LOOK_AGAIN_MS = 2000; // for an answer that was not there yet when the page was loaded
const LOOK_MS = 60000; // how often the page asks whether something has become due
const TALK_MS = 4000; // the same while staff have the conversation, or were asked for
const NEAR_END = 1.5; // windows from the top of this one: so near the end of the conversation is nobody reading further up
const COMPOSER_SHARE = 0.4; // of the window's height, at most

const byId = (id) => document.getElementById(id);
const log = byId("log");
const field = byId("words");
let waiting = false;
let nextLook;

function say(text) {
  byId("status").textContent = text;
  byId("status").classList.remove("thinking");
}

// What depends on the language, but is more than a word in its place.
function showPageWords() {
  showDate();
  const starters = word("starterButtons").map(([title, text]) =>
    makeButton(title, () => send({ text }, text), { translated: false })
  );
  byId("starter-buttons").textContent = "";
  byId("starter-buttons").append(...starters);
}

function showDate() {
  const options = { year: "numeric", month: "long", day: "numeric", weekday: "long", timeZone: "Asia/Shanghai" };
  const date = new Intl.DateTimeFormat(word("lang"), options).format(new Date());
  byId("date").textContent = word("today")(date);
}

// ---- sending -------------------------------------------------------------------------------------------

const press = (button) => send(button, button.title);

// `deliver` sends `body` and gives {messages, cut} or {trouble, text}; `picture` stands beside the person's words.
// A message that is tried again keeps its name, so that the server answers it once, whatever got lost on the way.
async function send(body, said, deliver = ask, picture = null, name = newName(), again = false) {
  if (waiting) return say(word("wait"));
  stopReading();
  const typing = document.activeElement === field;
  retireChoices();
  byId("starters").open = false;
  const turn = addTurn(said);
  if (picture) turn.firstChild.append(picture);
  setWaiting(true);
  bringIntoView(turn);
  const slow = setTimeout(() => (byId("status").textContent = word("stillThinking")), SLOW_MS);
  const { messages, trouble, text, cut, forgotten, talk } = await deliver(body, { id: name, ...(again && { again: 1 }) });
  clearTimeout(slow);
  setWaiting(false);
  lookAgain(TALK_MS); // a person may have been asked for
  if (forgotten) log.replaceChildren(turn); // of what was said before nothing stays on the page
  if (cut) turn.append(make("p", "bubble trouble", word("cut")));
  const retry = FINAL.includes(trouble) ? null : () => {
    if (waiting) return say(word("wait"));
    turn.remove();
    send(body, said, deliver, picture, name, true);
  };
  if (talk && !trouble && !messages.length) {
    say(word("withStaff"));
    return bringIntoView(turn);
  }
  const shown = trouble ? showTrouble(turn, trouble, retry, text) : showAnswer(turn, messages, press);
  // A pressed button is gone now: go on from the answer; whoever typed stays in the field.
  if (!typing) shown.focus({ preventScroll: true });
  bringIntoView(turn);
}

// {messages, cut, forgotten} of an answer, or {trouble: the name of a word}.
async function ask(body, query) {
  const control = new AbortController();
  const giveUp = setTimeout(() => control.abort(), GIVE_UP_MS);
  try {
    const response = await fetch(`message?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: control.signal,
    });
    if (response.status === 429) return { trouble: "tooMany" };
    if (response.status >= 500) return { trouble: "busy" };
    if (!response.ok) return { trouble: "refused" };
    const answer = await response.json();
    if (answer.error) return { trouble: "busy" };
    return answer.messages.length || answer.talk ? answer : { trouble: "noAnswer" };
  } catch {
    return { trouble: "failed" };
  } finally {
    clearTimeout(giveUp);
  }
}

// Random; crypto.randomUUID is there over HTTPS only.
function newName() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function setWaiting(on) {
  waiting = on;
  byId("send").setAttribute("aria-disabled", String(on));
  byId("status").textContent = on ? word("thinking") : "";
  byId("status").classList.toggle("thinking", on);
}

function sendField() {
  const text = field.value.trim();
  if (waiting) return say(word("wait"));
  if (!text) {
    say(word("empty"));
    return field.focus();
  }
  field.value = "";
  fitField();
  send({ text }, text);
}

function fitField() {
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
}

// With large letters or a low window the composer scrolls along with the page.
function fitComposer() {
  const composer = byId("composer");
  composer.classList.toggle("tall", composer.offsetHeight > window.innerHeight * COMPOSER_SHARE);
}

// ---- place ---------------------------------------------------------------------------------------------

function sendPlace() {
  if (waiting) return say(word("wait"));
  if (!navigator.geolocation || !window.isSecureContext) return say(word("noPlace"));
  say(word("placing"));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      say("");
      const location = { lat: coords.latitude, lon: coords.longitude };
      send({ location }, `${PLACE_MARK}${location.lat.toFixed(6)},${location.lon.toFixed(6)}`);
    },
    (error) => say(word({ 1: "placeDenied", 3: "placeLate" }[error.code] || "noPlace")),
    { enableHighAccuracy: true, timeout: PLACE_MS, maximumAge: 60000 }
  );
}

// ---- a contract file, a photo -----------------------------------------------------------------------------------

function mayAttach() {
  if (waiting) say(word("wait"));
  return !waiting;
}

function attach(file) {
  byId("attach").focus();
  send(file, `${FILE_MARK}${file.name}`, sendFile);
}

function attachPhoto(file) {
  byId("photo").focus();
  const reading = readPhoto(file);
  const picture = make("span");
  reading.then(({ shown }) => shown && picture.append(shown));
  send(reading, PHOTO_MARK, sendPhoto, picture);
}

// ---- start ---------------------------------------------------------------------------------------------

const readHistory = async () => (await (await fetch("history")).json()).turns;

async function showHistory() {
  let turns = [];
  try {
    turns = await readHistory();
  } catch {
    return say(word("noHistory"));
  }
  if (!turns.length) return;
  log.setAttribute("aria-live", "off"); // a screen reader need not read all of it again
  for (const { said, messages } of turns) {
    retireChoices();
    const turn = addTurn(said);
    if (messages.length) showAnswer(turn, messages, press);
  }
  byId("starters").open = false;
  bringIntoView(log.lastChild);
  setTimeout(() => log.setAttribute("aria-live", "polite"), 500);
  const last = turns[turns.length - 1];
  if (!last.messages.length && !last.talk) await awaitAnswer(log.lastChild, last.at);
}

// The page was loaded again before the last answer was there.
async function awaitAnswer(turn, at) {
  setWaiting(true);
  let messages = [];
  for (let tries = 0; tries < GIVE_UP_MS / LOOK_AGAIN_MS && !messages.length; tries++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    const turns = await readHistory().catch(() => null);
    const last = turns && turns[turns.length - 1];
    if (turns && (!last || last.at !== at)) break; // it was taken back, for there was no answer
    if (last) messages = last.messages;
  }
  setWaiting(false);
  if (messages.length) showAnswer(turn, messages, press);
  else showTrouble(turn, "noAnswer", null);
  bringIntoView(turn);
}

// Reminders and other messages that the assistant sends by itself; who is reading further up is left there.
async function showDue() {
  lookAgain(LOOK_MS);
  if (waiting || document.hidden) return;
  let found = {};
  try {
    found = await (await fetch("waiting")).json();
  } catch {
    return; // asked again in a minute
  }
  if (found.talk) lookAgain(TALK_MS);
  const { messages } = found;
  if (!messages.length) return;
  // Not the end of the page: with large letters what stands below the conversation fills a window.
  const atEnd = log.getBoundingClientRect().bottom < window.innerHeight * NEAR_END;
  const turn = addTurn("");
  showAnswer(turn, messages, press);
  if (atEnd) bringIntoView(turn);
}

function lookAgain(after) {
  clearTimeout(nextLook);
  nextLook = setTimeout(showDue, after);
}

function start() {
  useLanguage();
  showPageWords();
  byId("language").addEventListener("click", () => {
    useLanguage(word("other").name);
    showPageWords();
  });
  byId("form").addEventListener("submit", (event) => {
    event.preventDefault();
    sendField();
  });
  field.addEventListener("keydown", (event) => {
    // While an input method is composing, Enter belongs to it (229: what some of them send).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    sendField();
  });
  field.addEventListener("input", fitField);
  byId("place").addEventListener("click", sendPlace);
  offerUpload(byId("attach"), byId("file"), mayAttach, attach, (name) => say(word(name)));
  offerUpload(byId("photo"), byId("shot"), mayAttach, attachPhoto, (name) => say(word(name)), photoFault);
  window.addEventListener("offline", () => say(word("offline")));
  window.addEventListener("online", () => say(word("online")));
  window.addEventListener("resize", fitComposer);
  if ("ResizeObserver" in window) new ResizeObserver(fitComposer).observe(byId("composer"));
  window.addEventListener("pagehide", stopReading);
  showHistory().then(showDue);
  document.addEventListener("visibilitychange", showDue);
}

start();
