import { describe, expect, it } from "vitest";
import { onePerCore, parseCpuList } from "../src/machine.js";

describe("physical cores", () => {
  it("reads the kernel's lists", () => {
    expect(parseCpuList("0-2,5\n")).toEqual([0, 1, 2, 5]);
    expect(parseCpuList("7")).toEqual([7]);
    expect(parseCpuList("")).toEqual([]);
  });

  it("takes one processor of each core, of those allowed", () => {
    const siblings = (cpu: number) => [cpu % 4, (cpu % 4) + 4];
    expect(onePerCore([0, 1, 2, 3, 4, 5, 6, 7], siblings)).toEqual([0, 1, 2, 3]);
    expect(onePerCore([1, 5, 6], siblings)).toEqual([1, 6]);
  });
});
