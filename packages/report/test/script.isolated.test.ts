/** The script of a page, in Debian's headless chromium: the pointer, the scale, narrow screens. */
import { existsSync } from "node:fs";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { charts, curvesChart, definitions, lineChart, page, section, table } from "../src/index.js";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
if (executablePath === undefined) console.warn("Not tested in a browser: chromium is not installed here.");

const decay = Array.from({ length: 40 }, (_, i) => [i, 100 * 0.8 ** i] as const);
const html = page({
  title: "A page",
  body: [
    charts([
      lineChart({ title: "loss", xLabel: "iteration", points: decay }),
      curvesChart(
        [
          { name: "a", points: decay.map(([x]) => [x, 2 * x - 3] as const) },
          { name: "b", points: decay.map(([x]) => [x, -x] as const) },
        ],
        { title: "both", xLabel: "iteration" },
      ),
    ]),
    section("Numbers", table(["", ..."abcdefgh"], [["a rather long name", ...Array<string>(8).fill("12,345.678")]])),
    section("Settings", definitions([["options.a.rather.long.name.of.a.setting", "x".repeat(200)]])),
  ],
});

describe.skipIf(executablePath === undefined)("a page in a browser", () => {
  let browser: Browser;
  let shown: Page;
  const chart = (i: number) => shown.locator("svg.chart").nth(i);
  /** Moves the pointer to a share of the width of a chart. */
  const point = async (i: number, share: number): Promise<void> => {
    const { x, y, width, height } = (await chart(i).boundingBox())!;
    await shown.mouse.move(x + share * width, y + height / 2);
  };

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ["--no-sandbox"] });
    shown = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    await shown.setContent(html);
  });
  afterAll(() => browser?.close());

  it("shows the values under the pointer, and the last one when it leaves", async () => {
    const note = chart(0).locator(".last");
    const before = await note.textContent();
    // The axis of 0 to 39 lies between 54 and 408 of 420.
    await point(0, (54 + (10 / 39) * 354) / 420);
    expect(await note.textContent()).toBe("10: 10.74");
    await point(1, (54 + (10 / 39) * 354) / 420);
    expect(await chart(1).locator(".last").textContent()).toBe("10: 17, -10");
    expect(await note.textContent()).toBe(before);
  });

  it("draws a positive curve on a logarithmic scale and back", async () => {
    const path = chart(0).locator("path.curve");
    const linear = await path.getAttribute("d");
    await chart(0).locator(".toggle").click();
    const heights = [...(await path.getAttribute("d"))!.matchAll(/[ML]\S+ (\S+?)(?=L|$)/g)].map(([, y]) => Number(y));
    // The logarithm of a geometric decay is a straight line.
    const slopes = heights.slice(1).map((y, i) => y - heights[i]!);
    for (const slope of slopes) expect(Math.abs(slope - slopes[0]!)).toBeLessThan(0.21);
    expect(await chart(0).locator(".ticks text").allTextContents()).toEqual(["0.1", "1", "10", "100"]);
    await chart(0).locator(".toggle").click();
    expect(await path.getAttribute("d")).toBe(linear);
    expect(await chart(1).locator(".toggle").count()).toBe(0);
  });

  it("never makes a narrow screen scroll sideways", async () => {
    await shown.setViewportSize({ width: 375, height: 700 });
    expect(await shown.evaluate("document.documentElement.scrollWidth")).toBe(375);
  });
});
