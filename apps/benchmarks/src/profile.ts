/**
 * Where the time of the latent chain goes on the compiled engine.
 *
 * Three programs are timed in turn: the chain; the same chain with its noise handed in as tensors, which draws nothing; and a
 * program that takes those same inputs and hardly computes. The differences are the parts. `noise drawn alone` is a check from
 * the other side: the numbers of one call, without a program.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile, useEngine } from "@ergodic/engine";
import { keyBrand, random, tree, type Key, type TensorTree } from "@ergodic/tensor";
import { CHAINS, DIMENSION, latentChainWork, STEPS } from "./cases/latent-chain.js";
import { median } from "./statistics.js";
import { formatFigure, formatTable } from "./table.js";

/** A key whose draws are given tensors, in turn. */
function givenDraws(tensors: readonly tf.Tensor[]): Key {
  let next = 0;
  const key: Key = { [keyBrand]: true, derive: () => key, draw: () => tensors[next++]! };
  return key;
}

const oneNumber = (tensor: tf.Tensor): tf.Tensor => tf.slice(tf.reshape(tensor, [-1]), [0], [1]);

export interface ChainProfile {
  readonly totalMs: number;
  readonly drawingMs: number;
  readonly marshallingMs: number;
  readonly runningMs: number;
  readonly noiseAloneMs: number;
}

/** Medians of `repeats` samples of each program, taken in turn. */
export async function profileLatentChain(repeats: number): Promise<ChainProfile> {
  await useEngine("onnx");
  const { run, params, start } = latentChainWork("leakyRelu");
  const root = random.key(1);
  const noise = random.split(root, STEPS).map((key) => random.normal(key, [CHAINS, DIMENSION]));
  const whole = compile(run);
  const given = compile((weights: readonly TensorTree[], z: tf.Tensor, draws: tf.Tensor[]) =>
    run(weights, z, givenDraws(draws)),
  );
  const inputsOnly = compile((weights: readonly TensorTree[], z: tf.Tensor, draws: tf.Tensor[]) =>
    tf.add(z, tf.sum(tf.concat([...tree.leaves(weights), ...draws].map(oneNumber)))),
  );
  let calls = 0;
  const work = {
    whole: () => whole(params, start, random.fold(root, calls++)),
    given: () => given(params, start, noise),
    inputsOnly: () => inputsOnly(params, start, noise),
    noiseAlone: () => {
      const key = random.fold(root, calls++);
      for (let i = 0; i < STEPS; i++) random.host.normal(random.split(random.fold(key, i), 1)[0]!, CHAINS * DIMENSION);
      return undefined;
    },
  };
  const samples: Record<string, number[]> = {};
  for (let round = -2; round < repeats; round++) {
    for (const [name, call] of Object.entries(work)) {
      const begin = performance.now();
      const result = await call();
      const ms = performance.now() - begin;
      result?.dispose();
      if (round >= 0) (samples[name] ??= []).push(ms);
    }
  }
  const of = (name: keyof typeof work): number => median(samples[name]!);
  return {
    totalMs: of("whole"),
    drawingMs: of("whole") - of("given"),
    marshallingMs: of("inputsOnly"),
    runningMs: of("given") - of("inputsOnly"),
    noiseAloneMs: of("noiseAlone"),
  };
}

export function formatProfile(profile: ChainProfile): string {
  const parts: [string, number][] = [
    ["whole call", profile.totalMs],
    ["drawing the noise on the host (600,000 normals, 60 keys)", profile.drawingMs],
    ["handing inputs in and results out", profile.marshallingMs],
    ["ONNX Runtime computing", profile.runningMs],
    ["(check) noise drawn alone", profile.noiseAloneMs],
  ];
  const share = (ms: number): string => `${Math.round((100 * ms) / profile.totalMs)}%`;
  return formatTable(
    ["latent-chain on onnx", "ms", "share"],
    parts.map(([name, ms]) => [name, formatFigure(ms), share(ms)]),
  );
}
