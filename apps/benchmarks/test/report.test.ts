import { describe, expect, it } from "vitest";
import { milliseconds } from "../src/case.js";
import type { Measurement } from "../src/measure.js";
import { formatResults } from "../src/report.js";

const measurement = (about: string, medianMs: number): Measurement => ({
  about,
  threads: 2,
  medianMs,
  quartilesMs: [medianMs, medianMs],
  samplesMs: [medianMs],
  quietSamples: 0,
  firstCallMs: 500,
  peakMiB: 200,
});
const chain = { name: "chain", title: "a chain", unit: milliseconds };

describe("the printed results", () => {
  it("put PyTorch and the ratio to it beside our engines", () => {
    const outcomes = { onnx: measurement("ONNX Runtime", 20), PyTorch: measurement("PyTorch 2", 40) };
    const text = formatResults([{ case: chain, outcomes }]);
    const row = text
      .split("\n")[2]!
      .split("|")
      .map((cell) => cell.trim());
    expect(row.slice(1, -1)).toEqual(["chain: a chain", "ms", "20.0", "-", "40.0", "0.50x", "200", "200"]);
    expect(text).toContain("First call on onnx (recording and loading): chain 0.500 s");
    expect(text).toContain("PyTorch: PyTorch 2, 2 threads");
  });

  it("name a failure instead of hiding it", () => {
    const text = formatResults([{ case: chain, outcomes: { onnx: { error: "no such kernel" } } }]);
    expect(text).toMatch(/\| +failed \|/);
    expect(text).toContain("chain failed on onnx: no such kernel");
  });
});
