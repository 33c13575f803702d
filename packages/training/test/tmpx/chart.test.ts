import { it } from "vitest";
import sharp from "sharp";
import { lineChart } from "../../src/chart.js";
import { reportStyle } from "../../src/report-style.js";
it("x", async () => {
  process.chdir("/tmp");
  await import("./readme.js");
  const css = reportStyle.replace(/@media[^\n]*/, "").replace(/var\(--(\w+)\)/g, (_, n) => ({ bg: "#fff", fg: "#1c1f24", soft: "#666d78", line: "#e3e6ea", card: "#f7f8fa", accent: "#2464c8", faint: "#2464c840" })[n as string] ?? "#000");
  const pts = Array.from({ length: 400 }, (_, i) => [i * 10, Math.exp(-i / 80) + 0.1 * Math.sin(i * 7)] as const);
  const svg = lineChart({ title: "reconstruction error", xLabel: "iteration", points: pts }).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ').replace(/<text class="title"/, `<style>${css}</style><text class="title"`);
  await sharp(Buffer.from(svg), { density: 144 }).flatten({ background: "#fff" }).png().toFile("/tmp/chart.png");
});
