/**
 * Spread and bounds of the initialisers.
 *
 * With n = 40,000 values a standard deviation is known to sd/sqrt(2n) = 0.35 % (normal) or better
 * (uniform). The bound of 5 standard errors is 1.8 %, a false alarm for fewer than 1e-6 of all
 * keys.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { random, ValidationError } from "@ergodic/tensor";
import { conv2d, convTranspose2d, dense, initializers, type Initializer } from "@ergodic/nn";
import { valuesOf } from "./support.js";

const key = random.key("initializers");
const shape = { shape: [200, 200], fanIn: 50, fanOut: 150 };
const spread = (tensor: tf.Tensor) => {
  const values = valuesOf(tensor);
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length);
  return { mean, sd, largest: values.reduce((most, v) => Math.max(most, Math.abs(v)), 0) };
};

beforeAll(async () => {
  await useEngine("cpu");
});

describe("initialisers", () => {
  it.each<[string, Initializer, number, number]>([
    ["uniformFanIn", initializers.uniformFanIn, 1 / Math.sqrt(3 * 50), 1 / Math.sqrt(50)],
    ["xavierNormal", initializers.xavierNormal, Math.sqrt(2 / 200), Infinity],
    ["xavierUniform", initializers.xavierUniform, Math.sqrt(2 / 200), Math.sqrt(6 / 200)],
    ["heNormal", initializers.heNormal, Math.sqrt(2 / 50), Infinity],
    ["normal(0.3)", initializers.normal(0.3), 0.3, Infinity],
  ])("%s", (_name, initialise, sd, bound) => {
    const measured = spread(initialise(key, shape));
    expect(Math.abs(measured.sd / sd - 1)).toBeLessThan(0.018);
    expect(Math.abs(measured.mean)).toBeLessThan((5 * sd) / 200);
    expect(measured.largest).toBeLessThanOrEqual(bound);
    if (bound < Infinity) expect(measured.largest).toBeGreaterThan(0.99 * bound);
  });

  it("zeros are zero; a negative spread is refused", () => {
    expect(spread(initializers.zeros(key, shape)).largest).toBe(0);
    expect(() => initializers.normal(-1)).toThrow(ValidationError);
  });

  it("layers start as in PyTorch, weight and bias in ±1/sqrt(fan-in)", () => {
    const bound = (layer: ReturnType<typeof dense>) => {
      const { weight, bias } = layer.init(key);
      return [spread(weight).largest, spread(bias).largest];
    };
    // torch.nn.init._calculate_fan_in_and_fan_out: Linear in; Conv2d in·k²;
    // ConvTranspose2d (weight [in, out, k, k]) out·k².
    for (const [layer, fanIn] of [
      [dense({ in: 25, out: 400 }), 25],
      [conv2d({ in: 4, out: 400, kernel: 3 }), 36],
      [convTranspose2d({ in: 50, out: 400, kernel: 2 }), 1600],
    ] as const) {
      for (const largest of bound(layer)) {
        expect(largest).toBeLessThanOrEqual(1 / Math.sqrt(fanIn));
        expect(largest).toBeGreaterThan(0.95 / Math.sqrt(fanIn));
      }
    }
  });

  it("xavierNormal of a transposed convolution has sd sqrt(2/((in + out) k²))", () => {
    const layer = convTranspose2d({ in: 100, out: 60, kernel: 4, init: { weight: initializers.xavierNormal } });
    const { weight, bias } = layer.init(key);
    expect(weight.shape).toEqual([4, 4, 60, 100]);
    expect(Math.abs(spread(weight).sd / Math.sqrt(2 / (160 * 16)) - 1)).toBeLessThan(0.018);
    expect(spread(bias).largest).toBeLessThanOrEqual(1 / Math.sqrt(60 * 16));
  });
});
