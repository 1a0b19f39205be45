// The desk's keys: j and k go through what is marked data-row, Enter opens it, / searches, g goes home, ? tells them.
"use strict";

(() => {
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
    if (question && !confirm(question)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });

  // What went wrong with a request of htmx is said where everything is said.
  document.addEventListener("htmx:responseError", (event) => {
    const place = document.querySelector(".told");
    if (place) place.textContent = event.detail.xhr.responseText.slice(0, 300);
  });
})();
