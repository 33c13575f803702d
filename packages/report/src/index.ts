/** Reports as one self-contained HTML page with SVG plots. Pure functions from data to text. */
export { evenly } from "./evenly.js";
export { escapeHtml, formatNumber } from "./text.js";
export {
  captioned,
  charts,
  definitions,
  excerpt,
  facts,
  figure,
  notes,
  page,
  pairs,
  paragraph,
  pictures,
  section,
  table,
} from "./page.js";
export type { Cell, ExcerptOptions, FigureOptions, PageOptions } from "./page.js";
export { curvesChart, lineChart } from "./line-chart.js";
export type { Curve, LineChartOptions } from "./line-chart.js";
export { correlationPlot, rankPlot, tracePlot } from "./chain-plots.js";
export type { Series, TraceOptions } from "./chain-plots.js";
export { histogramPlot, scatterPlot } from "./distribution-plots.js";
export type { Sample, ScatterOptions } from "./distribution-plots.js";
export type { Point } from "./plot.js";
