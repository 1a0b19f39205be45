// Sending a photo: made smaller before it goes, for mobile data cost money; a small picture of it in the turn.
import { sendBody } from "./upload.js";
import { word } from "./words.js";

export const PHOTO_MARK = "[照片]";
const MAX_BYTES = 10 * 1024 * 1024;
const LONGEST = 1600; // pixels; the server keeps no more
const SMALL_FILE = 600 * 1024; // goes as it is
const SHOWN = 160; // pixels of the picture in the turn
const QUALITY = 0.85;

// The name of a word that tells why `file` cannot be sent, or null. Some phones tell no type at all.
export function photoFault(file) {
  if (file.type && !file.type.startsWith("image/")) return "photoKind";
  return file.size ? null : "photoKind";
}

function drawn(bitmap, longest) {
  const scale = Math.min(1, longest / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent would become black
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas;
}

// {body, shown}: what is sent, and a canvas to look at. What this browser cannot open goes as it is, without a picture.
export async function readPhoto(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
    const shown = drawn(bitmap, SHOWN);
    shown.className = "shot";
    shown.setAttribute("aria-hidden", "true"); // the words beside it say that it is a photo
    if (file.size <= SMALL_FILE) return { body: file, shown };
    const smaller = drawn(bitmap, LONGEST);
    const body = await new Promise((done) => smaller.toBlob(done, "image/jpeg", QUALITY));
    return { body: body && body.size < file.size ? body : file, shown };
  } catch {
    return { body: file, shown: null };
  } finally {
    if (bitmap) bitmap.close();
  }
}

// {messages} of the answer, or {trouble, text}; `reading` is what `readPhoto` gives.
export async function sendPhoto(reading, query) {
  const { body } = await reading;
  if (body.size > MAX_BYTES) return { trouble: "photoTooLarge" };
  return sendBody("photo", query, body, { tooLarge: "photoTooLarge", bad: "photoBad" });
}

export const shownPhoto = (said) => word("myPhoto") + said.slice(PHOTO_MARK.length);
