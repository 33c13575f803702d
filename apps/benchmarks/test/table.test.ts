import { describe, expect, it } from "vitest";
import { formatFigure, formatRatio, formatTable } from "../src/table.js";

describe("figures", () => {
  it("have three significant digits and no exponent", () => {
    expect([0, 0.01234, 1.234, 12.34, 123.4, 12345].map(formatFigure)).toEqual([
      "0",
      "0.0123",
      "1.23",
      "12.3",
      "123",
      "12345",
    ]);
  });

  it("are a dash where nothing was measured", () => {
    expect([formatFigure(undefined), formatFigure(NaN)]).toEqual(["-", "-"]);
    expect([formatRatio(1, undefined), formatRatio(undefined, 1), formatRatio(1, 0)]).toEqual(["-", "-", "-"]);
  });

  it("are ours over the peer's as a ratio", () => {
    expect(formatRatio(31, 50)).toBe("0.62x");
  });
});

describe("a table", () => {
  it("pads every column, text to the left and figures to the right", () => {
    const table = formatTable(
      ["case", "ms"],
      [
        ["a", "1.00"],
        ["longer", "10.0"],
      ],
    );
    expect(table).toBe("| case   |   ms |\n| ------ | ---: |\n| a      | 1.00 |\n| longer | 10.0 |");
  });
});
