// The local pages: keys, forms that are sent without loading the page anew, drafts, parts that
// come later. Everything that is written is written by the server; a click counts when it answers.
"use strict";

const byId = (id) => document.getElementById(id);
const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
// what each change says: the word of the session, and the person whose page this is
const sender = () => ({ "x-csrf": meta("csrf"), "x-person": encodeURIComponent(meta("person")) });

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

let waiting = false; // for the answer to a form
let queued = null; // what was pressed meanwhile, about the record that is shown

function bodyOf(form, button) {
  const data = new FormData(form, button || undefined);
  return new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
}

async function send(form, button) {
  const quick = "quick" in form.dataset;
  if (waiting) {
    if (quick && !queued) queued = button;
    return;
  }
  waiting = true;
  const body = bodyOf(form, button);
  const stays = !button || ["undo", "clear", "not_duplicate"].includes(button.value);
  const swapped = quick && !stays ? next(form) : null;
  if (!swapped) byId("main").classList.add("busy");
  // not form.action: that is the button of this name
  const answer = await ask(form.getAttribute("action"), { method: "POST", body, headers: sender() });
  const same = await taken(answer, swapped);
  byId("main").classList.remove("busy");
  waiting = false;
  const then = queued;
  queued = null;
  if (same && then && then.isConnected) send(form, then);
}

// Show the answer to a form; true when the record that was shown meanwhile is still there.
async function taken(answer, swapped) {
  if (answer === null) {
    if (swapped) swapped.back();
    say("NOT SAVED: the server does not answer. Is 'review serve' still running?", "bad");
    return false;
  }
  if (answer.redirected) { location.assign(answer.url); return false; }
  const html = (answer.headers.get("content-type") || "").startsWith("text/html");
  const page = html ? await parsed(answer) : null;
  if (!answer.ok || page === null) {
    if (swapped) swapped.back();
    const error = page && page.querySelector("#error");
    const why = error ? error.textContent.trim() : `${answer.status}; load the page again`;
    say(`Not done: ${why}`, "bad");
    return false;
  }
  if (swapped && swapped.keep(page)) return true;
  show(page);
  return false;
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
  // a key that is held down is one answer, not one for each record that comes up
  if (event.repeat || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target)) return;
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

// ---- the coding form: drafts, checks while typing, saving cell by cell ----------------------

const timers = new Map();

const formOf = (cell) => cell.closest("[data-study]").dataset;
const draftOf = (cell) => { const at = formOf(cell); return `draft ${at.file} ${at.study} ${cell.dataset.cell}`; };
const addressOf = (cell) => `/code/${encodeURIComponent(formOf(cell).study)}/${cell.dataset.cell}`;
const fieldOf = (cell) => cell.querySelector("input:not([type=checkbox]), textarea, select");

function valueOf(cell) {
  const field = fieldOf(cell);
  if (field) return field.value;
  return [...cell.querySelectorAll("input:checked")].map((box) => box.value).join(";");
}

function put(cell, text) {
  const field = fieldOf(cell);
  if (field) { field.value = text; return; }
  const words = text.split(";").map((word) => word.trim());
  for (const box of cell.querySelectorAll("input")) box.checked = words.includes(box.value);
}

function state(cell, text, tone, suggestion) {
  const line = cell.querySelector(".state");
  line.className = `state ${tone || ""}`;
  line.textContent = text;
  const field = fieldOf(cell);
  if (field) field.toggleAttribute("aria-invalid", tone === "bad");
  if (suggestion) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.use = suggestion;
    button.textContent = `use ${suggestion}`;
    line.append(" ", button);
  }
}

function refused(cell, said, saved) {
  const allowed = said.allowed ? ` (allowed: ${said.allowed})` : "";
  state(cell, `${saved ? "Not saved: " : ""}${said.message}${allowed}`, "bad", said.suggestion);
}

async function check(cell) {
  const value = valueOf(cell);
  const answer = await ask(`${addressOf(cell)}/check?value=${encodeURIComponent(value)}`, {});
  if (!answer || !answer.ok || value !== valueOf(cell)) return;
  const said = await answer.json();
  if (said.ok) state(cell, said.missing ? "says that it is missing" : "");
  else refused(cell, said, false);
}

// One after another: each is written over the value that the one before it has left.
const saving = new Map();

function save(cell) {
  clearTimeout(timers.get(cell));
  const after = (saving.get(cell) || Promise.resolve()).then(() => write(cell));
  saving.set(cell, after);
}

async function write(cell) {
  const value = valueOf(cell);
  state(cell, "saving …");
  const body = new URLSearchParams({ value, sheet: formOf(cell).sheet, held: cell.dataset.held });
  const answer = await ask(addressOf(cell), {
    method: "POST", body, headers: { ...sender(), accept: "application/json" },
  });
  if (!answer) {
    state(cell, "NOT SAVED: the server does not answer; kept as a draft in this browser", "bad");
    return;
  }
  let said = null;
  try { said = await answer.json(); } catch { said = { message: `refused (${answer.status}); load the page again` }; }
  if (!said.ok) { refused(cell, said, true); return; }
  cell.dataset.held = said.text;
  if (value === valueOf(cell)) {
    localStorage.removeItem(draftOf(cell));
    put(cell, said.text);
    state(cell, "saved", "good");
  }
  const done = byId("done");
  if (done) done.textContent = [...document.querySelectorAll("[data-cell]")].filter(valueOf).length;
}

