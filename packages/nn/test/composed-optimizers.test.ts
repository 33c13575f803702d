/**
 * Composed optimisers equal the plain optimiser on changed gradients. Fixed members do not change.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine } from "@ergodic/engine";
import { tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import {
  adam,
  clipByGlobalNorm,
  clipped,
  every,
  globalNorm,
  perPart,
  sgd,
  skipUnsound,
  trainedGradient,
  type Optimizer,
} from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, valuesOf, wave } from "./support.js";

const numbers = (of: TensorTree): number[][] => tree.leaves(of).map((leaf) => valuesOf(leaf));

const fixedParams = () => ({
  weight: tf.tensor1d([1, -2]),
  $fixed: { permutation: tf.tensor1d([1, 0]), sign: tf.tensor1d([1, -1]) },
});

describe.each(enginesOnThisMachine)("composed optimisers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each<[string, Optimizer]>([
    ["adam with weight decay", adam({ learningRate: 0.1, weightDecay: 0.5 }) as Optimizer],
    ["sgd", sgd({ learningRate: 0.1, momentum: 0.9 }) as Optimizer],
    ["clipped", clipped(adam({ learningRate: 0.1, weightDecay: 0.5 }), { maxNorm: 1 }) as Optimizer],
    ["skipUnsound", skipUnsound(adam({ learningRate: 0.1, weightDecay: 0.5 })) as Optimizer],
    ["every", every(2, adam({ learningRate: 0.1, weightDecay: 0.5 })) as Optimizer],
  ])("%s moves what is trained and never a fixed member, whatever gradient it is given", async (_, optimizer) => {
    const params = fixedParams();
    const state = optimizer.init(params);
    // The state contains nothing for fixed members either.
    expect(tree.paths(state).filter((path) => path.includes("fixed"))).toEqual([]);
    const update = compile((grads: ReturnType<typeof fixedParams>) => optimizer.update(params, grads, state));
    const next = await update({
      weight: tf.tensor1d([3, 4]),
      $fixed: { permutation: tf.tensor1d([9, 9]), sign: tf.tensor1d([9, 9]) },
    });
    expect(valuesOf(next.params.$fixed.permutation)).toEqual([1, 0]);
    expect(valuesOf(next.params.$fixed.sign)).toEqual([1, -1]);
    expect(valuesOf(next.params.weight)).not.toEqual([1, -2]);
  });

  it.each<[string, Optimizer]>([
    ["adam with weight decay", adam({ learningRate: 0.1, weightDecay: 0.5 }) as Optimizer],
    ["sgd", sgd({ learningRate: 0.1, momentum: 0.9 }) as Optimizer],
    ["skipUnsound", skipUnsound(adam({ learningRate: 0.1 })) as Optimizer],
  ])("%s moves many small leaves together as it moves each alone", async (_, optimizer) => {
    const shapes = [[3], [17], [1], [64], [2, 5], [4, 5], [1, 5], [9, 5], [], [9, 4]];
    const values = (shift: number): tf.Tensor[] => shapes.map((shape, i) => wave(shift + i, ...shape));
    const update = compile((params: tf.Tensor[], grads: tf.Tensor[], state: TensorTree) =>
      optimizer.update(params, grads, state),
    );
    const moved = async (params: tf.Tensor[], grads: tf.Tensor[]): Promise<number[][]> => {
      const first = await update(params, grads, optimizer.init(params));
      return numbers(await update(first.params, grads, first.state).then((second) => second.params));
    };
    const together = await moved(values(1), values(2));
    for (const [i, params] of values(1).entries()) {
      const [alone] = await moved([params], [values(2)[i]!]);
      expect(relativeError(together[i]!, alone!), `leaf ${i}`).toBeLessThan(1e-6);
    }
    await update.dispose();
  });

  it("fixed members count neither in the norm nor in the clipped gradient", async () => {
    const optimizer = clipped(sgd({ learningRate: 1 }), { maxNorm: 6.5 });
    const params = { ...fixedParams(), weight: tf.zeros([3]) };
    const grads = {
      weight: tf.tensor1d([3, 4, 12]),
      $fixed: { permutation: tf.fill([2], 1e3), sign: tf.fill([2], 1e3) },
    };
    const next = await compile((g: typeof grads) => optimizer.update(params, g, optimizer.init(params)))(grads);
    expect(valuesOf(optimizer.metrics!(next.state)["gradientNorm"]!)).toEqual([13]);
    expect(relativeError(valuesOf(next.params.weight), [-1.5, -2, -6])).toBeLessThan(1e-6);
  });

  it("the norm and clipping leave fixed members out, whatever tree they are given", async () => {
    const tree = { weight: tf.tensor1d([3, 4]), $fixed: { u: tf.fill([2], 1e3) } };
    const run = compile((t: typeof tree) => ({ norm: globalNorm(t), short: clipByGlobalNorm(t, 1) }));
    const { norm, short } = await run(tree);
    expect(valuesOf(norm)).toEqual([5]);
    expect(relativeError(valuesOf(short.weight), [0.6, 0.8])).toBeLessThan(1e-6);
    expect(valuesOf(short.$fixed.u)).toEqual([1e3, 1e3]);
  });

  it("the gradient of a loss is that of what is trained; fixed members count as constants", async () => {
    const loss = (p: ReturnType<typeof fixedParams>) => tf.sum(tf.mul(tf.square(p.weight), p.$fixed.sign));
    const { value, grad } = await compile(trainedGradient(loss))(fixedParams());
    expect(valuesOf(value)).toEqual([1 - 4]);
    expect(tree.paths(grad)).toEqual(["weight"]);
    expect(valuesOf(grad.weight)).toEqual([2, 4]);
  });

  it.each([NaN, Infinity, -Infinity, 3e19])("skipUnsound leaves out an update with %f in its gradient", async (bad) => {
    const optimizer = skipUnsound(adam({ learningRate: 0.1 }));
    const params = { x: tf.tensor1d([1, -2]) };
    const state = optimizer.init(params);
    const update = compile((grads: typeof params) => optimizer.update(params, grads, state));
    const spoilt = await update({ x: tf.tensor1d([3, bad]) });
    expect(numbers(spoilt.params)).toEqual(numbers(params));
    expect(numbers(spoilt.state.inner)).toEqual(numbers(state.inner));
    expect(valuesOf(optimizer.metrics!(spoilt.state)["skipped"]!)).toEqual([1]);
    const grads = { x: tf.tensor1d([3, 4]) };
    const plain = await compile((g: typeof params) => adam({ learningRate: 0.1 }).update(params, g, state.inner))(
      grads,
    );
    const sound = await update(grads);
    expect(numbers(sound.params)).toEqual(numbers(plain.params));
    expect(numbers(sound.state.inner)).toEqual(numbers(plain.state));
    expect(valuesOf(optimizer.metrics!(sound.state)["skipped"]!)).toEqual([0]);
  });

  it("every(3) moves at calls 1, 4, 7 and counts only these in the inner state", async () => {
    const optimizer = every(3, sgd({ learningRate: 1 }));
    let params: { x: tf.Tensor } = { x: tf.tensor1d([10]) };
    let state = optimizer.init(params);
    const update = compile((p: typeof params, s: typeof state) => optimizer.update(p, { x: tf.onesLike(p.x) }, s));
    const seen: number[] = [];
    for (let call = 0; call < 7; call++) {
      ({ params, state } = await update(params, state));
      seen.push(valuesOf(params.x)[0]!);
    }
    expect(seen).toEqual([9, 9, 9, 8, 8, 8, 7]);
    expect(valuesOf(state.inner.step)).toEqual([3]);
  });

  it("perPart gives each part its own optimiser, with metrics named after the part", async () => {
    const optimizer = perPart({
      energy: clipped(sgd({ learningRate: 1 }), { maxNorm: 1 }),
      generator: every(2, sgd({ learningRate: 0.5 })),
    });
    const params = {
      generator: [tf.tensor1d([1]) as tf.Tensor],
      energy: { ...fixedParams(), weight: tf.tensor1d([0, 0]) },
    };
    let next = { params, state: optimizer.init(params) };
    const update = compile((p: typeof params, s: typeof next.state) => {
      const energy = { ...p.energy, weight: tf.tensor1d([3, 4]) };
      return optimizer.update(p, { generator: [tf.ones([1])], energy }, s);
    });
    next = await update(next.params, next.state);
    next = await update(next.params, next.state);
    expect(relativeError(valuesOf(next.params.energy.weight), [-1.2, -1.6])).toBeLessThan(1e-6);
    expect(valuesOf(next.params.generator[0]!)).toEqual([0.5]);
    expect(valuesOf(next.params.energy.$fixed.permutation)).toEqual([1, 0]);
    const metrics = optimizer.metrics!(next.state);
    expect(Object.keys(metrics)).toEqual(["energy.gradientNorm"]);
    expect(valuesOf(metrics["energy.gradientNorm"]!)).toEqual([5]);
  });
});

describe("options", () => {
  const plain = sgd({ learningRate: 1 });
  it.each([
    [() => clipped(plain, { maxNorm: 0 }), /maxNorm is 0/],
    [() => every(0, plain), /k is 0/],
    [() => every(1.5, plain), /k is 1.5/],
    [() => perPart({ a: plain }).init({ a: tf.scalar(1), b: tf.scalar(1) }), /parts \{a, b\}, expected \{a\}/],
    [() => perPart({ a: plain }).init(tf.scalar(1)), /expected \{a\}/],
  ])("are checked (%#)", (make, message) => {
    expect(make).toThrow(ValidationError);
    expect(make).toThrow(message);
  });
});
