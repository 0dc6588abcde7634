"use strict";
// The only script of our own. It must come before htmx: the policy lets HTML of our server through, and makes no script.
if (window.trustedTypes) trustedTypes.createPolicy("default", { createHTML: (html) => html });

const tell = (text) => {
  const told = document.getElementById("told");
  told.textContent = "";
  setTimeout(() => { told.textContent = text; }, 50);
};

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
      tell(copy.dataset.told);
    } catch {
      getSelection().selectAllChildren(source); // then Ctrl-C does it
      tell("Selected. Copy it with Ctrl-C.");
    }
  }
  const reveal = event.target.closest("[data-revealing]");
  if (reveal) {
    const field = document.getElementById(reveal.dataset.revealing);
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    reveal.textContent = hidden ? "Hide password" : "Show password";
    reveal.setAttribute("aria-pressed", String(hidden));
  }
});

// A form that was sent is not sent again by a second press.
document.addEventListener("submit", (event) => {
  if (event.target.dataset.sent && Date.now() - event.target.dataset.sent < 5000) event.preventDefault();
  else event.target.dataset.sent = Date.now();
});

const everyday = () => {
  for (const field of document.querySelectorAll("input[data-reveal]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = "Show password";
    button.dataset.revealing = field.id;
    button.setAttribute("aria-pressed", "false");
    field.after(button);
    field.removeAttribute("data-reveal");
  }
};

document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.classList.add("scripted");
  everyday();
  document.getElementById("errors")?.focus();
  // What keeps itself up to date hears "tick", as long as somebody can see it.
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    for (const part of document.querySelectorAll("[hx-trigger~=tick]")) {
      const every = Number(part.dataset.every || 5) * 1000;
      if (Date.now() - (Number(part.dataset.asked) || opened) < every) continue;
      part.dataset.asked = Date.now();
      part.dispatchEvent(new Event("tick"));
    }
  }, 1000);
  const left = Number(document.body.dataset.left); // milliseconds, of the session
  if (left) setTimeout(() => { document.getElementById("session").hidden = false; }, Math.max(0, left - 120000));
});
const opened = Date.now();

// What a swap brings is told to who cannot see it.
document.addEventListener("htmx:after:swap", () => {
  everyday();
  const news = document.querySelector("[data-news]");
  if (news) { tell(news.dataset.news); news.removeAttribute("data-news"); }
});
