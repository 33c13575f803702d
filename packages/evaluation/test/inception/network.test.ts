import { compile, useEngine } from "@ergodic/engine";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { convolutions } from "../../src/inception/layers.js";
import { inceptionNetwork } from "../../src/inception/network.js";
import { inceptionParams } from "../../src/inception/params.js";
import { resizeInto } from "../../src/images/resize.js";
import { uniforms } from "../fixtures.js";
import { checkImage, checkTensors } from "./check-network.js";

describe("the FID Inception network", () => {
  it("has 94 convolutions, and 23,850,960 trainable numbers with the bias of its classifier", () => {
    const each = convolutions.map((layer) => layer.in * layer.out * layer.kernel[0] * layer.kernel[1] + 2 * layer.out);
    expect(each).toHaveLength(94);
    expect(each.reduce((a, b) => a + b, 0) + 1008 * 2049).toBe(23_850_960);
  });

  describe("with seeded weights", () => {
    const shown = ["Conv2d_2b_3x3", "Mixed_5c", "Mixed_6a", "Mixed_6e", "Mixed_7a", "Mixed_7c"] as const;
    let maps: Record<string, Float32Array>;
    let features: Float32Array;
    let logits: Float32Array;

    beforeAll(async () => {
      await useEngine("onnx");
      const params = inceptionParams(checkTensors());
      const run = compile((images: tf.Tensor4D) => {
        const outputs = inceptionNetwork(params, images);
        return { ...outputs, maps: Object.fromEntries(shown.map((name) => [name, outputs.maps[name]!])) };
      });
      const pixels = new Float32Array(299 * 299 * 3);
      resizeInto(
        pixels,
        0,
        { values: checkImage(), height: 32, width: 32, channels: 3 },
        { side: 299, protocol: "tf1" },
      );
      const result = await run(tf.tensor4d(pixels, [1, 299, 299, 3]));
      maps = Object.fromEntries(shown.map((name) => [name, result.maps[name]!.dataSync<"float32">()]));
      features = result.features.dataSync<"float32">();
      logits = result.logits.dataSync<"float32">();
      await run.dispose();
    });

    // Another program computed the values in float64. A float32 network is within 1e-4 of them.
    it.each<[(typeof shown)[number], number, number, number]>([
      ["Conv2d_2b_3x3", 0.2732329649, 4.93704588, 0.1970279171],
      ["Mixed_5c", 0.6089302164, 5.6663813, 0.7921259297],
      ["Mixed_6a", 0.8670599231, 9.58422932, 3.5437843839],
      ["Mixed_6e", 1.0122188276, 15.33675757, 0.3837792745],
      ["Mixed_7a", 1.4216025447, 15.53487875, 0.6359133732],
      ["Mixed_7c", 1.5191245986, 18.67982084, 6.9540039392],
    ])("%s has the known mean, maximum and first element", (name, mean, max, first) => {
      const values = maps[name]!;
      expect(Math.abs(values.reduce((a, b) => a + b, 0) / values.length - mean)).toBeLessThan(1e-5);
      expect(Math.abs(values.reduce((a, b) => Math.max(a, b)) - max)).toBeLessThan(1e-4);
      expect(Math.abs(values[0]! - first)).toBeLessThan(1e-4);
    });

    it("has the known features", () => {
      const [first, second, third, fourth] = features;
      [2.9962602835, 3.291839456, 0, 0].forEach((value, i) =>
        expect(Math.abs([first, second, third, fourth][i]! - value)).toBeLessThan(1e-5),
      );
      expect(Math.abs(features[2046]! - 1.4751139636)).toBeLessThan(1e-5);
      expect(Math.abs(features[2047]! - 0.0117203664)).toBeLessThan(1e-5);
      expect(Math.abs(features.reduce((a, b) => a + b, 0) - 3111.167178)).toBeLessThan(2e-3);
      expect(Math.abs(Math.hypot(...features) - 114.76228384)).toBeLessThan(1e-4);
    });

    it("has the known logits without bias", () => {
      [3.9564398531, 1.4622718962, 1.3380186276].forEach((value, i) =>
        expect(Math.abs(logits[i]! - value)).toBeLessThan(1e-4),
      );
    });

    it("has the known logits with the bias of its classifier, seed 9001, and the known class", () => {
      const biased = uniforms(9001, 1008).map((u, i) => logits[i]! + 0.1 * (2 * u - 1));
      [4.0299073968, 1.4468023249, 1.343863812].forEach((value, i) =>
        expect(Math.abs(biased[i]! - value)).toBeLessThan(1e-4),
      );
      const largest = biased.reduce((a, b) => Math.max(a, b));
      expect(biased.indexOf(largest)).toBe(271);
      expect(Math.abs(largest - 6.9329067069)).toBeLessThan(1e-4);
    });
  });

  it("refuses weights of another network, naming the array", () => {
    const tensors = new Map(checkTensors());
    tensors.set("fc.weight", { ...tensors.get("fc.weight")!, shape: [1000, 2048] });
    expect(() => inceptionParams(tensors)).toThrow(/fc.weight has shape \[1000,2048\], expected \[1008,2048\]/);
    tensors.delete("Mixed_7c.branch_pool.bn.running_var");
    expect(() => inceptionParams(tensors)).toThrow(/no Mixed_7c.branch_pool.bn.running_var/);
  });
});
