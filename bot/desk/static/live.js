// The page follows what happens: the server says that something changed, and the part marked data-live is fetched anew.
// Who is writing in that part is not disturbed: then a button offers it.
"use strict";

(() => {
  const EVERY_MS = 60000; // clocks go on though nothing changes
  const SHORT_MS = 400; // several changes at once are one
  let later;
  let busy = false;

  const region = () => document.querySelector("[data-live]");

  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";

  const isChanged = (field) => {
    if (isTicked(field)) return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") {
      const first = [...field.options].findIndex((option) => option.defaultSelected);
      return field.selectedIndex !== Math.max(first, 0);
    }
    return field.value !== field.defaultValue;
  };

  const fieldsOf = (element) => [...element.querySelectorAll("input:not([type=hidden]), textarea, select")];

  const isWrittenIn = (element) =>
    fieldsOf(element).some((field) => field === document.activeElement || isChanged(field));

  // A field as it can be found again in the new part: its form, what that is about, its name.
  const nameOf = (field) => {
    const about = field.form ? [...field.form.querySelectorAll("input[type=hidden]:not([name=csrf], [name=once])")] : [];
    return [field.form?.getAttribute("action"), ...about.map(({ value }) => value), field.name, isTicked(field) ? field.value : ""].join(" ");
  };

  // What was written stays written, though the part around it is new.
  const carryOver = (old, fresh) => {
    const written = new Map(fieldsOf(old).filter(isChanged).map((field) => [nameOf(field), field]));
    for (const field of fieldsOf(fresh)) {
      const before = written.get(nameOf(field));
      if (!before) continue;
      if (isTicked(field)) field.checked = before.checked;
      else field.value = before.value;
    }
  };

  const offer = () => {
    if (document.getElementById("fresh")) return;
    const button = document.createElement("button");
    button.id = "fresh";
    button.type = "button";
    button.textContent = "有新变化，点这里刷新";
    button.addEventListener("click", () => fetchAnew(true));
    document.getElementById("main").prepend(button);
  };

  const say = (text) => {
    const place = document.querySelector(".told");
    if (place && place.textContent !== text) place.textContent = text;
  };

  // Where the focus was, as it can be found again in the new part.
  const focusIn = (element) => {
    const active = document.activeElement;
    if (!element.contains(active)) return null;
    if (active.id) return `#${CSS.escape(active.id)}`;
    const link = active.getAttribute("href");
    return link ? `[data-live] a[href="${CSS.escape(link)}"]` : null;
  };

  const openOnes = (element) => [...element.querySelectorAll("details[open][id]")].map(({ id }) => id);

  async function fetchAnew(asked = false) {
    const old = region();
    if (!old || busy || document.hidden) return;
    if (!asked && isWrittenIn(old)) return offer();
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login") return say("登录到时间了，请刷新页面重新登录。");
      if (!answer.ok) return say("页面没有更新：服务器没有答应。过一会儿再刷新。");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
      if (!fresh || (!asked && isWrittenIn(old))) return offer();
      const focus = focusIn(old);
      for (const id of openOnes(old)) fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
      carryOver(old, fresh);
      document.getElementById("fresh")?.remove();
      old.replaceWith(document.adoptNode(fresh));
      if (focus) document.querySelector(focus)?.focus({ preventScroll: true });
      document.dispatchEvent(new Event("live"));
    } catch {
      say("连不上服务器，页面上的可能不是最新的。");
    } finally {
      busy = false;
    }
  }

  const soon = () => {
    clearTimeout(later);
    later = setTimeout(() => fetchAnew(), SHORT_MS);
  };

  // Only while somebody sees the page: over HTTP/1.1 a browser has six connections to the desk for all of its tabs, and
  // with a stream in each of six tabs the seventh would never load.
  let stream = null;
  const deaf = () => {
    stream?.close();
    stream = null;
  };
  const listen = () => {
    if (document.hidden) return deaf();
    if (stream) return;
    // What changed since the page was made is told at once.
    stream = new EventSource(`/events?seen=${encodeURIComponent(region()?.dataset.seen ?? "")}`);
    stream.addEventListener("change", soon);
  };

  listen();
  window.addEventListener("pagehide", deaf);
  window.addEventListener("pageshow", listen);
  setInterval(() => fetchAnew(), EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    listen();
    soon();
  });
})();
