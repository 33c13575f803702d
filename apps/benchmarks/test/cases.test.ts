import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { cases } from "../src/cases/index.js";

beforeAll(async () => {
  await useEngine("onnx");
});

describe("every case", () => {
  it.each(cases)("$name runs and gives finite numbers", async (one) => {
    const { call } = await one.prepare();
    expect(await call()).toSatisfy(Number.isFinite);
    expect(await call()).toSatisfy(Number.isFinite);
  });

  it("has a name of its own", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });
});
