// Draws the figures of a page from the JSON beside them; a click on a study leaves it out.
"use strict";

for (const holder of document.querySelectorAll("script.figure-data")) {
  const figure = JSON.parse(holder.textContent);
  const plot = document.getElementById(holder.dataset.plot);
  const least = figure.layout.meta && figure.layout.meta.min_width;
  if (least) plot.style.minWidth = `${least}px`;
  Plotly.newPlot(plot, figure.data, figure.layout, {
    responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"],
  }).then(() => plot.classList.add("drawn"));
  plot.on("plotly_click", (event) => {
    const text = String((event.points[0] && event.points[0].text) || "");
    const label = (/^<b>(.*?)<\/b>/.exec(text) || [])[1];
    const links = [...document.querySelectorAll("a[data-label]")];
    const link = links.find((one) => one.dataset.label === label);
    if (link) location.assign(link.href);
  });
}
