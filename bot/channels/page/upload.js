// Sending a draft contract: the button, what is checked before it goes, the request.
import { word } from "./words.js";

export const FILE_MARK = "[文件] ";
const MAX_BYTES = 20 * 1024 * 1024;
const KINDS = /\.(docx|pdf|txt|md)$/i;
const TROUBLES = { 408: "fileNotSent", 429: "fileNotSent" };
const GIVE_UP_MS = 180000; // a slow line may need minutes for a large file

// The name of a word that tells why `file` cannot be sent, or null.
function fault(file) {
  if (!KINDS.test(file.name)) return "fileKind";
  if (file.size > MAX_BYTES) return "fileTooLarge";
  return file.size ? null : "fileEmpty";
}

// What the server says of a refusal; a proxy before it may refuse without words.
async function reason(response) {
  try {
    return (await response.json()).message || "";
  } catch {
    return "";
  }
}

export const sendFile = (file, query) =>
  sendBody("upload", { name: file.name, ...query }, file, { tooLarge: "fileTooLarge", bad: "fileBad" });

// {messages} of the answer, or {trouble: the name of a word}, with `text` where the server says why.
export async function sendBody(path, query, body, { tooLarge, bad }) {
  const control = new AbortController();
  const giveUp = setTimeout(() => control.abort(), GIVE_UP_MS);
  try {
    const response = await fetch(`${path}?${new URLSearchParams(query)}`, {
      method: "POST",
      headers: { "Content-Type": "application/octet-stream" },
      body,
      signal: control.signal,
    });
    const trouble = { 413: tooLarge, 415: bad }[response.status] || TROUBLES[response.status];
    if (trouble) return { trouble, text: response.status === 413 ? "" : await reason(response) };
    if (!response.ok) return { trouble: "busy" };
    const answer = await response.json();
    return answer.error || !(answer.messages.length || answer.talk) ? { trouble: "busy" } : answer;
  } catch {
    return { trouble: "failed" };
  } finally {
    clearTimeout(giveUp);
  }
}

// `onFile` gets a file that may be sent, `onFault` the name of a word where `faultOf` finds that it may not.
export function offerUpload(button, input, mayStart, onFile, onFault, faultOf = fault) {
  button.addEventListener("click", () => mayStart() && input.click());
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (!file) return;
    const wrong = faultOf(file);
    if (wrong) onFault(wrong);
    else onFile(file);
    input.value = ""; // the same file may be chosen again once it was mended
  });
}

export const shownFile = (said) => word("myFile")(said.slice(FILE_MARK.length));
