"use strict";
// Draws each panel from the JSON beside it; a click on a point opens the study's source.
document.querySelectorAll("script.figure-data").forEach(function (holder) {
  var figure = JSON.parse(holder.textContent);
  var plot = document.getElementById(holder.dataset.plot);
  // a figure with columns of text needs room for them: a narrow window scrolls
  if (figure.layout.meta && figure.layout.meta.min_width) {
    plot.style.minWidth = figure.layout.meta.min_width + "px";
    plot.parentNode.style.overflowX = "auto";
  }
  Plotly.newPlot(plot, figure.data, figure.layout, {
    responsive: true,
    displaylogo: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d"],
  });
  plot.on("plotly_click", function (event) {
    var held = event.points[0] && event.points[0].customdata;
    var address = Array.isArray(held) ? held[0] : held;
    if (typeof address === "string" && /^https?:\/\//.test(address)) {
      window.open(address, "_blank", "noopener,noreferrer");
    }
  });
});
