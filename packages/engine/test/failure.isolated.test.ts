/** A program that fails names the kernel and, in debug mode, the line of the user's code. */
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, debug, EngineError, useEngine, type EngineName } from "../src/index.js";
import { nativeTensorFlow } from "./native-tensorflow.js";

const engines: EngineName[] = ["onnx", "cpu", ...(nativeTensorFlow === undefined ? [] : ["tensorflow" as const])];

describe.each(engines)("a failure while a program runs on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  afterAll(() => debug(false));

  const call = (): Promise<tf.Tensor> => {
    const rows = compile((x: tf.Tensor, at: tf.Tensor) => tf.gather(x, at as tf.Tensor1D));
    return rows(tf.ones([3, 2]), tf.tensor1d([5], "int32"));
  };

  it("names the kernel and how to find the line", async () => {
    await expect(call()).rejects.toThrow(EngineError);
    await expect(call()).rejects.toThrow(/in the kernel GatherV2 that makes float32\[1,2\].*ERGODIC_DEBUG=1/s);
  });

  it("names the line in debug mode", async () => {
    debug(true);
    await expect(call()).rejects.toThrow(/in the kernel GatherV2 .* At .*failure\.isolated\.test\.ts:\d+/s);
  });
});
