/**
 * Blocks of nodes that a graph repeats become one loop, with the same bits as the unrolled graph.
 */
import * as tf from "@tensorflow/tfjs-core";
import { random, type Key } from "@ergodic/tensor";
import { beforeAll, describe, expect, it } from "vitest";
import { grad, recordedOnce, useEngine, valueAndGrad } from "../src/index.js";
import { isRepetition, type Repetition } from "../src/passes/repetition.js";
import { findRepetitions } from "../src/passes/repetitions.js";
import { structuredGraph } from "./structured-graph.js";

type Tensors = readonly tf.Tensor[];

/**
 * The repetitions of a function's graph, after a check that loops give the bits of the unrolled
 * graph.
 */
const rolled = async (fn: (...xs: tf.Tensor[]) => Tensors, xs: Tensors): Promise<Repetition[]> =>
  findRepetitions(await structuredGraph(fn, xs)).filter(isRepetition);

beforeAll(() => useEngine("cpu"));

const normals = (name: string, ...shapes: number[][]): tf.Tensor[] =>
  shapes.map((shape, i) => random.normal(random.fold(random.key(name), i), shape));
const noises = (n: number, shape: number[]): tf.Tensor[] => normals("noise", ...Array<number[]>(n).fill(shape));

const energy = (w: tf.Tensor, v: tf.Tensor) => (x: tf.Tensor) =>
  tf.add(tf.sum(tf.matMul(tf.sigmoid(tf.matMul(x, w)), v)), tf.mul(0.5, tf.sum(tf.square(x))));

/** Langevin steps whose size falls, as schedules of samplers do. */
const chain = (...[x, w, v, ...noise]: tf.Tensor[]): Tensors => {
  let position = x!;
  noise.forEach((draw, step) => {
    const [slope] = grad(([at]: Tensors) => energy(w!, v!)(at!))([position]);
    position = tf.add(tf.sub(position, tf.mul(0.1 / (1 + step), slope!)), tf.mul(0.05, draw));
  });
  return [position];
};
const weights = () => normals("weights", [5, 4], [4, 16], [16, 1]);

describe("a chain", () => {
  it("is one loop over its noise and its schedule, which carries the position", async () => {
    const [loop, ...others] = await rolled(chain, [...weights(), ...noises(24, [5, 4])]);
    expect(others).toEqual([]);
    expect(loop!.count).toBeGreaterThanOrEqual(22);
    expect(loop!.carried.map(({ inside }) => inside.shape)).toEqual([[5, 4]]);
    expect(loop!.scanned.map(({ inside }) => inside.shape).sort()).toEqual([[], [5, 4]]);
  });

  it("is not a loop if it is short", async () => {
    expect(await rolled(chain, [...weights(), ...noises(4, [5, 4])])).toEqual([]);
  });

  it("begins with its first step, which takes over the start, and ends with a last one that gives its energy", async () => {
    const trajectory = (...[x, w, v, momentum]: tf.Tensor[]): Tensors => {
      const evaluate = recordedOnce((at: tf.Tensor) => {
        const { value, grad: slope } = valueAndGrad(energy(w!, v!))(at);
        return { energy: value as tf.Tensor, gradient: slope };
      });
      let [position, speed] = [x!, momentum!];
      let at = evaluate(position);
      for (let step = 0; step < 20; step++) {
        speed = tf.sub(speed, tf.mul(tf.neg(tf.mul(step === 0 ? 0.05 : 0.1, tf.sum(momentum!))), at.gradient));
        position = tf.add(position, tf.mul(0.1, speed));
        at = evaluate(position);
      }
      return [position, speed, at.energy, at.gradient];
    };
    const loops = await rolled(trajectory, normals("wide", [5, 4], [4, 64], [64, 1], [5, 4]));
    expect(loops.map(({ count }) => count)).toEqual([20]);
  });

  it("gives values of every step", async () => {
    const traced = (...[x, w, v, ...noise]: tf.Tensor[]): Tensors => {
      let position = x!;
      const energies = noise.map((draw) => {
        const [slope] = grad(([at]: Tensors) => energy(w!, v!)(at!))([position]);
        position = tf.add(tf.sub(position, tf.mul(0.1, slope!)), tf.mul(0.05, draw));
        return energy(w!, v!)(position);
      });
      return [position, ...energies, tf.addN(energies)];
    };
    const [loop] = await rolled(traced, [...weights(), ...noises(20, [5, 4])]);
    expect(loop!.stacked).toHaveLength(1);
    expect(loop!.stacked[0]!.parts.size).toBe(loop!.count);
  });

  it("of another length after it is another loop", async () => {
    const both = (...[x, w, v, ...noise]: tf.Tensor[]): Tensors => {
      const [first] = chain(x!, w!, v!, ...noise.slice(0, 18));
      const rows = tf.slice(first!, [0, 0], [3, 4]);
      return [first!, ...chain(rows, w!, v!, ...noise.slice(18).map((draw) => tf.slice(draw, [0, 0], [3, 4])))];
    };
    expect(await rolled(both, [...weights(), ...noises(36, [5, 4])])).toHaveLength(2);
  });

  it("reads what its first step computed for all others outside the loop", async () => {
    const shared = (...[x, w, v, ...noise]: tf.Tensor[]): Tensors => {
      let position = x!;
      for (const draw of noise) {
        const scale = tf.exp(tf.mul(-1, tf.mean(w!))); // recorded once, since it is the same in all steps
        const [slope] = grad(([at]: Tensors) => energy(w!, v!)(at!))([position]);
        position = tf.add(tf.sub(position, tf.mul(scale, slope!)), draw);
      }
      return [position];
    };
    expect(await rolled(shared, [...weights(), ...noises(20, [5, 4])])).toHaveLength(1);
  });

  it("that reads two steps back keeps its numbers", async () => {
    const heavy = (...[x, w, v, ...noise]: tf.Tensor[]): Tensors => {
      let [before, position] = [x!, x!];
      for (const draw of noise) {
        const [slope] = grad(([at]: Tensors) => energy(w!, v!)(at!))([position]);
        const moved = tf.mul(0.5, tf.sub(position, before));
        [before, position] = [position, tf.add(tf.add(tf.sub(position, tf.mul(0.1, slope!)), moved), draw)];
      }
      return [position, before];
    };
    await rolled(heavy, [...weights(), ...noises(20, [5, 4])]);
  });
});

