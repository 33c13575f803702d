/**
 * Recurrent layers compared with PyTorch, with and without lengths, and the laws of their common
 * contract.
 */
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, useEngine, valueAndGrad } from "@ergodic/engine";
import { random, tree, ValidationError, type TensorTree } from "@ergodic/tensor";
import { gru, lstm, type Recurrent } from "@ergodic/nn";
import { derivativeError, enginesOnThisMachine, relativeError, valuesOf, wave } from "./support.js";

// import torch; torch.set_default_dtype(torch.float64)
// from torch.nn.utils.rnn import pack_padded_sequence as pack, pad_packed_sequence as pad
// numbers = lambda shape: torch.arange(torch.Size(shape).numel())
// wave = lambda shift, *shape: torch.sin(numbers(shape) * 1.7 + shift).reshape(shape)
// def case(name, net, gates):
//     k = gates * 2
//     W, R, b, x = wave(0., 3, k), wave(1., 2, k), wave(2., k), wave(3., 2, 4, 3)
//     n = torch.tensor([.3, -.7])
//     for t in (W, R, b, x, n): t.requires_grad_()
//     hh = torch.cat([torch.zeros(k - 2), n if name == "gru" else torch.zeros(2)])
//     names = {"weight_ih_l0": W.T, "weight_hh_l0": R.T, "bias_ih_l0": b, "bias_hh_l0": hh}
//     for lengths in ([4, 4], [4, 2]):
//         out, last = torch.func.functional_call(net, names, (pack(x, lengths, batch_first=True),))
//         out, _ = pad(out, batch_first=True); last = last[1] if name == "lstm" else last
//         weights = torch.tensor([[1., 2.], [3., 4.]])
//         loss = (out * wave(4., 2, 4, 2)).sum() + (last * weights).sum()
//         gradients = torch.autograd.grad(loss, (W, R, b, n, x), allow_unused=True)
//         print(name, lengths, out, last, gradients)
// case("gru", torch.nn.GRU(3, 2, batch_first=True), 3)
// case("lstm", torch.nn.LSTM(3, 2, batch_first=True), 4)
const golden = {
  gru: {
    whole: {
      output: [
        0.8233872, -0.347553, 0.9201779, -0.3021187, 0.5949336, -0.3934115, 0.5845155, -0.4724759, 0.699133, -0.1184519,
        0.97499, -0.391339, 0.9840546, -0.4549152, 0.7931216, -0.4081679,
      ],
      last: [0.5845155, -0.4724759, 0.7931216, -0.4081679],
      input: [
        0.3231785, -0.5620811, 0.0514366, -0.1685768, 0.9753093, 2.352597, 0.3789286, -0.06097237, 0.07564402,
        0.05552575, 1.552618, 0.0896641, -0.4208243, 0.577793, -0.07092923, 0.1542684, -1.375402, -2.375702,
      ],
      recurrent: [
        0.598173, -0.6633263, 0.1909462, 0.133683, 1.582518, 1.801753, -0.2869013, 0.2863465, -0.08643474, -0.0527115,
        -0.7987787, -0.7702,
      ],
      bias: [0.6810611, -0.6853333, 0.3597941, 0.2234362, 2.36006, 2.873488],
      recurrentBias: [1.751209, 1.863111],
      x: [
        -0.006179777, 0.05631039, -0.07426138, 0.2708447, -0.1577383, -0.04551053, 0.1993449, -0.2339332, 0.1348359,
        0.3877241, -1.017804, 1.06624, -0.1911093, 0.3210463, -0.2675154, -0.05495708, 0.009445747, 0.04146354,
        0.503934, -0.03341643, -0.4561976, 1.372555, -1.296274, 0.4792125,
      ],
    },
    cut: {
      output: [
        0.8233872, -0.347553, 0.9201779, -0.3021187, 0.5949336, -0.3934115, 0.5845155, -0.4724759, 0.699133, -0.1184519,
        0.97499, -0.391339, 0, 0, 0, 0,
      ],
      last: [0.5845155, -0.4724759, 0.97499, -0.391339],
      input: [
        -0.01762835, -0.08596949, -0.06230329, -0.4301869, -0.1096192, 0.387693, 0.2100036, 0.005539143, 0.04901686,
        -0.3787166, 1.01639, -0.04528524, -0.03648726, 0.08454211, 0.04967218, 0.527778, -0.1522933, -0.3760235,
      ],
      recurrent: [
        0.2035415, -0.1327367, -0.01272987, 0.5178701, 0.7313964, 0.3632822, -0.1042357, 0.045796, -0.002462318,
        -0.1264367, -0.3989136, -0.1298176,
      ],
      bias: [0.2818924, -0.153747, 0.1186562, 0.9294201, 1.198525, 0.7078881],
      recurrentBias: [0.9277606, 0.4172419],
      x: [
        -0.006179777, 0.05631039, -0.07426138, 0.2708447, -0.1577383, -0.04551053, 0.1993449, -0.2339332, 0.1348359,
        0.3877241, -1.017804, 1.06624, -0.3170797, 0.3346202, -0.1609357, -0.4204655, 0.1292422, 0.235839, 0, 0, 0, 0,
        0, 0,
      ],
    },
  },
  lstm: {
    whole: {
      output: [
        -0.09110686, -0.1242667, -0.02107772, 0.1263941, 0.1174033, 0.1311607, 0.1758143, -0.07524601, 0.2195331,
        -0.09925014, 0.09441654, -0.2083259, 0.03188319, 0.08664407, 0.1125973, 0.1796697,
      ],
      last: [0.8991439, -0.08492097, 0.5037207, 0.4327895],
      input: [
        0.3750095, 0.7262406, -0.01078975, 0.1447474, 0.6299771, 2.857474, -0.08598749, -0.1251464, 0.3282809,
        -0.3527522, -0.08471703, 0.3098365, -0.6819456, 1.362156, -0.002500562, -0.07990778, -0.4596039, -0.6353402,
        0.0326204, -0.2245889, -0.4542472, -3.208487, 0.08663185, 0.1457377,
      ],
      recurrent: [
        0.02312548, -0.01480861, 0.04957279, 0.007928068, 0.2738468, 0.07363171, 0.0314172, 0.009859903, 0.0629485,
        -0.05367367, -0.009711416, 0.06210353, -0.1190467, 0.1975756, 0.002721549, -0.0031249,
      ],
      bias: [0.6560586, 0.2772149, 0.3052132, 0.3431549, 2.739408, 3.71919, 0.1113346, -0.0641718],
      x: [
        -0.06894251, -0.04882082, 0.01897889, 0.3450995, 0.1795753, -0.1613207, 0.7852509, -0.03073046, -0.8167007,
        -0.4114066, -0.1200302, 0.2885667, 0.1259327, 0.338324, 0.2203108, 0.370187, 0.7269485, 0.3737779, 0.8015877,
        0.4277096, -0.3638663, 2.216553, 1.05967, -1.132078,
      ],
    },
    cut: {
      output: [
        -0.09110686, -0.1242667, -0.02107772, 0.1263941, 0.1174033, 0.1311607, 0.1758143, -0.07524601, 0.2195331,
        -0.09925014, 0.09441654, -0.2083259, 0, 0, 0, 0,
      ],
      last: [0.8991439, -0.08492097, 0.1596895, -0.277548],
      input: [
        -0.1521521, 0.7934921, -0.1380819, 0.05212624, -1.520292, 0.7001146, -0.2119076, -0.02639332, 0.1061887,
        0.1426808, -0.2899863, 0.2465668, -1.99496, 0.605902, -0.0008631318, -0.03332546, 0.1247885, -0.8302593,
        0.2128082, -0.1156638, 2.034372, -0.8562489, 0.21213, 0.03498093,
      ],
      recurrent: [
        0.001436001, -0.1657528, 0.09471399, -0.007061233, 0.4988741, 0.01242246, 0.02568349, 0.01057957, 0.01509739,
        0.001341782, -0.0269579, 0.03818376, -0.2228758, 0.09745921, 0.002643216, 0.003857902,
      ],
      bias: [0.1815458, -1.132943, 0.4463567, 0.1476696, 3.566832, 1.4408, 0.1394221, 0.0232037],
      x: [
        -0.06894251, -0.04882082, 0.01897889, 0.3450995, 0.1795753, -0.1613207, 0.7852509, -0.03073046, -0.8167007,
        -0.4114066, -0.1200302, 0.2885667, 0.1109026, 0.9565067, 0.867994, 0.665778, 1.601275, 0.9729794, 0, 0, 0, 0, 0,
        0,
      ],
    },
  },
};

