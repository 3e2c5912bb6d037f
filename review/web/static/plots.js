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

// The same in a forest plot that is drawn as SVG: a click on the square of a study.
document.addEventListener("click", (event) => {
  const mark = event.target.closest('[data-mark="study"]');
  if (!mark) return;
  const name = mark.parentElement.querySelector("text").textContent.trim();
  const links = [...document.querySelectorAll("a[data-label]")];
  const link = links.find((one) => one.dataset.label === name)
    || links.find((one) => one.dataset.label.startsWith(name));
  if (link) location.assign(link.href);
});
