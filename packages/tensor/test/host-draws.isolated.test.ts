/** The draws of a call have the numbers of their keys, whoever makes them. */
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { hostDraw, hostDraws, random, sharedWork, useThreads, type Draw, type HostKey } from "../src/index.js";
import { beginNormals } from "../src/streams.js";
import { helperCount } from "../src/threads.js";
import { runBundled } from "./run-bundled.js";

const normal = (size: number, mean = 0, sd = 1): Draw => ({ kind: "normal", shape: [4, size / 4], mean, sd });
const specs: Draw[] = [
  normal(40_000),
  { kind: "uniform", shape: [30], low: -1, high: 3 },
  normal(12, 1, 2),
  { kind: "permutation", shape: [9] },
  normal(30_000, -3, 0.5),
  normal(1_000),
];
const keysOf = (seed: number): HostKey[] => random.split(random.key(seed), specs.length) as HostKey[];
const alone = (keys: readonly HostKey[]) => keys.map((key, i) => hostDraw(key, specs[i]!).values);
const isShared = ({ buffer }: { readonly buffer: ArrayBufferLike }): boolean => buffer instanceof SharedArrayBuffer;

const starter = sharedWork<object>("() => () => () => {}", undefined);

afterEach(() => useThreads(1));

describe("draws of a call", () => {
  it("are made alone, in ordinary memory, before a helper has started", () => {
    useThreads(2);
    expect(helperCount()).toBe(0);
    const { values, fill } = hostDraws(specs, true);
    expect(values.some(isShared)).toBe(false);
    fill(keysOf(1));
    expect(values).toEqual(alone(keysOf(1)));
    expect(helperCount()).toBe(0);
  });

  it.each([2, 3])("are the numbers of the keys with %d threads, call after call", (threads) => {
    useThreads(threads);
    starter.begin({}, 1, () => {})();
    const { values, fill } = hostDraws(specs, true);
    expect(values.every(isShared)).toBe(true);
    for (let seed = 0; seed < 20; seed++) {
      fill(keysOf(seed));
      const expected = alone(keysOf(seed));
      values.forEach((numbers, i) => expect([...numbers]).toEqual([...expected[i]!]));
    }
  });

  it("repeat their first row for a key of equal rows", () => {
    useThreads(2);
    const keys = keysOf(7).map((key) => random.equalRows(key) as HostKey);
    const { values, fill } = hostDraws(specs, true);
    expect(values.every(isShared)).toBe(true);
    fill(keys);
    const expected = alone(keys);
    values.forEach((numbers, i) => expect([...numbers]).toEqual([...expected[i]!]));
    expect(values[0]!.subarray(0, 10_000)).toEqual(values[0]!.subarray(10_000, 20_000));
  });

  it.each([
    ["the reader takes no shared memory", specs, false, 2],
    ["there is one thread", specs, true, 1],
    ["they are few", [normal(30_000), normal(30_000)], true, 2],
    ["one draw has most of them", [normal(100_000), specs[1]!], true, 2],
  ] as const)("are in ordinary memory where %s", (_, some, mayShare, threads) => {
    useThreads(threads);
    expect(hostDraws(some, mayShare).values.some(isShared)).toBe(false);
  });

  it("are made by helpers while the caller does something else", async () => {
    useThreads(2);
    const numbers = new Float32Array(new SharedArrayBuffer(8000));
    const { words } = keysOf(1)[0]!;
    const plan = [0, 1].flatMap((i) => [1000 * i, 1000 * (i + 1), 0, 1, ...words, ...words]);
    const finish = beginNormals({ numbers, plan: Float64Array.from(plan) });
    await vi.waitUntil(() => numbers[1999] !== 0, { timeout: 60_000 });
    finish();
    expect(numbers.slice(0, 1000)).toEqual(numbers.slice(1000));
  });
});

it("helpers draw in a minified bundle that keeps names", async () => {
  const from = (name: string): string => JSON.stringify(fileURLToPath(new URL(`../src/${name}.ts`, import.meta.url)));
  const code = `
    import { hostDraw, hostDraws, random, useThreads } from ${from("index")};
    import { beginNormals } from ${from("streams")};
    import { sharedWork } from ${from("threads")};
    useThreads(2);
    sharedWork("() => () => () => {}", undefined).begin({}, 1, () => {})();
    const numbers = new Float32Array(new SharedArrayBuffer(4000));
    const finish = beginNormals({ numbers, plan: Float64Array.of(0, 1000, 1, 2, 3, 4, 5, 6) });
    while (numbers[999] === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const specs = [0, 1, 2].map(() => ({ kind: "normal", shape: [30000], mean: 0, sd: 1 }));
    const keys = random.split(random.key(1), 3);
    const { values, fill } = hostDraws(specs, true);
    fill(keys);
    const same = keys.every((key, i) => hostDraw(key, specs[i]).values.every((x, at) => x === values[i][at]));
    console.log(finish(), values[0].buffer instanceof SharedArrayBuffer, same);`;
  const { stdout, stderr, status } = await runBundled(code);
  expect([stderr, stdout, status]).toEqual(["", "true true true\n", 0]);
});
