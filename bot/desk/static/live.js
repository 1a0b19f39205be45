// The page follows what happens: the server says that something changed, and the part marked data-live is fetched anew.
// Who is writing in that part is not disturbed: then a button offers it.
"use strict";

(() => {
  const EVERY_MS = 60000; // clocks go on though nothing changes
  const SHORT_MS = 400; // several changes at once are one
  let later;
  let busy = false;

  const region = () => document.querySelector("[data-live]");

  const isWrittenIn = (element) =>
    [...element.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) => {
      if (field === document.activeElement) return true;
      if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
      if (field.tagName === "SELECT") {
        const first = [...field.options].findIndex((option) => option.defaultSelected);
        return field.selectedIndex !== Math.max(first, 0);
      }
      return field.value !== field.defaultValue;
    });

  const offer = () => {
    if (document.getElementById("fresh")) return;
    const button = document.createElement("button");
    button.id = "fresh";
    button.type = "button";
    button.textContent = "有新变化，点这里刷新";
    button.addEventListener("click", () => location.reload());
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

  async function fetchAnew() {
    const old = region();
    if (!old || busy || document.hidden) return;
    if (isWrittenIn(old)) return offer();
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login") return say("登录到时间了，请刷新页面重新登录。");
      if (!answer.ok) return say("页面没有更新：服务器没有答应。过一会儿再刷新。");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
      if (!fresh || isWrittenIn(old)) return offer();
      const focus = focusIn(old);
      for (const id of openOnes(old)) fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
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
    later = setTimeout(fetchAnew, SHORT_MS);
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
    stream = new EventSource("/events");
    stream.addEventListener("change", soon);
  };

  listen();
  window.addEventListener("pagehide", deaf);
  window.addEventListener("pageshow", listen);
  setInterval(fetchAnew, EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    listen();
    soon();
  });
})();
