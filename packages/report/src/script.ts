/**
 * The script of reports, inline in the page: values under the pointer, and a logarithmic scale.
 *
 * It reads the axes of a chart and the points of its curves from data attributes. Without it a page
 * shows the same curves.
 */
import { canvas } from "./plot.js";

const { width, height, left, right, top, bottom } = canvas;

export const script = `
(() => {
  const area = { left: ${left}, right: ${width - right}, top: ${top}, bottom: ${height - bottom} };
  const short = (value) => {
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e6 || 1e-3 > size) ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  };
  const charts = [...document.querySelectorAll("svg[data-x]")];
  const svg = (name, attributes, text = "") => {
    const element = document.createElementNS(charts[0].namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text;
    return element;
  };
  const pairs = (text) => text.split(" ").map((pair) => pair.split(",").map(Number));

  for (const chart of charts) {
    const paths = [...chart.querySelectorAll("path[data-points]")];
    if (paths.length === 0) continue;
    const curves = paths.map((path) => ({ path, name: path.dataset.name, points: pairs(path.dataset.points) }));
    const [x0, x1] = chart.dataset.x.split(" ").map(Number);
    const linear = chart.dataset.y.split(" ").map(Number);
    const ticks = chart.querySelector(".ticks");
    const drawn = { ticks: ticks.innerHTML, d: paths.map((path) => path.getAttribute("d")) };
    const heights = curves.flatMap(({ points }) => points.map(([, y]) => y));
    const [least, most] = [Math.min(...heights), Math.max(...heights)];
    let log = false;
    const across = (x) => area.left + ((x - x0) / (x1 - x0)) * (area.right - area.left);
    const up = (y) => {
      const [low, high] = log ? [Math.log(least), Math.log(most)] : linear;
      return area.bottom - (((log ? Math.log(y) : y) - low) / (high - low)) * (area.bottom - area.top);
    };

    const redraw = () => {
      curves.forEach(({ path, points }, i) => {
        const d = points.map(([x, y], k) => (k === 0 ? "M" : "L") + across(x).toFixed(1) + " " + up(y).toFixed(1)).join("");
        path.setAttribute("d", log ? d : drawn.d[i]);
      });
      if (!log) return (ticks.innerHTML = drawn.ticks);
      const levels = [];
      for (let power = Math.ceil(Math.log10(least)); Math.log10(most) >= power; power++) levels.push(10 ** power);
      const few = levels.length > 1 ? levels.filter((_, i) => i % Math.ceil(levels.length / 5) === 0) : [least, Math.sqrt(least * most), most];
      ticks.replaceChildren(...few.flatMap((level) => [
        svg("line", { class: "grid", x1: area.left, x2: area.right, y1: up(level), y2: up(level) }),
        svg("text", { x: area.left - 6, y: up(level), dy: "0.32em", "text-anchor": "end" }, short(level)),
      ]));
    };

    if (least > 0 && most > 2 * least) {
      const button = svg("text", { class: "toggle", x: area.left, y: ${height - 4}, role: "button", tabindex: 0, "aria-pressed": false }, "log scale");
      const toggle = () => {
        log = !log;
        button.setAttribute("aria-pressed", log);
        redraw();
      };
      button.addEventListener("click", toggle);
      button.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        toggle();
      });
      chart.append(button);
    }

    const note = chart.querySelector(".last") ?? chart.appendChild(svg("text", { class: "last", x: area.right, y: 18, "text-anchor": "end" }));
    const before = note.textContent;
    const named = curves.filter(({ name }) => name !== undefined);
    const dots = named.map(({ path }) => chart.appendChild(svg("circle", { class: "probe " + path.getAttribute("class"), r: 3, visibility: "hidden" })));
    chart.addEventListener("pointermove", (event) => {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse()).x;
      const x = x0 + ((at - area.left) / (area.right - area.left)) * (x1 - x0);
      const nearest = named.map(({ points }) => points.reduce((best, point) => (Math.abs(best[0] - x) > Math.abs(point[0] - x) ? point : best)));
      nearest.forEach(([px, py], i) => {
        dots[i].setAttribute("cx", across(px));
        dots[i].setAttribute("cy", up(py));
        dots[i].setAttribute("visibility", "visible");
      });
      const values = nearest.map(([, y]) => short(y)).join(", ");
      note.textContent = short(nearest[0][0]) + ": " + values;
    });
    chart.addEventListener("pointerleave", () => {
      note.textContent = before;
      for (const dot of dots) dot.setAttribute("visibility", "hidden");
    });
  }
})();
`;