/** The state as one list of tensors, so one test covers all layers. */
type AnyRecurrent = Recurrent<TensorTree, TensorTree>;
const layers = { gru: gru({ in: 3, hidden: 2 }) as AnyRecurrent, lstm: lstm({ in: 3, hidden: 2 }) as AnyRecurrent };
const names = ["gru", "lstm"] as const;
type Name = (typeof names)[number];

const paramsOf = (name: Name): TensorTree =>
  name === "lstm"
    ? { input: wave(0, 3, 8), recurrent: wave(1, 2, 8), bias: wave(2, 8) }
    : { input: wave(0, 3, 6), recurrent: wave(1, 2, 6), bias: wave(2, 6), recurrentBias: tf.tensor1d([0.3, -0.7]) };
const sequence = (): tf.Tensor => wave(3, 2, 4, 3);
const lastOf = (state: TensorTree): tf.Tensor => tree.leaves(state)[0] as tf.Tensor;

describe.each(enginesOnThisMachine)("recurrent layers on %s", (engine) => {
  beforeAll(async () => {
    await useEngine(engine);
  });

  it.each(names.flatMap((name) => [[name, "whole", [4, 4]] as const, [name, "cut", [4, 2]] as const]))(
    "%s, %s, has the values and gradients of PyTorch",
    async (name, kind, lengths) => {
      type All = { readonly params: TensorTree; readonly x: tf.Tensor };
      const run = compile((all: All, ends: tf.Tensor, mix: tf.Tensor, weights: tf.Tensor) =>
        valueAndGrad(
          ({ params, x }: All) => {
            const { output, state } = layers[name].run(params, x, { lengths: ends });
            const last = lastOf(state);
            const loss = tf.add(tf.sum(tf.mul(output, mix)), tf.sum(tf.mul(last, weights)));
            return [loss, { output, last }] as const;
          },
          { hasAux: true },
        )(all),
      );
      const ends = tf.tensor1d([...lengths], "int32");
      const all = { params: paramsOf(name), x: sequence() };
      const { grad, aux } = await run(all, ends, wave(4, 2, 4, 2), tf.tensor2d([1, 2, 3, 4], [2, 2]));
      const { output, last, x, ...params } = golden[name][kind];
      expect(relativeError(valuesOf(aux.output), output)).toBeLessThan(2e-6);
      expect(relativeError(valuesOf(aux.last), last)).toBeLessThan(2e-6);
      expect(relativeError(valuesOf(grad.x), x)).toBeLessThan(2e-6);
      const grads = grad.params as Record<string, tf.Tensor>;
      for (const [part, expected] of Object.entries(params)) {
        expect(relativeError(valuesOf(grads[part]!), expected)).toBeLessThan(2e-6);
      }
    },
  );

  it.each(names)("%s goes on from a state as if it had not stopped, and takes single steps alike", async (name) => {
    const layer = layers[name];
    const whole = valuesOf(await compile(layer.apply)(paramsOf(name), sequence()));
    const inParts = compile((params: TensorTree, x: tf.Tensor) => {
      const first = layer.run(params, tf.slice(x, [0, 0, 0], [2, 2, 3]));
      const step = layer.step(params, tf.reshape(tf.slice(x, [0, 2, 0], [2, 1, 3]), [2, 3]), first.state);
      const rest = layer.run(params, tf.slice(x, [0, 3, 0], [2, 1, 3]), { state: step.state });
      return tf.concat([first.output, tf.expandDims(step.output, 1), rest.output], 1);
    });
    expect(relativeError(valuesOf(await inParts(paramsOf(name), sequence())), whole)).toBeLessThan(1e-6);
  });

  it.each(names)("%s takes an offset of its gates as an input that is the same at every step", async (name) => {
    const wide = name === "lstm" ? lstm({ in: 5, hidden: 2 }) : gru({ in: 5, hidden: 2 });
    const { input, ...rest } = paramsOf(name) as Record<string, tf.Tensor> & { readonly input: tf.Tensor };
    const constant = wave(5, 2, 2);
    const matrix = wave(6, 2, input.shape[1]!);
    const run = compile((x: tf.Tensor, c: tf.Tensor, m: tf.Tensor) => {
      const offset = tf.matMul(c, m);
      const beside = tf.tile(tf.reshape(c, [2, 1, 2]), [1, 4, 1]);
      const stretched = { ...rest, input: tf.concat([input, m], 0) };
      const first = tf.reshape(tf.slice(x, [0, 0, 0], [2, 1, 3]), [2, 3]);
      return {
        offset: layers[name].run(paramsOf(name), x, { offset }).output,
        step: layers[name].step(paramsOf(name), first, layers[name].initialState(2), offset).output,
        beside: (wide as AnyRecurrent).apply(stretched, tf.concat([x, beside], 2)),
      };
    });
    const { offset, step, beside } = await run(sequence(), constant, matrix);
    expect(relativeError(valuesOf(offset), valuesOf(beside))).toBeLessThan(1e-6);
    expect(relativeError(valuesOf(step), valuesOf(tf.slice(beside, [0, 0, 0], [2, 1, 2])))).toBeLessThan(1e-6);
    expect(() => layers[name].run(paramsOf(name), sequence(), { offset: tf.zeros([2, 2]) })).toThrow(ValidationError);
  });

  it.each(names)("%s never sees what does not count, be it not a number", async (name) => {
    const layer = layers[name];
    const holes = tf.tensor2d([1, 0, 1, 1, 0, 1, 0, 1], [2, 4]);
    const run = compile((params: TensorTree, x: tf.Tensor, mask: tf.Tensor) => layer.run(params, x, { mask }));
    const poisoned = tf.where(
      tf.broadcastTo(tf.reshape(tf.cast(holes, "bool"), [2, 4, 1]), [2, 4, 3]),
      sequence(),
      NaN,
    );
    const masked = await run(paramsOf(name), poisoned, tf.cast(holes, "bool"));
    const asNumbers = await run(paramsOf(name), sequence(), holes);
    expect(valuesOf(masked.output)).toEqual(valuesOf(asNumbers.output));
    // By hand: each row without its masked steps.
    const kept = [
      [0, 2, 3],
      [1, 3],
    ];
    const rows = tf.unstack(sequence(), 0);
    kept.forEach((places, row) => {
      const closed = tf.expandDims(tf.gather(rows[row]!, places), 0);
      const { output, state } = layer.run(paramsOf(name), closed);
      const got = tf.gather(tf.unstack(masked.output, 0)[row]!, places);
      expect(relativeError(valuesOf(got), valuesOf(output))).toBeLessThan(1e-6);
      const last = valuesOf(lastOf(masked.state)).slice(2 * row, 2 * row + 2);
      expect(relativeError(last, valuesOf(lastOf(state)))).toBeLessThan(1e-6);
    });
    const zeros = valuesOf(masked.output).filter((_, i) => valuesOf(holes)[Math.floor(i / 2)] === 0);
    expect(zeros).toEqual(Array(6).fill(0));
  });

  it.each(names)("%s leaves the state of an empty row as it began", async (name) => {
    const run = compile((params: TensorTree, x: tf.Tensor, lengths: tf.Tensor) =>
      layers[name].run(params, x, { lengths }),
    );
    const { output, state } = await run(paramsOf(name), sequence(), tf.tensor1d([0, 9], "int32"));
    expect(valuesOf(output).slice(0, 8)).toEqual(Array(8).fill(0));
    expect(valuesOf(lastOf(state)).slice(0, 2)).toEqual([0, 0]);
    const whole = valuesOf(layers[name].apply(paramsOf(name), sequence()));
    expect(relativeError(valuesOf(output).slice(8), whole.slice(8))).toBeLessThan(1e-6);
  });

  it.each(names)("%s has right first and second derivatives", async (name) => {
    const { init, run } = layers[name];
    const masked = { init, apply: (p: TensorTree, x: tf.Tensor) => run(p, x, { lengths: tf.tensor1d([2, 1]) }).output };
    expect(await derivativeError(masked, [2, 2, 3])).toBeLessThan(1e-3);
  });
});

