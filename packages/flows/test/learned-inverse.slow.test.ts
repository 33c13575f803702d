/** Inverses of trained flows: rounding errors must not grow with the scales. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "@ergodic/engine";
import { adam } from "@ergodic/nn";
import { random, tree, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { flowLearner, glow, realNvp, splineFlow, type Flow } from "../src/index.js";
import { distance } from "./support.js";

beforeAll(() => useEngine("onnx"));

/** A ring of radius 1.5 and thickness 0.2. */
const ring = (key: Key, n: number): tf.Tensor => {
  const [along, across] = random.split(key, 2) as [Key, Key];
  const angle = random.uniform(along, [n, 1], { low: 0, high: 2 * Math.PI });
  const radius = random.normal(across, [n, 1], { mean: 1.5, sd: 0.2 });
  return tf.concat([tf.mul(radius, tf.cos(angle)), tf.mul(radius, tf.sin(angle))], 1);
};

/** Images of one grey value each, with a little noise. */
const greys = (key: Key, n: number): tf.Tensor => {
  const [level, noise] = random.split(key, 2) as [Key, Key];
  return tf.add(random.normal(level, [n, 1, 1, 1]), random.normal(noise, [n, 8, 8, 1], { sd: 0.2 }));
};

const flows: Readonly<Record<string, { readonly flow: Flow; readonly data: typeof ring }>> = {
  RealNVP: { flow: realNvp({ features: 2 }) as Flow, data: ring },
  "a spline flow": { flow: splineFlow({ features: 2 }) as Flow, data: ring },
  Glow: { flow: glow({ shape: [8, 8, 1], levels: 2, steps: 4, width: 32 }), data: greys },
};

describe.each(Object.entries(flows))("%s after 200 updates", (_, { flow, data }) => {
  it("still decodes what it encodes and encodes what it decodes within 1e-4", async () => {
    const learner = flowLearner({
      flow,
      optimizer: adam({ learningRate: 2e-3 }),
      observe: (batch: { readonly x: tf.Tensor }) => batch.x,
    });
    let state = await learner.init(random.key(1), { x: data(random.key(2), 256) });
    const start = await learner.logDensity(state, data(random.key(3), 1000));
    for (let i = 0; i < 200; i += 1) {
      const batch = { x: data(random.fold(random.key(4), i), 128) };
      const { state: next } = await learner.update(state, batch, { key: random.key(5), iteration: 0 });
      tree.dispose([state, batch]);
      state = next;
    }
    const x = data(random.key(3), 1000);
    // The flow has learned: the mean log-density of new data rose by more than 0.3 nats.
    expect(tf.mean(tf.sub(await learner.logDensity(state, x), start)).dataSync()[0]).toBeGreaterThan(0.3);
    expect(distance(flow.decode(state.params, flow.encode(state.params, x)), x)).toBeLessThan(1e-4);
    const z = random.normal(random.key(6), [1000, flow.dimension]);
    expect(distance(flow.encode(state.params, flow.decode(state.params, z)), z)).toBeLessThan(1e-4);
  });
});
