import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serveInHelper, sharedWork, sharedZeros, threadCount, useThreads, type SharedWork } from "../src/index.js";
import { runBundled } from "./run-bundled.js";

interface Squares {
  readonly values: Float64Array;
  readonly each: number;
}

/** Adds the squares of `base` + block to the numbers of a block. */
const squares =
  ({ values, each }: Squares, base: number) =>
  (block: number) => {
    for (let i = block * each; i < (block + 1) * each; i++) values[i]! += (base + block) ** 2;
  };
const squaresCode = `({ base }) => (job) => (${String(squares)})(job, base)`;

const works: SharedWork<never>[] = [];
function work<J extends object>(text: string, data: unknown): SharedWork<J> {
  const made = sharedWork<J>(text, data);
  works.push(made as SharedWork<never>);
  return made;
}

afterEach(() => {
  works.splice(0).forEach((one) => one.dispose());
  useThreads(1);
  vi.unstubAllGlobals();
});

describe("shared work", () => {
  it.each([2, 3, 5])("computes each block once on %d threads, job after job", (threads) => {
    useThreads(threads);
    const shared = work<Squares>(squaresCode, { base: 3 });
    const values = sharedZeros(70_000);
    const job = { values, each: 1000 };
    for (let time = 1; time <= 20; time++) {
      expect(shared.begin(job, 70, squares(job, 3))()).toBe(true);
      values.forEach((value, i) => {
        if (value !== time * (3 + Math.floor(i / 1000)) ** 2) expect.fail(`number ${i} is ${value}`);
      });
    }
  });

  it("has a job computed by helpers before the caller takes part", async () => {
    useThreads(2);
    const shared = work<Squares>(squaresCode, { base: 1 });
    const job = { values: sharedZeros(4), each: 1 };
    const run = vi.fn();
    const finish = shared.begin(job, 4, run);
    await vi.waitUntil(() => job.values[3] !== 0, { timeout: 60_000 });
    expect(finish()).toBe(true);
    expect(run).not.toHaveBeenCalled();
    expect([...job.values]).toEqual([1, 4, 9, 16]);
  });

  it("gives up on a helper that holds a block longer than the caller has patience", async () => {
    useThreads(2);
    const gate = new Int32Array(new SharedArrayBuffer(8));
    const shared = work<{ gate: Int32Array }>(
      "() => ({ gate }) => () => { Atomics.store(gate, 0, 1); Atomics.wait(gate, 1, 0); }",
      undefined,
    );
    const finish = shared.begin({ gate }, 3, () => undefined);
    await vi.waitUntil(() => Atomics.load(gate, 0) === 1, { timeout: 60_000 });
    expect(finish(2)).toBe(false);
    Atomics.store(gate, 1, 1);
    Atomics.notify(gate, 1);
    expect(finish()).toBe(true);
  });

  it.each([
    ["that cannot be read", "() => {", /SyntaxError/],
    ["that fails when it begins", "() => { throw new RangeError('no start') }", /RangeError: no start/],
  ])("names the error of code %s, at every job", async (_, text, message) => {
    useThreads(2);
    const shared = work<object>(text, undefined);
    for (let time = 0; time < 2; time++) {
      const finish = shared.begin({}, 1, () => undefined);
      await vi.waitFor(() => expect(() => finish()).toThrow(message), { timeout: 60_000 });
      expect(() => finish()).toThrow(/a thread that shares work failed: .*useThreads\(1\)/s);
    }
  });

  it("names the error of code that fails in a block, at every job", () => {
    useThreads(2);
    const shared = work<{ begun: Int32Array }>(
      "() => ({ begun }) => () => { Atomics.store(begun, 0, 1); Atomics.notify(begun, 0); throw new RangeError('no block') }",
      undefined,
    );
    for (let time = 0; time < 2; time++) {
      const begun = new Int32Array(new SharedArrayBuffer(4));
      // The calling thread takes one of both blocks, and waits until the helper has begun the other.
      const finish = shared.begin({ begun }, 2, () => void Atomics.wait(begun, 0, 0));
      expect(() => finish()).toThrow(/a thread that shares work failed: .*no block.*useThreads\(1\)/s);
    }
  });

  it("is loaded again after it was forgotten", () => {
    useThreads(2);
    const shared = work<Squares>(squaresCode, { base: 0 });
    const job = { values: sharedZeros(3), each: 1 };
    for (let time = 0; time < 3; time++) {
      expect(shared.begin(job, 3, squares(job, 0))()).toBe(true);
      shared.dispose();
    }
    expect([...job.values]).toEqual([0, 3, 12]);
  });
});

describe("code that serves in a helper", () => {
  it("answers messages, beside shared work", async () => {
    useThreads(2);
    const code = "({ factor }) => (port) => port.on('message', (x) => port.postMessage(factor * x))";
    const { port, thread } = serveInHelper(0, code, { factor: 3 });
    const answer = (x: number) =>
      new Promise((resolve) => {
        port.once("message", resolve);
        port.postMessage(x);
      });
    const job = { values: sharedZeros(40), each: 1 };
    const finish = work<Squares>(squaresCode, { base: 3 }).begin(job, 40, squares(job, 3));
    expect(await answer(5)).toBe(15);
    expect(finish()).toBe(true);
    expect(await answer(7)).toBe(21);
    const other = serveInHelper(0, code, { factor: 2 });
    expect(other.thread).toBe(thread);
    for (const one of [port, other.port]) one.close();
  });

  it("ends the helper where it fails", async () => {
    const { thread, port } = serveInHelper(5, "() => () => { throw new RangeError('no service') }", undefined);
    const closed = new Promise((resolve) => port.once("close", resolve));
    expect(await new Promise((resolve) => thread.once("error", resolve))).toMatchObject({ message: "no service" });
    await closed;
  });
});

it("a page and a process without the permission are alone, with ordinary memory", () => {
  useThreads(3);
  expect(threadCount()).toBe(3);
  expect(sharedZeros(2).buffer).toBeInstanceOf(SharedArrayBuffer);
  vi.stubGlobal("document", {});
  expect(threadCount()).toBe(1);
  expect(sharedZeros(2).buffer).toBeInstanceOf(ArrayBuffer);
  vi.unstubAllGlobals();
  Object.defineProperty(process, "permission", { value: { has: () => false }, configurable: true });
  try {
    expect(threadCount()).toBe(1);
  } finally {
    delete (process as { permission?: unknown }).permission;
  }
  expect(threadCount()).toBe(3);
});

it("the number of threads is a positive integer", () => {
  expect(() => useThreads(0)).toThrow("count");
  expect(() => useThreads(1.5)).toThrow("count");
});

it("threads run in a minified bundle, and let the process end", async () => {
  const code = `
    import { sharedWork, sharedZeros, useThreads } from ${JSON.stringify(fileURLToPath(new URL("../src/threads.ts", import.meta.url)))};
    useThreads(3);
    const values = sharedZeros(2);
    const finish = sharedWork("() => ({ values }) => (i) => { values[i] = i + 1; }", undefined).begin({ values }, 2, () => {});
    while (values[1] === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    console.log(finish(), ...values);`;
  const { stdout, stderr, status } = await runBundled(code);
  expect([stderr, stdout, status]).toEqual(["", "true 1 2\n", 0]);
});
