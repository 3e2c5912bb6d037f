"use strict";
// Table of studies, downloads, figures and colours of the report. Text only ever enters the page as
// text (textContent), never as markup.
(function () {
  const FIGURES = {}; // filled in by review.plots.dark_theme
  const $ = (id) => document.getElementById(id);
  const make = (tag, properties, ...children) => {
    const element = Object.assign(document.createElement(tag), properties || {});
    element.append(...children);
    return element;
  };
  const thousands = (n) => n.toLocaleString("en");

  // ---- CSV -------------------------------------------------------------------------------------

  const numeric = /^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$/;
  function csvCell(value) {
    let text = value === null || value === undefined ? "" : String(value);
    if (typeof value === "boolean") text = value ? "yes" : "no";
    if (Array.isArray(value)) text = value.join(";");
    // a spreadsheet program would run such text as a formula
    if ((/^\s*[=+\-@]/.test(text) && !numeric.test(text)) || /^[\t\r]/.test(text)) text = "'" + text;
    return /[",\r\n]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  function download(name, columns, rows) {
    const lines = [columns, ...rows].map((row) => row.map(csvCell).join(","));
    const blob = new Blob([lines.join("\n") + "\n"], { type: "text/csv;charset=utf-8" });
    const address = URL.createObjectURL(blob);
    const link = make("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }
  const MOST_ROWS = 2000; // of a data table on the page
  function textOf(value) {
    if (value === null) return "";
    if (typeof value === "number") return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
    return Array.isArray(value) ? value.join(";") : typeof value === "boolean" ? (value ? "yes" : "no") : value;
  }
  // the file holds the first rows of a long table as HTML, and the others as data
  function completeWhenOpened(holder, all) {
    const body = holder.querySelector("tbody");
    const note = holder.querySelector(".remark");
    const complete = () => {
      const rows = all().rows;
      const missing = rows.slice(body.rows.length, MOST_ROWS);
      body.append(...missing.map((row) => {
        const tr = make("tr");
        tr.append(...row.map((value) => {
          const cell = make("td", { className: typeof value === "number" ? "number" : "" });
          const text = textOf(value);
          if (/^https?:\/\/\S+$/.test(text)) cell.append(make("a", { href: text, rel: "noopener noreferrer" }, text));
          else cell.textContent = text;
          return cell;
        }));
        return tr;
      }));
      if (note) note.hidden = rows.length <= MOST_ROWS;
      if (note && !note.hidden) note.textContent = "The first " + thousands(MOST_ROWS) + " of " + thousands(rows.length) + " rows; the download holds all.";
      if (body.rows.length > 60) holder.querySelector(".scroll").classList.add("tall");
    };
    const fold = holder.querySelector("details");
    if (fold) fold.addEventListener("toggle", complete, { once: true });
    else complete();
  }
  document.querySelectorAll(".table[data-download]").forEach((holder) => {
    const records = holder.querySelector("script.records");
    const all = () => JSON.parse(records.textContent);
    if (records && !records.classList.contains("turned")) completeWhenOpened(holder, all);
    const button = make("button", { type: "button", className: "download" }, "Download CSV");
    button.setAttribute("aria-label", "Download CSV: " + holder.querySelector("caption").textContent);
    button.addEventListener("click", () => {
      if (records) {
        download(holder.dataset.download, all().columns, all().rows);
        return;
      }
      const cells = (row) => Array.from(row.cells, (cell) => cell.textContent);
      const table = holder.querySelector("table");
      const rows = Array.from(table.tBodies[0].rows, cells);
      download(holder.dataset.download, cells(table.tHead.rows[0]), rows);
    });
    (holder.querySelector("details") || holder).append(button);
  });

  // ---- colours ---------------------------------------------------------------------------------

  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme === "dark" || (root.dataset.theme === "auto" && system.matches);
  // the light colours that figures are made with -> their dark counterparts
  const DARK = FIGURES.dark || {};
  const hex = (n) => Number(n).toString(16).padStart(2, "0");
  function translucent(all, r, g, b, alpha) {
    const found = DARK["#" + hex(r) + hex(g) + hex(b)];
    if (!found) return all;
    return "rgba(" + [1, 3, 5].map((i) => parseInt(found.slice(i, i + 2), 16)) + "," + alpha + ")";
  }
  const KEEP = new Set(["x", "y", "z", "text", "customdata", "hovertext", "ids", "labels", "colorscale"]);
  const RGBA = /^rgba\((\d+), ?(\d+), ?(\d+), ?([\d.]+)\)$/;
  const STYLE = /color:\s*(#[0-9a-f]{6})/gi; // in the text of an annotation
  function shaded(value, keep) {
    if (typeof value === "string") {
      return DARK[value.toLowerCase()] || value.replace(RGBA, translucent).replace(STYLE, (all, colour) => all.replace(colour, DARK[colour.toLowerCase()] || colour));
    }
    if (Array.isArray(value)) return value.map((item) => shaded(item, keep));
    if (value && typeof value === "object") {
      const copy = {};
      for (const key in value) copy[key] = keep.has(key) ? value[key] : shaded(value[key], keep);
      return copy;
    }
    return value;
  }

  // ---- figures ---------------------------------------------------------------------------------

  const plots = Array.from(document.querySelectorAll(".plot"), (element) => ({
    element: element, data: element.closest("figure").querySelector("script.figure-data"), shade: null,
    height: element.style.height,
  }));
  function openSource(event) {
    const held = event.points[0] && event.points[0].customdata;
    const address = Array.isArray(held) ? held[0] : held;
    if (typeof address === "string" && /^https?:\/\//.test(address)) {
      window.open(address, "_blank", "noopener,noreferrer");
    }
  }
  function draw(plot, dark, width) {
    const figure = JSON.parse(plot.data.textContent);
    const shown = dark ? { data: shaded(figure.data, KEEP), layout: shaded(figure.layout, new Set()) } : figure;
    // a figure holds a layout for each medium: that of the desktop, and what is other elsewhere
    const media = shown.layout.meta && shown.layout.meta.media;
    plot.medium = width ? "paper" : fitting(plot);
    const layout = Object.assign(changed(shown.layout, (media && media[plot.medium]) || {}),
      { autosize: !width, width: width || undefined });
    if (media) {
      plot.element.style.minWidth = "0";
      if (layout.height) plot.height = layout.height + "px";
    }
    // a figure with columns of text needs room for them: a narrow window scrolls
    const least = (layout.meta && layout.meta.min_width) || 0;
    if (least) plot.element.style.minWidth = width ? "0" : least + "px";
    const height = media ? 0 : parseFloat(plot.height);
    // on paper two figures of the usual height share a page
    const dense = layout.legend2 || shown.data.some((trace) => trace.type === "heatmap");
    const shrunk = width && !dense && height > 430 && height < 720 ? 430 : 0;
    plot.element.style.height = shrunk ? shrunk + "px" : plot.height;
    if (shrunk) layout.height = shrunk;
    Plotly.react(plot.element, shown.data, layout, {
      responsive: !width, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"],
      displayModeBar: "hover",
    });
    if (plot.shade === null) plot.element.on("plotly_click", openSource);
    plot.shade = dark;
  }
  function changed(wide, changes) {
    const made = Object.assign({}, wide);
    const nested = (value) => value && typeof value === "object" && !Array.isArray(value);
    for (const name in changes) {
      if (changes[name] === null) delete made[name];
      else if (nested(changes[name]) && nested(made[name])) made[name] = changed(made[name], changes[name]);
      else made[name] = changes[name];
    }
    return made;
  }
  function fitting(plot) {
    return plot.element.parentNode.clientWidth < FIGURES.narrow ? "phone" : "desktop";
  }
  window.addEventListener("resize", () => plots.forEach((plot) => {
    if (plot.shade !== null && plot.medium !== "paper" && plot.medium !== fitting(plot)) draw(plot, isDark(), 0);
  }));
  function drawAll(dark, width) {
    plots.forEach((plot) => draw(plot, dark, width));
  }
  const seen = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      const plot = plots.find((p) => p.element === entry.target);
      if (plot.stale || plot.shade === null) draw(plot, isDark(), 0);
      plot.stale = false;
      seen.unobserve(entry.target);
    });
  }, { rootMargin: "400px" });
  // the library lies compressed in the page; its text is run as a script, by its hash in the policy
  async function unpack() {
    const packed = $("packed-plotly");
    if (!packed || window.Plotly) return;
    const bytes = Uint8Array.from(atob(packed.textContent.trim()), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    document.head.append(make("script", { textContent: await new Response(stream).text() }));
    packed.remove();
  }
  function tooOld() {
    plots.forEach((plot) => { plot.element.textContent = "This browser is too old to draw the figure. Its data are below."; });
  }
  function start() {
    if (!window.Plotly) return;
    if (location.hash === "#all") drawAll(false, 0);
    plots.forEach((plot) => seen.observe(plot.element));
  }
  if (plots.length && window.Plotly) start();
  else if (plots.length) (window.requestIdleCallback || setTimeout)(() => unpack().then(start, tooOld));
  // a figure in a closed part has no width: it is drawn again when it is seen
  function redraw(plot) {
    if (plot.element.closest("details:not([open])")) {
      plot.stale = true;
      seen.observe(plot.element);
    } else draw(plot, isDark(), 0);
  }
  function recolour() {
    const dark = isDark();
    plots.filter((plot) => plot.shade !== null && plot.shade !== dark).forEach(redraw);
  }
  recolour();
  system.addEventListener("change", recolour);
  const choice = $("theme");
  if (choice) {
    choice.closest(".theme-choice").hidden = false;
    choice.addEventListener("change", () => { root.dataset.theme = choice.value; recolour(); });
  }

  // ---- print -----------------------------------------------------------------------------------

  const PRINT_WIDTH = FIGURES.paper || 670; // A4 without margins, in CSS pixels
  let closed = [];
  window.addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details.fold:not([open]), .contents details:not([open])"));
    closed.forEach((part) => { part.open = true; });
    if (window.Plotly) drawAll(false, PRINT_WIDTH);
    if (table) table.render(true);
  });
  window.addEventListener("afterprint", () => {
    closed.forEach((part) => { part.open = false; });
    closed = [];
    if (window.Plotly) plots.forEach(redraw);
    if (table) table.render(false);
  });

  // ---- table of studies ------------------------------------------------------------------------

  const spoken = (text) => text.replace(/_/g, " ");
  // letter case, accents and the underscores of vocabulary words do not matter in a search
  function fold(text) {
    const plain = /[^\x00-\x7f]/.test(text) ? text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "") : text;
    return spoken(plain.toLowerCase());
  }

  const STUDY = "_study"; // the column with name and link
  function Explorer() {
    const columns = JSON.parse($("study-columns-data").textContent);
    const studies = JSON.parse($("report-data").textContent).studies;
    const place = {};
    studies.columns.forEach((name, i) => { place[name] = i; });
    const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
    const state = { words: [], filters: {}, sort: null, descending: false, page: 0 };
    const head = $("study-table").tHead.rows[0];
    const body = $("study-table").tBodies[0];
    let index = null;
    let order = studies.rows.map((_, i) => i);

    const raw = (i, column) =>
      column.key === STUDY ? studies.labels[i] : studies.rows[i][place[column.key]];
    function shown(i, column) {
      const value = raw(i, column);
      if (value === null) return "";
      if (column.kind === "category") return spoken(value);
      return column.kind === "list" ? spoken(value).replace(/;/g, "; ") : String(value);
    }
    function texts() {
      if (!index) index = studies.rows.map((row, i) => fold(studies.labels[i] + "\n" + row.join("\n")));
      return index;
    }

    // what is shown ---------------------------------------------------------------------------
    function select() {
      const all = state.words.length ? texts() : null;
      const tests = Object.values(state.filters);
      order = [];
      for (let i = 0; i < studies.rows.length; i++) {
        if (all && !state.words.every((word) => all[i].includes(word))) continue;
        if (tests.every((test) => test(i))) order.push(i);
      }
      if (state.sort) sort();
      state.page = 0;
      render(false);
    }
    function sort() {
      const column = state.sort;
      const sign = state.descending ? -1 : 1;
      const number = column.kind === "number";
      const keys = studies.rows.map((_, i) => {
        const value = raw(i, column);
        if (value === null || value === "") return null;
        return number ? Number(value) : shown(i, column);
      });
      order.sort((a, b) => {
        const x = keys[a], y = keys[b];
        // empty cells come last either way
        if (x === null || y === null) return (x === null) - (y === null) || a - b;
        return sign * (number ? x - y : collator.compare(x, y)) || a - b;
      });
    }
    function pageSize() { return Number($("study-page-size").value); }
    function td(i, column) {
      const text = shown(i, column);
      const cell = make("td", { className: column.kind === "number" ? "number" : column.wide ? "wide" : "" });
      if (!text) {
        cell.className += " missing";
        cell.append(make("span", { ariaHidden: "true" }, "–"));
      } else if (column.key === STUDY && studies.links[i]) {
        cell.append(make("a", { href: studies.links[i], rel: "noopener noreferrer" }, text));
      } else {
        cell.textContent = text;
      }
      return cell;
    }
    function render(everything) {
      const visible = columns.filter((column) => column.shown);
      const size = pageSize();
      const pages = Math.max(1, Math.ceil(order.length / size));
      state.page = Math.min(state.page, pages - 1);
      const rows = everything ? order : order.slice(state.page * size, (state.page + 1) * size);
      body.replaceChildren(...rows.map((i) => {
        const row = make("tr");
        row.append(...visible.map((column) => td(i, column)));
        return row;
      }));
      const total = studies.rows.length;
      const of = order.length === total ? "" : " (of " + thousands(total) + ")";
      $("study-status").textContent =
        thousands(order.length) + (order.length === 1 ? " study" : " studies") + of;
      $("study-page").textContent = "Page " + (state.page + 1) + " of " + pages;
      $("study-previous").disabled = state.page === 0;
      $("study-next").disabled = state.page >= pages - 1;
    }
    function header() {
      head.replaceChildren(...columns.filter((column) => column.shown).map((column) => {
        const button = make("button", { type: "button" }, column.label);
        if (column.help) button.title = column.help;
        const th = make("th", { scope: "col", className: column.kind === "number" ? "number" : column.wide ? "wide" : "" }, button);
        if (state.sort === column) th.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
        th.dataset.key = column.key;
        button.addEventListener("click", () => {
          state.descending = state.sort === column && !state.descending;
          state.sort = column;
          header();
          head.querySelector('th[data-key="' + column.key + '"] button').focus();
          select();
        });
        return th;
      }));
    }

    // filters ---------------------------------------------------------------------------------
    function setFilter(key, test) {
      if (test) state.filters[key] = test; else delete state.filters[key];
      const n = Object.keys(state.filters).length;
      $("study-filter-count").textContent = n ? " (" + n + " in use)" : "";
      select();
    }
    function choices(column) {
      const input = make("select", { id: "filter-" + column.key });
      input.append(make("option", { value: "" }, "any"));
      column.choices.forEach((word) => input.append(make("option", { value: "=" + word }, spoken(word))));
      input.append(make("option", { value: "missing" }, "(not stated)"));
      input.addEventListener("change", () => {
        const value = input.value, word = value.slice(1);
        if (!value) setFilter(column.key, null);
        else if (value === "missing") setFilter(column.key, (i) => raw(i, column) === null);
        else if (column.kind === "list") setFilter(column.key, (i) => (raw(i, column) || "").split(";").includes(word));
        else setFilter(column.key, (i) => raw(i, column) === word);
      });
      return make("p", { className: "field" }, make("label", { htmlFor: input.id }, column.label), input);
    }
    function range(column) {
      const ends = ["from", "to"].map((end) => {
        const input = make("input", { type: "number", step: "any", placeholder: end });
        input.setAttribute("aria-label", column.label + ", " + end);
        return input;
      });
      ends.forEach((input) => input.addEventListener("input", () => {
        const low = ends[0].value === "" ? -Infinity : Number(ends[0].value);
        const high = ends[1].value === "" ? Infinity : Number(ends[1].value);
        const none = low === -Infinity && high === Infinity;
        setFilter(column.key, none ? null : (i) => {
          const value = raw(i, column);
          return value !== null && Number(value) >= low && Number(value) <= high;
        });
      }));
      return make("fieldset", { className: "field" }, make("legend", {}, column.label),
        make("span", { className: "range" }, ...ends));
    }
    function chooser(column) {
      const box = make("input", { type: "checkbox", checked: column.shown });
      box.addEventListener("change", () => { column.shown = box.checked; header(); render(false); });
      return make("label", {}, box, column.label);
    }

    // downloads -------------------------------------------------------------------------------
    function save(which) {
      const names = which.map((column) => (column.key === STUDY ? "study_id" : column.key));
      const unique = names.filter((name, i) => names.indexOf(name) === i);
      download(document.querySelector(".explorer").dataset.download, unique,
        order.map((i) => unique.map((name) => studies.rows[i][place[name]])));
    }

    columns.forEach((column) => {
      if (column.choices.length) $("study-filters").append(choices(column));
      else if (column.kind === "number") $("study-filters").append(range(column));
      $("study-columns").append(chooser(column));
    });
    $("study-search").addEventListener("input", () => {
      state.words = fold($("study-search").value).split(/\s+/).filter(Boolean);
      select();
    });
    $("study-page-size").addEventListener("change", () => { state.page = 0; render(false); });
    $("study-previous").addEventListener("click", () => { state.page--; render(false); });
    $("study-next").addEventListener("click", () => { state.page++; render(false); });
    $("study-csv").addEventListener("click", () => save(columns.filter((column) => column.shown)));
    $("study-csv-all").addEventListener("click", () => save(studies.columns.map((key) => ({ key: key }))));
    document.querySelectorAll(".explorer .tools, .explorer .pages").forEach((part) => { part.hidden = false; });
    header();
    render(false);
    // the texts that are searched are made before somebody searches, when the browser has time
    (window.requestIdleCallback || setTimeout)(texts);
    return { render: render };
  }
  const table = $("study-columns-data") ? Explorer() : null;

  // ---- parts that are closed --------------------------------------------------------------------

  function reveal(hash) {
    if (hash === "#all") document.querySelectorAll("details.fold").forEach((part) => { part.open = true; });
    const target = hash.length > 1 ? $(decodeURIComponent(hash.slice(1))) : null;
    if (!target) return;
    const inner = target.matches("section") ? target.querySelector("details.fold") : null;
    for (let part = inner || target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    target.scrollIntoView();
  }
  window.addEventListener("hashchange", () => reveal(location.hash));
  // the same link again changes no address
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (link && link.hash === location.hash) reveal(link.hash);
  });
  reveal(location.hash);

  // ---- contents --------------------------------------------------------------------------------

  const contents = document.querySelector(".contents details");
  if (contents && window.matchMedia("(max-width: 63.99rem)").matches) contents.open = false;
  const links = new Map(Array.from(document.querySelectorAll(".contents a"), (a) => [a.hash.slice(1), a]));
  const spy = new IntersectionObserver((entries) => {
    entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
      links.forEach((link) => link.removeAttribute("aria-current"));
      const link = links.get(entry.target.id);
      if (link) link.setAttribute("aria-current", "true");
    });
  }, { rootMargin: "-10% 0px -80% 0px" });
  document.querySelectorAll(".appendix > section").forEach((section) => spy.observe(section));
})();
