import { describe, expect, it } from "vitest";
import { milliseconds } from "../src/case.js";
import type { Measurement } from "../src/measure.js";
import { disagreements, formatResults } from "../src/report.js";

const measurement = (about: string, medianMs: number, fingerprint: number[] = []): Measurement => ({
  about,
  threads: 2,
  medianMs,
  quartilesMs: [medianMs - 1, medianMs + 1],
  samplesMs: [medianMs],
  quietSamples: 0,
  firstCallMs: 500,
  peakMiB: 200,
  fingerprint,
});
const chain = { name: "chain", title: "a chain", unit: milliseconds };
const cellsOf = (line: string): string[] =>
  line
    .split("|")
    .map((cell) => cell.trim())
    .slice(1, -1);

describe("the printed results", () => {
  it("have a row for everyone, with speed relative to PyTorch", () => {
    const outcomes = {
      onnx: measurement("ONNX Runtime", 20, [10, 3]),
      PyTorch: measurement("PyTorch 2", 40, [10.0001, 3]),
      JAX: measurement("JAX 0", 50, [10, 3]),
    };
    const text = formatResults([{ case: chain, outcomes }]);
    expect(text.split("\n").slice(2, 5).map(cellsOf)).toEqual([
      ["chain", "onnx", "20.0 ms", "19.0 to 21.0", "2.00x", "200", "-"],
      ["", "PyTorch", "40.0 ms", "39.0 to 41.0", "1.00x", "200", "1e-5"],
      ["", "JAX", "50.0 ms", "49.0 to 51.0", "0.80x", "200", "0e+0"],
    ]);
    expect(text).toContain("chain: a chain");
    expect(text).toContain("First call on onnx (recording and loading): chain 0.500 s");
    expect(text).toContain("PyTorch: PyTorch 2, 2 threads");
  });

  it("know no speed without PyTorch", () => {
    const text = formatResults([{ case: chain, outcomes: { onnx: measurement("ONNX Runtime", 20) } }]);
    expect(cellsOf(text.split("\n")[2]!)).toEqual(["chain", "onnx", "20.0 ms", "19.0 to 21.0", "-", "200", "-"]);
  });

  it("tell how many samples were taken in quiet moments, where those were waited for", () => {
    const outcomes = { onnx: { ...measurement("ONNX Runtime", 20), samplesMs: [20, 21, 19], quietSamples: 2 } };
    expect(formatResults([{ case: chain, outcomes }], { gated: true })).toContain("quiet moments: chain 2 of 3");
    expect(formatResults([{ case: chain, outcomes }])).not.toContain("quiet moments");
  });

  it("name a failure instead of hiding it", () => {
    const text = formatResults([{ case: chain, outcomes: { onnx: { error: "no such kernel" } } }]);
    expect(text).toMatch(/\| +failed \|/);
    expect(text).toContain("chain failed on onnx: no such kernel");
  });

  it("name whoever computed something else than ours", () => {
    const result = {
      case: chain,
      outcomes: {
        onnx: measurement("ONNX Runtime", 20, [10, 3]),
        PyTorch: measurement("PyTorch 2", 40, [10, -3]),
        JAX: measurement("JAX 0", 40, [10, 3]),
      },
    };
    expect(disagreements(result)).toEqual([
      "chain on PyTorch gives other results: they differ by 6.0e-3, expected 0.0001 or less.",
    ]);
    expect(formatResults([result])).toContain(disagreements(result)[0]);
  });
});
