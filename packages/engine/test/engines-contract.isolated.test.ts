/**
 * Every engine that loads on this machine obeys the same laws. Engines that do not load are listed
 * with the reason.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { discoverEngines, useEngine, type EngineName } from "../src/index.js";
import { laws } from "./contract/laws.js";
import { runLawsOnSoftwareGpu, softwareGpu, type Report } from "./contract/software-gpu.js";

/** Engines that can run on the software GPU if there is no real one. */
const onWebgpu: readonly EngineName[] = ["onnx-webgpu", "webgpu"];

const statuses = await discoverEngines();
const loading = statuses.filter(({ available }) => available).map(({ name }) => name);
const inProcess = statuses.filter(({ name }) => !loading.includes(name) && softwareGpu && onWebgpu.includes(name));
for (const { name, reason } of statuses) {
  if (loading.includes(name) || inProcess.some((other) => other.name === name)) continue;
  console.warn(`Not tested: the engine "${name}" does not load here: ${reason}`);
}

describe.each(loading)("the engine %s", (name) => {
  beforeAll(async () => {
    await useEngine(name);
  });

  it.each(Object.entries(laws))("%s", async (_, law) => {
    await law();
  });
});

describe.each(inProcess.map(({ name }) => name))("the engine %s on a software GPU", (name) => {
  let report: Report;
  beforeAll(async () => {
    report = await runLawsOnSoftwareGpu(name);
  });

  it("knows what it runs on", () => {
    expect(report.engine).toMatchObject({ name, processor: "software gpu" });
    expect(report.engine.description).toMatch(/SwiftShader/i);
  });

  it.each(Object.keys(laws))("%s", (law) => {
    expect(Object.keys(report.outcomes).length + Object.keys(laws).length).toBeGreaterThan(0);
    expect(report.outcomes[law]).toBeUndefined();
  });
});