describe("recurrent layers", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("start within ±1/√hidden", () => {
    const params = lstm({ in: 5, hidden: 16 }).init(random.key(3));
    expect(params.input.shape).toEqual([5, 64]);
    expect(params.recurrent.shape).toEqual([16, 64]);
    expect(gru({ in: 5, hidden: 16 }).init(random.key(3)).recurrent.shape).toEqual([16, 48]);
    const most = Math.max(...valuesOf(params.recurrent).map(Math.abs));
    expect(most).toBeLessThanOrEqual(0.25);
    expect(most).toBeGreaterThan(0.24); // of 1024 uniform numbers; false alarm 1e-19
  });

  it.each(names)("%s refuses other shapes and contradictions", (name) => {
    const layer = layers[name];
    const params = paramsOf(name);
    const all = (options: object) => () => layer.run(params, sequence(), options);
    expect(() => layer.apply(params, tf.zeros([2, 4, 5]))).toThrow(/the input of (gru|lstm).*expected \[any,any,3\]/);
    expect(() => layer.apply(params, tf.zeros([2, 0, 3]))).toThrow(/has no steps/);
    expect(() => layer.step(params, sequence(), layer.initialState(2))).toThrow(/a step takes \[batch, features\]/);
    expect(all({ lengths: tf.zeros([3]) })).toThrow(/lengths of (gru|lstm) has shape \[3\], expected \[2\]/);
    expect(all({ mask: tf.ones([2, 5]) })).toThrow(/the mask of (gru|lstm) has shape \[2,5\], expected \[2,4\]/);
    expect(all({ lengths: tf.zeros([2]), mask: tf.ones([2, 4]) })).toThrow(ValidationError);
  });
});
