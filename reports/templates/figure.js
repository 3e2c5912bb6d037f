"use strict";
const FIGURES = {}; // filled in by review.plots.dark_theme
// Draws each panel from the JSON beside it; a click on a point opens the study's source.
document.querySelectorAll("script.figure-data").forEach(function (holder) {
  var figure = JSON.parse(holder.textContent);
  var plot = document.getElementById(holder.dataset.plot);
  // a figure with columns of text needs room for them: a narrow window scrolls
  if (figure.layout.meta && figure.layout.meta.min_width) {
    plot.style.minWidth = figure.layout.meta.min_width + "px";
    plot.parentNode.style.overflowX = "auto";
  }
  var shown = null;
  // a figure holds a layout for each medium: that of the desktop, and what is other elsewhere
  function changed(wide, changes) {
    var made = Object.assign({}, wide);
    Object.keys(changes).forEach(function (name) {
      var value = changes[name], before = made[name];
      if (value === null) delete made[name];
      else if (before && typeof value === "object" && typeof before === "object"
        && !Array.isArray(value) && !Array.isArray(before)) made[name] = changed(before, value);
      else made[name] = value;
    });
    return made;
  }
  function draw(medium, width) {
    var own = (figure.layout.meta && figure.layout.meta.media) || {};
    var layout = Object.assign(changed(figure.layout, own[medium] || {}), width ? { width: width } : {});
    if (layout.height) plot.style.height = layout.height + "px";
    shown = medium;
    return Plotly.react(plot, JSON.parse(holder.textContent).data, layout, {
      responsive: !width,
      displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d"],
    });
  }
  function fitting() {
    return plot.parentNode.clientWidth < FIGURES.narrow ? "phone" : "desktop";
  }
  draw(fitting());
  window.addEventListener("resize", function () { if (shown !== "paper" && fitting() !== shown) draw(fitting()); });
  window.addEventListener("beforeprint", function () {
    draw("paper", Math.min(FIGURES.paper, plot.parentNode.clientWidth || FIGURES.paper));
  });
  window.addEventListener("afterprint", function () { draw(fitting()); });
  plot.on("plotly_click", function (event) {
    var held = event.points[0] && event.points[0].customdata;
    var address = Array.isArray(held) ? held[0] : held;
    if (typeof address === "string" && /^https?:\/\//.test(address)) {
      window.open(address, "_blank", "noopener,noreferrer");
    }
  });
});
