import { afterEach, describe, expect, it, vi } from "vitest";
import { random } from "../src/index.js";
import { fillNormals, fillWords } from "../src/streams.js";
import { fillUint32, nextBelow, nextUint32, xoshiroState } from "../src/xoshiro.js";
import { fillNormal } from "../src/ziggurat.js";

const sameBits = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

describe("streams in WebAssembly", () => {
  // Sizes around those of short arrays, vectors and blocks, and of sizes of any kind.
  const sizes = [0, 1, 15, 16, 17, 18, 19, 127, 128, 129, 8191, 8192, 8193, 16383, 16384, 16385];
  const chosen = xoshiroState(1, 2, 3, 4);
  const drawn = Array.from({ length: 100 }, (_, i) => nextBelow(chosen, i < 50 ? 300 : 50_000));

  it.each([sizes, drawn])("give JavaScript's words and state, in pieces of any size", (...pieces) => {
    const [ours, theirs] = [xoshiroState(5, 6, 7, 8), xoshiroState(5, 6, 7, 8)];
    for (const size of pieces) {
      const words = [new Uint32Array(size), new Uint32Array(size)] as const;
      fillWords(ours, words[0]);
      fillUint32(theirs, words[1]);
      expect(sameBits(...words)).toBe(true);
      expect(ours).toEqual(theirs);
    }
  });

  const laws = [
    [0, 1],
    [-0.3, 1.7],
    [1e6, 1e-3],
    [-2, 0],
  ] as const;

  it.each(laws)("give JavaScript's normals for N(%d, %d²)", (mean, sd) => {
    for (const size of [...sizes, ...drawn]) {
      const state = Int32Array.from({ length: 4 }, () => nextUint32(chosen));
      // Numbers around those asked for stay as they are.
      const arrays = [new Float32Array(size + 3).fill(9), new Float32Array(size + 3).fill(9)] as const;
      fillNormals(state.slice(), arrays[0].subarray(1, size + 1), mean, sd);
      fillNormal(state.slice(), arrays[1].subarray(1, size + 1), mean, sd);
      expect(sameBits(...arrays)).toBe(true);
    }
  });

  it("give JavaScript's normals in 3,000,000 numbers, which hold about 800 of the tail", () => {
    const normals = [new Float32Array(3e6), new Float32Array(3e6)] as const;
    fillNormals(xoshiroState(9, 8, 7, 6), normals[0], 0, 1);
    fillNormal(xoshiroState(9, 8, 7, 6), normals[1], 0, 1);
    expect(sameBits(...normals)).toBe(true);
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
    expect(without.host.normal(key[1], 10_000)).toEqual(random.host.normal(key[0], 10_000));
    expect(without.host.uniform(key[1], 10_000)).toEqual(random.host.uniform(key[0], 10_000));
  });
});
