import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { random } from "../src/index.js";
import { arrayForNormals, BLOCK, blockState, fillNormals, fillWords, MOST_AT_ONCE } from "../src/streams.js";
import type { Words } from "../src/threefry.js";
import { fillUint32, nextBelow, nextUint32, xoshiroState } from "../src/xoshiro.js";
import { fillNormal } from "../src/ziggurat.js";
import { runBundled } from "./run-bundled.js";

const sameBits = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.from(a.buffer).equals(Buffer.from(b.buffer));

/** JavaScript's loop on each block of an array. */
function byBlocks<A extends Uint32Array | Float32Array>(
  key: Words,
  out: A,
  fill: (state: ReturnType<typeof blockState>, part: A) => void,
): A {
  for (let at = 0; at < out.length; at += BLOCK) fill(blockState(key, at / BLOCK), out.subarray(at, at + BLOCK) as A);
  return out;
}

const chosen = xoshiroState(1, 2, 3, 4);
const someKey = (): Words => [nextUint32(chosen), nextUint32(chosen)];
const below = (bound: number): number => nextBelow(chosen, bound);

it("the blocks of a few keys have generators that differ", () => {
  const states = [0, 1, 2].flatMap((low) => Array.from({ length: 300 }, (_, i) => blockState([low, 9], i).join()));
  expect(new Set(states).size).toBe(900);
});

describe("streams in WebAssembly", () => {
  // Sizes around those of short arrays, vectors, blocks and calls, and of sizes of any kind.
  const around = (size: number): number[] => [size - 1, size, size + 1];
  const sizes = [0, 1, 375, ...[16, 128, BLOCK, 4 * BLOCK, MOST_AT_ONCE, 2 * MOST_AT_ONCE].flatMap(around)];
  const drawn = Array.from({ length: 100 }, (_, i) => below(i < 50 ? 1500 : 50_000));

  it("give JavaScript's words, from any block on", () => {
    for (const size of [...sizes, ...drawn]) {
      const key = someKey();
      const block = below(100);
      const theirs = byBlocks(key, new Uint32Array(BLOCK * block + size), fillUint32).slice(BLOCK * block);
      const ours = new Uint32Array(size);
      fillWords(key, block, ours);
      expect(sameBits(ours, theirs)).toBe(true);
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
      const key = someKey();
      // Numbers around those asked for stay as they are.
      const arrays = [new Float32Array(size + 3).fill(9), new Float32Array(size + 3).fill(9)] as const;
      fillNormals(key, arrays[0].subarray(1, size + 1), mean, sd);
      byBlocks(key, arrays[1].subarray(1, size + 1), (state, part) => fillNormal(state, part, mean, sd));
      expect(sameBits(...arrays)).toBe(true);
    }
  });

  it("give any part of the normals", () => {
    const key = someKey();
    const whole = new Float32Array(60_000);
    fillNormals(key, whole, 1, 2);
    for (let i = 0; i < 300; i++) {
      const start = i < 10 ? i * 128 : below(i < 100 ? 1000 : 40_000);
      const part = new Float32Array(below(i < 200 ? 600 : 20_000));
      fillNormals(key, part, 1, 2, start);
      expect(sameBits(part, whole.slice(start, start + part.length))).toBe(true);
    }
  });

  it("are written to arrays of memory of their own without a copy, and nowhere else", () => {
    const own = arrayForNormals(100_000);
    expect([own.length, own.byteOffset]).toEqual([100_000, 65_536]);
    const copy = new Float32Array(100_000);
    const key = someKey();
    for (let i = 0; i < 300; i++) {
      const at = below(99_000);
      const end = at + 1 + below(i < 200 ? 600 : 100_000 - at);
      const start = i % 2 === 0 ? BLOCK * below(9) : below(5000);
      for (const out of [own, copy]) fillNormals(key, out.subarray(at, end), 1, 2, start);
      expect(sameBits(own.slice(), copy)).toBe(true);
    }
    expect(arrayForNormals(1000).byteOffset).toBe(0);
  });

  it("give JavaScript's normals in 3,000,000 numbers, which hold about 800 of the tail", () => {
    const ours = new Float32Array(3e6);
    fillNormals([9, 8], ours, 0, 1);
    expect(sameBits(ours, byBlocks([9, 8], new Float32Array(3e6), fillNormal))).toBe(true);
  });

  it("run in another thread, in a minified bundle that keeps names", async () => {
    const from = (name: string): string => JSON.stringify(fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url)));
    const code = `
      import { fillNormals, normalsInThread } from ${from("streams")};
      import { serveInHelper } from ${from("threads")};
      const fill = \`(normals) => (port) => {
        const numbers = new Float32Array(20000);
        const { fill, newArray } = (0, eval)("(" + normals.code + ")")(normals.data);
        const large = newArray(100000);
        for (const out of [numbers, large]) fill([1, 2], out, 3, 4, 5);
        port.postMessage([numbers, large.slice(), large.byteOffset]);
      }\`;
      const { port } = serveInHelper(0, fill, normalsInThread());
      port.once("message", ([numbers, large, at]) => {
        const expected = new Float32Array(100000);
        fillNormals([1, 2], expected, 3, 4, 5);
        const are = (those) => those.every((x, i) => x === expected[i]);
        console.log(numbers.length, are(numbers), large.length, are(large), at);
        port.close();
      });`;
    const { stdout, stderr, status } = await runBundled(code);
    expect([stderr, stdout, status]).toEqual(["", "20000 true 100000 true 65536\n", 0]);
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
    for (const [low, high] of [
      [0, 1],
      [-3, 5],
      [1, 1.0000005],
      [-1e-40, 1e-39],
      [-3e38, 3e38],
    ] as const) {
      for (const size of [1, 127, 128, 129, 2047, 2048, 10_001]) {
        const numbers = key.map((one, i) => [random, without][i]!.host.uniform(one, size, { low, high }));
        expect(numbers[1]).toEqual(numbers[0]);
        expect(numbers[0]!.every((x) => Math.fround(low) <= x && x < Math.fround(high))).toBe(true);
      }
    }
    const streams = await import("../src/streams.js");
    expect(streams.normalsInThread()).toBeUndefined();
    expect(streams.arrayForNormals(100_000)).toEqual(new Float32Array(100_000));
    const parts = [new Float32Array(1000), new Float32Array(1000)] as const;
    fillNormals([1, 2], parts[0], 0, 1, 700);
    streams.fillNormals([1, 2], parts[1], 0, 1, 700);
    expect(sameBits(...parts)).toBe(true);
  });
});
