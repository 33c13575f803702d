import { describe, expect, it } from "vitest";
import { reportScores } from "../src/evaluation/report-scores.js";
import { painted, painter } from "../src/terminal/colour.js";
import { erased } from "../src/terminal/progress.js";

const stream = (isTTY: boolean, colours: boolean) => ({ isTTY, hasColors: () => colours }) as NodeJS.WriteStream;

describe("colours", () => {
  it("mark the beginnings of messages on a terminal that has colours, and nowhere else", () => {
    const text = "error: no\nnote: an error: here\nrun  runs/a\niter 1/2  ██▌  50%";
    const plain = [stream(false, true), stream(true, false)].map((to) => painted(text, painter(to)));
    expect(plain).toEqual([text, text]);
    const shown = painted(text, painter(stream(true, true)));
    expect(shown.replace(/\u001b\[\d+m/g, "")).toBe(text);
    for (const mark of ["error:", "note:", "run", "██▌"]) expect(shown).toContain(`m${mark}\u001b[`);
    expect(shown).toContain(" an error: here");
  });
});

it("a line that a narrower terminal shows as three rows is erased as three", () => {
  expect(erased("x".repeat(70), 80)).toBe("\r\u001b[2K");
  expect(erased("x".repeat(70), 30)).toBe(`\r\u001b[2K${"\u001b[1A\u001b[2K".repeat(2)}`);
  expect(erased("", 30)).toBe("\r\u001b[2K");
});

it("texts of scores become rows and remarks", () => {
  const text = "nats              3.519   10,000 points\n\nnote: few points";
  expect(reportScores({ a: {} }, () => text)).toEqual([
    { title: "a", rows: [["nats", "3.519   10,000 points"]], notes: ["note: few points"] },
  ]);
});
