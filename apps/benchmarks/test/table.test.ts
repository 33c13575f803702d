import { describe, expect, it } from "vitest";
import { formatFigure, formatSpeedUp, formatTable } from "../src/table.js";

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
    expect([formatSpeedUp(1, undefined), formatSpeedUp(undefined, 1), formatSpeedUp(0, 1)]).toEqual(["-", "-", "-"]);
  });

  it("are the reference's time over ours as a speed", () => {
    expect([formatSpeedUp(30, 45), formatSpeedUp(45, 30), formatSpeedUp(1000, 12.3)]).toEqual([
      "1.50x",
      "0.67x",
      "0.0123x",
    ]);
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

  it("has as many columns of text as told", () => {
    expect(formatTable(["case", "on"], [["a", "x"]], 2)).toBe("| case | on |\n| ---- | -- |\n| a    | x  |");
  });
});
