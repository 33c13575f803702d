/**
 * A loop that replaces its state reuses the memory of earlier states: later outputs get the buffers
 * of a program's disposed outputs.
 */
import * as tf from "@tensorflow/tfjs-core";
import { tree } from "@ergodic/tensor";
import { expect, it } from "vitest";
import { compile, useEngine } from "../src/index.js";
import { engines } from "./kernel-cases.js";

const mebibyte = 2 ** 20;
const stateBytes = 16 * mebibyte;

it.each(engines.filter((engine) => engine !== "cpu"))(
  "on %s, 120 states of 16 MiB fit in the memory of a few",
  async (engine) => {
    await useEngine(engine);
    const next = compile((state: tf.Tensor[]) => state.map((x) => tf.add(tf.mul(x, 0.5), 1)));
    let state: tf.Tensor[] = Array.from({ length: 4 }, () => tf.zeros([stateBytes / 4 / 4]));
    const advance = async (iterations: number): Promise<void> => {
      for (let i = 0; i < iterations; i += 1) {
        const before = state;
        state = await next(before);
        tree.dispose(before);
      }
    };
    await advance(20);
    const settled = process.memoryUsage.rss();
    await advance(100);
    expect(process.memoryUsage.rss() - settled).toBeLessThan(8 * stateBytes);
    expect([...(await state[3]!.data()).subarray(0, 2)]).toEqual([2, 2]);
    tree.dispose(state);
    await next.dispose();
  },
);
