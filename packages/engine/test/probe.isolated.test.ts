/** The blocked layout is used only where it is proven. Physical cores are counted. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { provenBlock, type RunOnce } from "../src/onnx/blocked/probe.js";
import { physicalCores } from "../src/onnx/cores.js";
import { runOnce } from "./run-once.js";

describe("provenBlock", () => {
  it("is a whole number of channels, or undefined where there is no blocked layout", async () => {
    expect([8, 16, 32, undefined]).toContain(await provenBlock(runOnce));
  });

  it("is undefined when a model is refused", async () => {
    expect(await provenBlock(() => Promise.reject(new Error("no such operator")))).toBeUndefined();
  });

  it.each(["out0", "out1", "out2", "out3"])("is undefined when %s of the blocked model is wrong", async (name) => {
    let calls = 0;
    const spoiled: RunOnce = async (model, feeds) => {
      const results = await runOnce(model, feeds);
      // The third model is the blocked one. The first finds the block size, the second gives the
      // expected numbers with standard operators.
      if (++calls === 3) (results[name]!.data as Float32Array)[7]! += 1;
      return results;
    };
    expect(await provenBlock(spoiled)).toBeUndefined();
    expect([1, 3]).toContain(calls);
  });
});

describe("physicalCores", () => {
  const withTopology = (siblings: readonly string[], check: (folder: string) => void): void => {
    const folder = mkdtempSync(join(tmpdir(), "cores-"));
    siblings.forEach((list, i) => {
      mkdirSync(join(folder, `cpu${i}`, "topology"), { recursive: true });
      writeFileSync(join(folder, `cpu${i}`, "topology", "thread_siblings_list"), `${list}\n`);
    });
    mkdirSync(join(folder, "cpufreq"));
    check(folder);
    rmSync(folder, { recursive: true });
  };

  it("counts processors that share a core once", () =>
    withTopology(["0,2", "1,3", "0,2", "1,3"], (folder) => expect(physicalCores(folder, 4)).toBe(2)));

  it("is not more than the process may use", () =>
    withTopology(["0", "1", "2", "3"], (folder) => expect(physicalCores(folder, 2)).toBe(2)));

  it("takes every processor for a core where the topology is not told", () => {
    withTopology([], (folder) => expect(physicalCores(folder, 6)).toBe(6));
    expect(physicalCores(join(tmpdir(), "not there"), 6)).toBe(6);
  });
});
