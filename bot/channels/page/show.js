// How a turn looks. Text of people and of the assistant only ever goes through textContent.
import { PHOTO_MARK, shownPhoto } from "./photo.js";
import { FILE_MARK, shownFile } from "./upload.js";
import { canSpeak, readAloud } from "./voice.js";
import { languageOf, word } from "./words.js";

const LINK = /https?:\/\/[^\s<>"'，。；！？、（）《》“”]+/g;
const MAP_HOSTS = ["uri.amap.com", "apis.map.qq.com", "www.amap.com"];
const OWN_SHARE = 0.25; // of the window's height, for what the person said
export const PLACE_MARK = "[位置] ";

export function make(tag, className = "", text = "") {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

// A button whose word changes with the page's language; `name` may also be the word itself.
export function makeButton(name, onPress, { translated = true, className = "" } = {}) {
  const button = make("button", className, translated ? word(name) : name);
  button.type = "button";
  if (translated) button.dataset.word = name;
  button.addEventListener("click", () => onPress(button));
  return button;
}

function shownText(said) {
  if (said.startsWith(PLACE_MARK)) return word("myPlace")(said.slice(PLACE_MARK.length));
  if (said.startsWith(PHOTO_MARK)) return shownPhoto(said);
  return said.startsWith(FILE_MARK) ? shownFile(said) : said;
}

// `said` is "" where the assistant speaks by itself.
export function addTurn(said) {
  const turn = make("div", "turn");
  if (said) turn.append(makeYours(said));
  document.getElementById("log").append(turn);
  return turn;
}

function makeYours(said) {
  const yours = make("div", "bubble yours");
  yours.append(make("span", "hidden", word("you")), make("span", "", shownText(said)));
  yours.lastChild.lang = languageOf(said);
  return yours;
}

// Text with its http(s) addresses as links; an address may end with a mark that belongs to the sentence.
function appendText(parent, text) {
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]]+$/, "");
    const link = makeLink(address);
    if (!link) continue;
    parent.append(text.slice(from, found.index), link);
    from = found.index + address.length;
  }
  parent.append(text.slice(from));
}

// The address as a URL where it is one of the web; a relative one (`base`) belongs to this page's folder.
function webAddress(address, base) {
  try {
    const url = new URL(address, base);
    return url.protocol === "https:" || url.protocol === "http:" ? url : null;
  } catch {
    return null;
  }
}

function makeLink(address) {
  const url = webAddress(address);
  if (!url) return null;
  const link = make("a", "", MAP_HOSTS.includes(url.host) ? word("openMap") : word("openLink")(url.host));
  link.href = url.href;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  return link;
}

// A file to be saved. Beside the page, for a link whose time is over answers with words.
function makeFile(address) {
  const url = webAddress(address, document.baseURI);
  if (!url) return make("div", "bubble", address);
  const link = make("a", "file", word("saveFile"));
  link.dataset.word = "saveFile";
  link.href = url.href;
  link.rel = "noopener noreferrer";
  link.target = "_blank";
  return link;
}

function makeBubble(message) {
  const bubble = make("div", "bubble");
  const text = [message.text, message.image].filter(Boolean).join("\n");
  bubble.lang = languageOf(text);
  appendText(bubble, text);
  return bubble;
}

function makeChoices(buttons, onPress) {
  const choices = make("div", "choices");
  for (const { title, payload } of buttons) {
    const press = () => onPress({ payload, title });
    choices.append(makeButton(title, press, { translated: false, className: "choice" }));
  }
  return choices;
}

// `onPress` gets {payload, title} of a button that is pressed.
export function showAnswer(turn, messages, onPress) {
  const answer = make("div", "answer");
  answer.tabIndex = -1;
  answer.append(make("span", "hidden", word("assistant")));
  for (const message of messages) {
    if (message.text || message.image) answer.append(makeBubble(message));
    if (message.attachment) answer.append(makeFile(message.attachment));
    if (message.buttons) answer.append(makeChoices(message.buttons, onPress));
  }
  const spoken = messages.map((message) => message.text || "").join("\n").replace(LINK, "").trim();
  if (canSpeak && spoken) {
    const after = make("div", "after");
    after.append(makeButton("listen", (button) => readAloud(button, spoken), { className: "listen" }));
    answer.append(after);
  }
  turn.append(answer);
  return answer;
}

// `text` is what the server says of it, in Chinese.
export function showTrouble(turn, name, retry, text = "") {
  const trouble = make("div", "trouble bubble");
  trouble.tabIndex = -1;
  trouble.append(make("p", "", word(name)));
  if (text) trouble.append(make("p", "", text));
  if (text) trouble.lastChild.lang = languageOf(text);
  if (retry) trouble.append(makeButton("again", retry));
  turn.append(trouble);
  return trouble;
}

// Only the buttons of the newest answer stand for a question that is still open.
export function retireChoices() {
  for (const choices of document.querySelectorAll("#log .choices")) choices.remove();
}

// The end of the page, but never past the beginning of what is new: the turn, or the answer alone where the person's
// own words or photo, in large letters say, would leave it no room.
export function bringIntoView(turn) {
  window.scrollTo(0, document.documentElement.scrollHeight);
  const answer = turn.querySelector(".answer, .trouble");
  const before = answer ? answer.offsetTop - turn.offsetTop : 0;
  const begin = before > window.innerHeight * OWN_SHARE ? answer : turn;
  if (begin.getBoundingClientRect().top < 0) begin.scrollIntoView({ block: "start" });
}
