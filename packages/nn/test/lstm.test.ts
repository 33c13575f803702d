/** The recurrent layer and what text needs around it: against PyTorch's numbers, and the laws of sequences. */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import { dropout, embedding, lstm } from "@ergodic/nn";
import { enginesOnThisMachine, relativeError, valuesOf, wave } from "./support.js";

describe.each(enginesOnThisMachine)("lstm on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });
  const layer = lstm({ in: 3, hidden: 2 });
  const parts = () => ({
    params: { input: wave(0, 3, 8), recurrent: wave(1, 2, 8), bias: wave(2, 8) },
    x: wave(3, 2, 4, 3),
  });

  // import torch; torch.set_default_dtype(torch.float64)
  // wave = lambda n, shift: torch.sin(torch.arange(n) * 1.7 + shift)
  // W, R, b, x = wave(24, 0.).reshape(3, 8), wave(16, 1.).reshape(2, 8), wave(8, 2.), wave(24, 3.).reshape(2, 4, 3)
  // for t in (W, R, b, x): t.requires_grad_()
  // names = {"weight_ih_l0": W.T, "weight_hh_l0": R.T, "bias_ih_l0": b, "bias_hh_l0": torch.zeros(8)}
  // out, (h, c) = torch.func.functional_call(torch.nn.LSTM(3, 2, batch_first=True), names, (x,))
  // ((out * wave(16, 4.).reshape(2, 4, 2)).sum() + (c * torch.tensor([[1., 2.], [3., 4.]])).sum()).backward()
  it("has the values and gradients of PyTorch's nn.LSTM", async () => {
    const run = compile((all: ReturnType<typeof parts>, mix: tf.Tensor, last: tf.Tensor) =>
      valueAndGrad(
        ({ params, x }: typeof all) => {
          const { output, state } = layer.run(params, x);
          const loss = tf.add(tf.sum(tf.mul(output, mix)), tf.sum(tf.mul(state.cell, last)));
          return [loss, { output, cell: state.cell }] as [tf.Scalar, { output: tf.Tensor; cell: tf.Tensor }];
        },
        { hasAux: true },
      )(all),
    );
    const { grad, aux } = await run(parts(), wave(4, 2, 4, 2), tf.tensor2d([1, 2, 3, 4], [2, 2]));
    const golden: [tf.Tensor, number[]][] = [
      [
        aux.output,
        [
          -0.0911069, -0.1242667, -0.0210777, 0.1263941, 0.1174033, 0.1311607, 0.1758143, -0.075246, 0.2195331,
          -0.0992501, 0.0944165, -0.2083259, 0.0318832, 0.0866441, 0.1125973, 0.1796697,
        ],
      ],
      [aux.cell, [0.8991439, -0.084921, 0.5037207, 0.4327895]],
      [
        grad.params.input,
        [
          0.3750095, 0.7262406, -0.0107898, 0.1447474, 0.6299771, 2.857474, -0.0859875, -0.1251464, 0.3282809,
          -0.3527522, -0.084717, 0.3098365, -0.6819456, 1.3621565, -0.0025006, -0.0799078, -0.4596039, -0.6353402,
          0.0326204, -0.2245889, -0.4542472, -3.2084868, 0.0866319, 0.1457377,
        ],
      ],
      [
        grad.params.recurrent,
        [
          0.0231255, -0.0148086, 0.0495728, 0.0079281, 0.2738468, 0.0736317, 0.0314172, 0.0098599, 0.0629485,
          -0.0536737, -0.0097114, 0.0621035, -0.1190467, 0.1975756, 0.0027215, -0.0031249,
        ],
      ],
      [grad.params.bias, [0.6560586, 0.2772149, 0.3052132, 0.3431549, 2.7394075, 3.7191896, 0.1113346, -0.0641718]],
      [
        grad.x,
        [
          -0.0689425, -0.0488208, 0.0189789, 0.3450995, 0.1795753, -0.1613207, 0.7852509, -0.0307305, -0.8167007,
          -0.4114066, -0.1200302, 0.2885667, 0.1259327, 0.338324, 0.2203108, 0.370187, 0.7269485, 0.3737779, 0.8015877,
          0.4277096, -0.3638663, 2.2165528, 1.0596701, -1.132078,
        ],
      ],
    ];
    for (const [actual, expected] of golden) expect(relativeError(valuesOf(actual), expected)).toBeLessThan(2e-6);
  });

  it("goes on from a state as if it had not stopped, and the end never changes the beginning", async () => {
    const { params, x } = parts();
    const inTwo = compile((p: typeof params, a: tf.Tensor, b: tf.Tensor) => {
      const first = layer.run(p, a);
      return tf.concat([first.output, layer.run(p, b, first.state).output], 1);
    });
    const whole = valuesOf(await compile(layer.apply)(params, x));
    const [head, tail] = [tf.slice(x, [0, 0, 0], [2, 3, 3]), tf.slice(x, [0, 3, 0], [2, 1, 3])];
    expect(relativeError(valuesOf(await inTwo(params, head, tail)), whole)).toBeLessThan(1e-6);
    const other = valuesOf(tf.slice(await inTwo(params, head, tf.zerosLike(tail)), [0, 0, 0], [2, 3, 2]));
    expect(relativeError(other, [...whole.slice(0, 6), ...whole.slice(8, 14)])).toBeLessThan(1e-6);
  });

  it("starts within ±1/√hidden, and refuses other inputs", () => {
    const params = lstm({ in: 5, hidden: 16 }).init(random.key(3));
    expect(params.input.shape).toEqual([5, 64]);
    expect(params.recurrent.shape).toEqual([16, 64]);
    const most = Math.max(...valuesOf(params.recurrent).map(Math.abs));
    expect(most).toBeLessThanOrEqual(0.25);
    expect(most).toBeGreaterThan(0.24); // of 1024 uniform numbers; false alarm 1e-19
    expect(() => layer.apply(parts().params, tf.zeros([2, 4, 5]))).toThrow(/input of lstm.*expected \[any,any,3\]/);
  });

  it("embedding picks rows, and its gradient counts how often", async () => {
    const words = embedding({ count: 4, out: 2 });
    const ids = tf.tensor2d([3, 0, 3, 1], [2, 2], "int32");
    const run = compile((p: { vectors: tf.Tensor }, i: tf.Tensor) => ({
      picked: words.apply(p, i),
      ...valueAndGrad((q: typeof p) => tf.sum(words.apply(q, i)))(p),
    }));
    const { picked, grad } = await run({ vectors: wave(0, 4, 2) }, ids);
    const rows = valuesOf(wave(0, 4, 2));
    const row = (i: number) => rows.slice(2 * i, 2 * i + 2);
    expect(picked.shape).toEqual([2, 2, 2]);
    expect(valuesOf(picked)).toEqual([row(3), row(0), row(3), row(1)].flat());
    expect(valuesOf(grad.vectors)).toEqual([1, 1, 1, 1, 0, 0, 2, 2]);
  });

  it("dropout keeps the mean, scales what is kept, and does nothing at rate 0", async () => {
    const run = compile((x: tf.Tensor, key: ReturnType<typeof random.key>) => dropout(x, 0.25, key));
    const values = valuesOf(await run(tf.ones([20_000]), random.key(1)));
    expect(new Set(values.map((value) => value.toFixed(6)))).toEqual(new Set(["0.000000", "1.333333"]));
    // The share kept has sd 0.003; six of these.
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / 20_000 - 1)).toBeLessThan(0.025);
    const x = wave(0, 3);
    expect(dropout(x, 0, random.key(1))).toBe(x);
    expect(() => dropout(x, 1, random.key(1))).toThrow(/rate is 1/);
  });
});
