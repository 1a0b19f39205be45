// The desk's keys: j and k go through what is marked data-row, Enter opens it, / searches, g goes home, ? tells them.
"use strict";

(() => {
  const SENT_MS = 15000; // longer than the server takes to give up
  const typing = (element) =>
    element.closest("input, textarea, select, [contenteditable]") !== null;

  const rows = () => [...document.querySelectorAll("[data-row]")];

  const go = (step) => {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement.closest("[data-row]"));
    const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    const target = all[next].matches("a, button, [tabindex]") ? all[next] : all[next].querySelector("a, button");
    target?.focus();
    target?.scrollIntoView({ block: "nearest" });
  };

  const keys = {
    j: () => go(1),
    k: () => go(-1),
    "/": () => document.querySelector("[type=search]")?.focus(),
    g: () => location.assign("/"),
    "?": () => document.getElementById("keys").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const act = keys[event.key];
    if (!act || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    act();
  });

  // A question before what cannot be taken back: <form data-ask="…">.
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.ask;
    if (question && !confirm(question)) return event.preventDefault();
    // Pressed twice by a tired hand it is sent once.
    const form = event.target;
    if (form.method !== "post") return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, SENT_MS);
    if (form.matches(".leave")) sessionStorage.clear();
  });

  // An answer that is being written outlives a session that ended, an error and a reload; once it was said it is gone.
  for (const field of document.querySelectorAll("textarea[data-keep]")) {
    const name = `draft ${location.pathname}`;
    const said = [...document.querySelectorAll(".ours .words")].map(({ textContent }) => textContent.trim());
    const draft = sessionStorage.getItem(name) || "";
    if (said.includes(draft.trim())) sessionStorage.removeItem(name);
    else if (!field.value) field.value = draft;
    const keep = () => sessionStorage.setItem(name, field.value);
    field.addEventListener("input", keep);
    // What was typed before this ran, on a slow machine, had no listener.
    field.form.addEventListener("submit", keep);
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // What went wrong with a request of htmx is said where everything is said.
  document.addEventListener("htmx:responseError", (event) => {
    const place = document.querySelector(".told");
    if (place) place.textContent = event.detail.xhr.responseText.slice(0, 300);
  });
})();