it("a chain of images is a loop in every layout", async () => {
  const images = (...[x, w, v, ...noise]: tf.Tensor[]): Tensors => {
    const score = (at: tf.Tensor): tf.Tensor => {
      const h = tf.conv2d(at as tf.Tensor4D, w as tf.Tensor4D, 1, "same");
      const units: tf.Tensor4D = tf.mul(h, tf.sigmoid(h));
      return tf.sum(tf.square(tf.conv2d(units, v as tf.Tensor4D, 2, "same")));
    };
    let position = x!;
    for (const draw of noise) {
      const [slope] = grad(([at]: Tensors) => score(at!))([position]);
      position = tf.add(tf.sub(position, tf.mul(0.01, slope!)), draw);
    }
    return [position];
  };
  const given = [...normals("images", [2, 8, 8, 16], [3, 3, 16, 32], [3, 3, 32, 16]), ...noises(16, [2, 8, 8, 16])];
  const [loop] = await rolled(images, given);
  expect(loop!.count).toBeGreaterThanOrEqual(14);
});

it("any recurrence has the bits of its unrolled graph", async () => {
  const pick = <T>(key: Key, from: readonly T[]): T =>
    from[Math.floor(random.uniform(key, [1]).dataSync()[0]! * from.length)]!;
  for (let program = 0; program < 12; program++) {
    const key = random.fold(random.key("programs"), program);
    const steps = 14 + (program % 5);
    const random3 = (...[x, w, ...noise]: tf.Tensor[]): Tensors => {
      let state: tf.Tensor[] = [x!, tf.mul(0.5, x!)];
      const seen: tf.Tensor[] = [];
      noise.forEach((draw) => {
        const known: tf.Tensor[] = [...state, draw, w!];
        for (let op = 0; op < 12; op++) {
          const own = random.fold(key, op);
          const [a, b] = [pick(random.fold(own, 0), known), pick(random.fold(own, 1), known)];
          const made = pick(random.fold(own, 2), [
            () => tf.tanh(tf.add(a, b)),
            () => tf.sigmoid(tf.sub(a, b)),
            () => tf.tanh(tf.matMul(a, b)),
            () => tf.mul(0.9, tf.mul(tf.tanh(a), tf.tanh(b))),
          ])();
          known.push(made);
        }
        state = known.slice(-2);
        seen.push(known.at(-3)!);
      });
      return [...state, seen.at(-1)!, seen[2]!];
    };
    await rolled(random3, [...normals("given", [4, 4], [4, 4]), ...noises(steps, [4, 4])]);
  }
});

it("a stretch that repeats for less than a whole period stays as it is", async () => {
  const kinds = [tf.sin, tf.cos, tf.tanh, tf.sigmoid, tf.neg, tf.square, tf.softplus, tf.relu];
  const order = [...random.host.integers(random.key("kinds"), 110, { high: kinds.length })];
  const stretch = (start: tf.Tensor): tf.Tensor => order.reduce<tf.Tensor>((at, kind) => kinds[kind]!(at), start);
  const fn = (x: tf.Tensor, y: tf.Tensor): Tensors => {
    // Nodes of one input lie as far before the first stretch as nodes of two lie before the second.
    const before = Array.from({ length: 10 }).reduce<tf.Tensor>((at) => tf.sin(at), y);
    const first = stretch(tf.add(x, before));
    const between = Array.from({ length: 10 }).reduce<tf.Tensor>((at) => tf.sub(at, x), first);
    return [stretch(tf.add(between, before))];
  };
  expect(await rolled(fn, normals("stretch", [5, 4], [5, 4]))).toEqual([]);
});
