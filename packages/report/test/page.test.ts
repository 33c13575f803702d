/** Pages are self-contained: well-formed markup, escaped text, no external resources. */
import { expect, it } from "vitest";
import {
  charts,
  definitions,
  evenly,
  excerpt,
  facts,
  figure,
  notes,
  page,
  paragraph,
  pictures,
  rankPlot,
  section,
  table,
  tracePlot,
} from "../src/index.js";
import { script } from "../src/script.js";
import { all, parse, textOf } from "./support.js";

const nasty = `<script>alert("1")</script> & 'two'`;
const png = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
const whole = page({
  title: nasty,
  lines: [nasty],
  body: [
    facts([[nasty, nasty]]),
    notes([nasty], "bad"),
    section(nasty, paragraph(nasty), table([nasty, "b"], [[nasty, { text: nasty, bad: true }]])),
    section("empty", charts([]), pictures([])),
    charts([
      tracePlot([[1, 2, 3]], { title: nasty, level: { value: 2, name: nasty } }),
      rankPlot([[1, 2]], { title: nasty }),
    ]),
    figure(png, { caption: nasty }),
    definitions([[nasty, nasty]]),
  ],
});

it("shows the first lines of a text, escaped, and says how many there are", () => {
  const shown = excerpt(`${nasty}\ntwo\nthree\n`, { caption: "of a run", lines: 2 });
  const root = parse(page({ title: "t", body: [shown] }));
  expect(textOf(all(root, "pre")[0]!)).toBe(`${nasty}\ntwo`);
  expect(textOf(all(root, "figcaption")[0]!)).toBe("of a run, 2 of 3 lines");
  expect(
    textOf(all(parse(page({ title: "t", body: [excerpt("a\n", { caption: "c", lines: 2 })] })), "figcaption")[0]!),
  ).toBe("c");
});

it("is well-formed, and gives every text back as it was", () => {
  const root = parse(whole);
  for (const [name, count] of [
    ["h1", 1],
    ["li", 1],
    ["h2", 1],
    ["th", 2],
    ["code", 1],
    ["figcaption", 1],
  ] as const) {
    expect(all(root, name)).toHaveLength(count);
    expect(textOf(all(root, name)[0]!)).toBe(nasty);
  }
  expect(all(root, "td", "bad").map(textOf)).toEqual([nasty]);
});

it("shows of many the first, the last, and what lies evenly between", () => {
  expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
  const hundred = Array.from({ length: 100 }, (_, i) => i);
  expect(evenly(hundred, 4)).toEqual([0, 33, 66, 99]);
});

it("has the script of its plots alone, and asks for nothing outside itself", () => {
  const root = parse(whole);
  expect(all(root, "script").map(textOf)).toEqual([script]);
  expect(all(root, "link")).toEqual([]);
  expect(whole.replaceAll(/data:image\/png;base64,[\w+/=]+/g, "")).not.toMatch(/https?:|url\(|@import|src="(?!")/);
});

it("shows small pictures large, but not as large as the page", () => {
  const small = Uint8Array.from(png);
  new DataView(small.buffer).setUint32(16, 50);
  expect(all(parse(figure(small, { caption: "" })), "img")[0]!.attributes["style"]).toBe("max-width:300px");
});

it("holds pictures whole", () => {
  const source = all(parse(whole), "img")[0]!.attributes["src"]!;
  expect(Uint8Array.from(Buffer.from(source.replace("data:image/png;base64,", ""), "base64"))).toEqual(png);
});

it("names its plots and pictures for those who cannot see them", () => {
  const root = parse(whole);
  for (const svg of all(root, "svg")) {
    expect(svg.attributes).toMatchObject({ role: "img", "aria-label": nasty });
    expect(all(svg, "title").map(textOf)).toEqual([nasty]);
    expect(textOf(all(svg, "desc")[0]!)).not.toBe("");
  }
  expect(all(root, "img")[0]!.attributes["alt"]).toBe(nasty);
});
