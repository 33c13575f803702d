import { describe, expect, it } from "vitest";
import { bar, columns, duration, rate, short, withThousands, words } from "../src/terminal/format.js";

describe("format", () => {
  it("groups thousands", () => {
    expect([0, 999, 1000, 1234567].map(withThousands)).toEqual(["0", "999", "1,000", "1,234,567"]);
  });

  it("writes durations, unknown ones as dashes", () => {
    expect([0, 7.4, 59.6, 754, 3723, Infinity, NaN, -1].map(duration)).toEqual([
      "0:00",
      "0:07",
      "1:00",
      "12:34",
      "1:02:03",
      "--:--",
      "--:--",
      "--:--",
    ]);
  });

  it("keeps three significant digits", () => {
    expect([0, 0.067234, -9.8765, 12.345, 1234.5, 1.23e-7, -2.5e8, NaN, Infinity].map(short)).toEqual([
      "0",
      "0.0672",
      "-9.88",
      "12.3",
      "1,235",
      "1.2e-7",
      "-2.5e+8",
      "NaN",
      "Infinity",
    ]);
  });

  it("turns a slow rate around", () => {
    expect([5.23, 250, 0.32, 0].map(rate)).toEqual(["5.2 it/s", "250 it/s", "3.1 s/it", "-- it/s"]);
  });

  it("reads names as words", () => {
    expect(["energyGap", "latentStdPositive", "loss", "a_b.c"].map(words)).toEqual([
      "energy gap",
      "latent std positive",
      "loss",
      "a b c",
    ]);
  });

  it("draws a bar of constant width, from empty to full", () => {
    for (let i = 0; i <= 100; i++) expect([...bar(i / 100, 12)]).toHaveLength(12);
    expect(bar(0, 4)).toBe("    ");
    expect(bar(0.5, 4)).toBe("██  ");
    expect(bar(1, 4)).toBe("████");
    expect(bar(7, 4)).toBe("████");
    expect(bar(9 / 16, 2)).toBe("█▏");
  });

  it("aligns columns", () => {
    expect(
      columns([
        ["a", "one"],
        ["long", "two"],
      ]),
    ).toBe("a     one\nlong  two");
  });
});
