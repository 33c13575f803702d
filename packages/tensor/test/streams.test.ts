import { afterEach, describe, expect, it, vi } from "vitest";
import { random } from "../src/index.js";
import { fillNormals, fillWords } from "../src/streams.js";
import { fillUint32, xoshiroState } from "../src/xoshiro.js";
import { fillNormal } from "../src/ziggurat.js";

const sameBits = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

describe("streams in WebAssembly", () => {
  // Sizes around those of short arrays and blocks. 300,000 normals hold about 80 of the tail.
  it.each([0, 1, 63, 64, 65, 16383, 16384, 16385, 300000])("give JavaScript's numbers: %d of them", (size) => {
    const [ours, theirs] = [xoshiroState(5, 6, 7, 8), xoshiroState(5, 6, 7, 8)];
    const words = [new Uint32Array(size), new Uint32Array(size)] as const;
    fillWords(ours, words[0]);
    fillUint32(theirs, words[1]);
    expect(sameBits(...words)).toBe(true);
    expect(ours).toEqual(theirs);
    const normals = [new Float32Array(size), new Float32Array(size)] as const;
    fillNormals(ours, normals[0], -0.3, 1.7);
    fillNormal(theirs, normals[1], -0.3, 1.7);
    expect(sameBits(...normals)).toBe(true);
    expect(ours).toEqual(theirs);
  });
});

describe("where WebAssembly is forbidden", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  const refusals: readonly [string, unknown][] = [
    ["it does not exist", undefined],
    [
      "a policy refuses it",
      {
        Module: class {
          constructor() {
            throw new EvalError("refused");
          }
        },
      },
    ],
  ];

  it.each(refusals)("keys give the same numbers: %s", async (_, stub) => {
    vi.stubGlobal("WebAssembly", stub);
    vi.resetModules();
    const without = (await import("../src/index.js")).random;
    const key = [random.key(3), without.key(3)] as const;
    expect(without.host.normal(key[1], 1000)).toEqual(random.host.normal(key[0], 1000));
    expect(without.host.uniform(key[1], 1000)).toEqual(random.host.uniform(key[0], 1000));
  });
});
