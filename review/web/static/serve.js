// The local pages: keys, forms that are sent without loading the page anew, drafts, parts that
// come later. Everything that is written is written by the server; a click counts when it answers.
"use strict";

const byId = (id) => document.getElementById(id);
const csrf = () => document.querySelector('meta[name="csrf"]').content;

function say(text, tone) {
  const place = byId("said");
  const line = document.createElement("p");
  line.className = `notice ${tone || ""}`;
  line.textContent = text;
  if (tone === "bad") line.setAttribute("role", "alert");
  place.replaceChildren(...(text ? [line] : []));
}

async function ask(address, options) {
  try {
    return await fetch(address, { redirect: "follow", ...options });
  } catch {
    return null;
  }
}

async function parsed(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function show(page, address) {
  const fresh = page.querySelector("main");
  if (!fresh) return false;
  byId("main").replaceWith(document.adoptNode(fresh));
  document.title = page.title;
  const person = page.querySelector(".person");
  if (person) document.querySelector(".person").replaceWith(document.adoptNode(person));
  if (address) history.replaceState(null, "", address);
  begin();
  const at = document.querySelector(".record-title") || byId("main");
  at.focus({ preventScroll: false });
  return true;
}

// ---- forms ---------------------------------------------------------------------------------

let sending = Promise.resolve();
let waiting = 0;

function bodyOf(form, button) {
  const data = new FormData(form, button || undefined);
  return new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
}

async function send(form, button) {
  const quick = "quick" in form.dataset && button && !["undo", "clear", "not_duplicate"].includes(button.value);
  if (waiting > 0) return; // one click at a time: the one before is being written
  const body = bodyOf(form, button);
  const swapped = quick ? next(form) : null;
  waiting += 1;
  if (!swapped) byId("main").classList.add("busy");
  sending = ask(form.action, {
    method: "POST", body, headers: { "x-csrf": csrf() },
  });
  const answer = await sending;
  waiting -= 1;
  byId("main").classList.remove("busy");
  if (answer === null) {
    if (swapped) swapped.back();
    say("NOT SAVED: the server does not answer. Is 'review serve' still running?", "bad");
    return;
  }
  if (answer.redirected) { location.assign(answer.url); return; }
  const page = answer.headers.get("content-type").startsWith("text/html") ? await parsed(answer) : null;
  if (!answer.ok || page === null) {
    if (swapped) swapped.back();
    const error = page && page.querySelector("#error");
    say(error ? `Not done: ${error.textContent.trim()}` : `Not done (${answer.status}). Load the page again.`, "bad");
    return;
  }
  if (swapped && swapped.keep(page)) return;
  show(page);
}

// The record that comes next is there already: it is shown while the decision is being written.
function next(form) {
  const coming = byId("following"), card = byId("card"), record = byId("record");
  if (!coming || !record) return null;
  const before = { card: [...card.childNodes], record: record.value, own: [...byId("own").childNodes] };
  const note = byId("note"), reason = byId("reason"), other = byId("other");
  const typed = [note, reason, other].filter((field) => field && "value" in field && field.tagName !== "BUTTON")
    .map((field) => [field, field.value]);
  card.replaceChildren(coming.content.cloneNode(true));
  record.value = coming.dataset.record;
  coming.remove();
  byId("own").replaceChildren();
  for (const [field] of typed) field.value = "";
  if (byId("repeat")) byId("repeat").open = false;
  if (byId("alike")) byId("alike").replaceChildren();
  say("saving …");
  card.querySelector(".record-title").focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
  return {
    back() {
      card.replaceChildren(...before.card);
      record.value = before.record;
      byId("own").replaceChildren(...before.own);
      for (const [field, value] of typed) field.value = value;
    },
    keep(page) { // what a person reads and types by now stays; the rest is taken from the answer
      const fresh = page.getElementById("record");
      if (!fresh || fresh.value !== record.value) return false;
      for (const id of ["said", "counts", "following", "own"]) {
        const one = page.getElementById(id), old = byId(id);
        if (one && old) old.replaceWith(document.adoptNode(one));
        else if (one) byId("main").append(document.adoptNode(one));
      }
      return true;
    },
  };
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("live" in form.dataset)) return;
  event.preventDefault();
  const button = event.submitter;
  const needed = button && button.dataset.needs;
  if (needed) {
    const field = byId(needed);
    if (field && !(field.value && field.tagName === "INPUT")) { field.focus(); return; }
  }
  send(form, button);
});

// ---- keys ----------------------------------------------------------------------------------

const typing = (node) => node.matches("input:not([type=radio], [type=checkbox]), textarea, select");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && typing(event.target)) { event.target.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const wanted = event.key.toLowerCase();
  const node = [...document.querySelectorAll("[data-key]")].find(
    (one) => one.dataset.key.toLowerCase() === wanted && !one.disabled);
  if (!node) return;
  event.preventDefault();
  if (node.tagName === "DETAILS") {
    node.open = !node.open;
    const field = node.open && node.querySelector("input");
    if (field) field.focus();
  } else if (node.tagName === "BUTTON") node.click();
  else node.focus();
});

// ---- clicks --------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if ("marks" in button.dataset) {
    const off = document.body.classList.toggle("no-marks");
    localStorage.setItem("marks", off ? "off" : "on");
    button.setAttribute("aria-pressed", String(!off));
  } else if (button.dataset.pick) {
    byId("other").value = button.dataset.pick;
    byId("other").focus();
  }
});

document.addEventListener("toggle", async (event) => {
  if (event.target.id !== "repeat" || !event.target.open) return;
  const place = byId("alike"), record = byId("record").value;
  if (record) await load(place, `/screen/alike?record=${encodeURIComponent(record)}`);
}, true);

async function load(place, address) {
  const answer = await ask(address, {});
  if (!answer || !answer.ok) { place.textContent = "It cannot be loaded just now."; return; }
  const part = (await parsed(answer)).querySelector("[data-part]");
  if (part) place.replaceChildren(document.adoptNode(part));
}

// ---- beginning -----------------------------------------------------------------------------

function begin() {
  if (localStorage.getItem("marks") === "off") {
    document.body.classList.add("no-marks");
    for (const one of document.querySelectorAll("[data-marks]")) one.setAttribute("aria-pressed", "false");
  }
  for (const place of document.querySelectorAll("[data-load]")) load(place, place.dataset.load);
}

begin();
