import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { cases } from "../src/cases/index.js";
import { expectFinite, isLarge } from "./runs.js";

beforeAll(async () => {
  await useEngine("onnx");
});

describe("every case", () => {
  it.each(cases.filter((one) => !isLarge(one)))("$name runs and gives finite numbers", expectFinite);

  it("has a name of its own", () => {
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });
});
