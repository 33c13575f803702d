/** Flows fitted to densities on the plane, and chains in their noise. */
import * as tf from "@tensorflow/tfjs-core";
import { realNvp, type Flow } from "@ergodic/flows";
import { adam, cosine } from "@ergodic/nn";
import { hmc, identityMass, sample, warmUp, type Energy } from "@ergodic/samplers";
import { random, type TensorTree } from "@ergodic/tensor";
import { fitTransport, transportedEnergy } from "../src/index.js";

/** A flow fitted in the given number of iterations, and the evidence bounds along the way. */
export async function fit(energy: Energy, iterations: number) {
  const flow = realNvp({ features: 2, couplings: 6, widths: [32, 32] });
  const bounds: number[] = [];
  const fitted = await fitTransport({
    flow,
    energy,
    optimizer: adam({ learningRate: cosine({ initial: 5e-3, steps: iterations }) }),
    iterations,
    key: random.key(1),
    onProgress: ({ evidenceBound }) => bounds.push(evidenceBound),
  });
  return { flow, bounds, ...fitted };
}

interface Length {
  readonly leapfrogSteps: number;
  readonly draws: number;
}

/** Positions of 16 chains after a warm-up, `[16, draws, 2]`. */
export async function chains(energy: Energy, { leapfrogSteps, draws }: Length) {
  const kernel = hmc({ energy, steps: leapfrogSteps, mass: identityMass() });
  const tuned = await warmUp(kernel, random.normal(random.key(2), [16, 2]), { steps: 150, key: random.key(3) });
  return sample(kernel, { initial: tuned, draws, key: random.key(4) });
}

interface Carried<P extends TensorTree> extends Length {
  readonly flow: Flow<P>;
  readonly params: P;
  readonly energy: Energy;
}

/** The same for chains in the noise of a flow, decoded. */
export async function carriedChains<P extends TensorTree>({ flow, params, energy, ...length }: Carried<P>) {
  const { positions } = await chains(transportedEnergy(flow, params, energy), length);
  const decoded = flow.decode(params, tf.reshape(positions, [16 * length.draws, 2]));
  return { positions: tf.reshape(decoded, [16, length.draws, 2]) };
}