document.addEventListener("input", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (!cell) return;
  localStorage.setItem(draftOf(cell), valueOf(cell));
  clearTimeout(timers.get(cell));
  timers.set(cell, setTimeout(() => check(cell), 350));
});

document.addEventListener("change", (event) => {
  const cell = event.target.closest("[data-cell]");
  if (cell) {
    const box = event.target;
    if (box.type === "checkbox" && box.checked) { // a mark for missing stands alone
      for (const other of cell.querySelectorAll("input:checked")) {
        if (other !== box && ("alone" in box.dataset || "alone" in other.dataset)) other.checked = false;
      }
      localStorage.setItem(draftOf(cell), valueOf(cell));
    }
    save(cell);
  }
  const domain = event.target.closest("[data-domain]");
  if (domain) judge(domain);
});

async function judge(domain) {
  const { domain: name, kind, tool, unit, by } = domain.dataset;
  const chosen = domain.querySelector("input:checked");
  const rationale = domain.querySelector("textarea").value;
  if ((!chosen || !chosen.value) && rationale) { state(domain, "kept when a judgement is chosen"); return; }
  state(domain, "saving …");
  const body = new URLSearchParams({
    domain: name, kind, tool, unit, by, judgement: chosen ? chosen.value : "", rationale,
  });
  const answer = await ask(domain.closest("[data-judge]").dataset.judge, {
    method: "POST", body, headers: { ...sender(), accept: "application/json" },
  });
  if (!answer) { state(domain, "NOT SAVED: the server does not answer", "bad"); return; }
  let said = null;
  try { said = await answer.json(); } catch { said = { message: `refused (${answer.status})` }; }
  if (said.ok) state(domain, "saved", "good");
  else state(domain, `Not saved: ${said.message}`, "bad");
}

document.addEventListener("click", (event) => {
  const use = event.target.closest("[data-use]");
  if (!use) return;
  const cell = use.closest("[data-cell]");
  put(cell, use.dataset.use);
  save(cell);
});

document.addEventListener("toggle", (event) => {
  const place = event.target.open && event.target.querySelector("[data-later]");
  if (place) load(place, place.dataset.later);
}, true);

function drafts() {
  for (const cell of document.querySelectorAll("[data-cell]")) {
    const kept = localStorage.getItem(draftOf(cell));
    if (kept === null || kept === valueOf(cell)) continue;
    put(cell, kept);
    state(cell, "a draft of this browser that was not saved", "warn");
    check(cell);
  }
}

// ---- long work: progress, cancelling, files that are sent -----------------------------------

function watch() {
  const running = [...document.querySelectorAll('[data-work][data-state="running"]')];
  if (!running.length) return;
  setTimeout(async () => {
    for (const place of running) {
      if (!place.isConnected) continue;
      const answer = await ask(`/running/${place.dataset.work}`, { headers: { accept: "application/json" } });
      const said = answer && answer.ok ? await answer.json() : null;
      if (!said) continue;
      if (said.state !== "running") { await again(); return; }
      place.querySelector("[data-step]").textContent = `${said.name}: ${said.step}`;
      const bar = place.querySelector("progress");
      if (said.total) { bar.max = said.total; bar.value = said.at; }
    }
    watch();
  }, 500);
}

async function again() {
  const answer = await ask(location.href, {});
  if (answer && answer.ok) show(await parsed(answer));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-cancel]");
  if (!button) return;
  button.disabled = true;
  await ask(`/running/${button.dataset.cancel}/cancel`, {
    method: "POST", headers: { ...sender(), accept: "application/json" },
  });
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.upload) return;
  event.preventDefault();
  const given = new FormData(form);
  for (const file of form.querySelector("input[type=file]").files) {
    const query = new URLSearchParams({ name: file.name });
    for (const [name, value] of given) if (typeof value === "string") query.set(name, value);
    say(`sending ${file.name} …`);
    const answer = await ask(`${form.dataset.upload}?${query}`, {
      method: "POST", body: file,
      headers: { ...sender(), accept: "application/json", "content-type": "application/octet-stream" },
    });
    if (!answer || !answer.ok) {
      let text = answer ? `${answer.status}` : "the server does not answer";
      try { text = (await answer.json()).message; } catch { /* no more is known */ }
      say(`${file.name} was not imported: ${text}`, "bad");
      return;
    }
    await finished("import");
  }
  await again();
});

// Files are imported one after another: each knows the records of those before it.
async function finished(name) {
  for (;;) {
    const answer = await ask(`/running/${name}`, { headers: { accept: "application/json" } });
    const said = answer && answer.ok ? await answer.json() : null;
    if (said && said.state !== "running") return;
    say(said ? `${said.step} …` : "the server does not answer");
    await new Promise((done) => setTimeout(done, 400));
  }
}

// ---- beginning -----------------------------------------------------------------------------

function begin() {
  if (localStorage.getItem("marks") === "off") {
    document.body.classList.add("no-marks");
    for (const one of document.querySelectorAll("[data-marks]")) one.setAttribute("aria-pressed", "false");
  }
  for (const place of document.querySelectorAll("[data-load]")) load(place, place.dataset.load);
  drafts();
  watch();
}

begin();
