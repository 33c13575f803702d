/**
 * The kernels of `ergodic sample-target`, by name.
 *
 * A new kernel needs only a new entry here.
 */
import type { PreparedKernel } from "@ergodic/diagnosis";
import type * as tf from "@tensorflow/tfjs-core";
import {
  denseMass,
  diagonalMass,
  hmc,
  identityMass,
  langevin,
  mala,
  nuts,
  warmUp,
  type Energy,
  type Tunable,
} from "@ergodic/samplers";
import { geometricLadder, parallelTempering, warmUpTempering } from "@ergodic/samplers/tempering";

/** Settings of the user. Omitted settings have the kernel's own default. */
export interface KernelSettings {
  /**
   * Initial step size of the adaptation. Without warm-up, and for kernels that are not adapted, the
   * step size itself.
   */
  readonly stepSize?: number;
  readonly mass?: keyof typeof masses;
  readonly leapfrogSteps?: number;
  readonly replicas?: number;
}

export interface KernelChoice {
  readonly description: string;
  /** Settings that it accepts besides the step size. */
  readonly takes: readonly ("mass" | "targetAcceptance" | "leapfrogSteps" | "replicas")[];
  make(energy: Energy, settings: KernelSettings): PreparedKernel;
}

const masses = { diagonal: diagonalMass, dense: denseMass, identity: identityMass };

/** Names of the mass forms. */
export const massNames = Object.keys(masses) as (keyof typeof masses)[];

const hamiltonian = ({ stepSize = 0.1, mass = "diagonal" }: KernelSettings) => ({ stepSize, mass: masses[mass]() });

const tuned = (kernel: Tunable<tf.Tensor>, { stepSize = 0.1 }: KernelSettings): PreparedKernel => ({
  kernel,
  warmUp: (start, options) => warmUp(kernel, start, options),
  momentum: true,
  stepSize,
});

export const kernels = {
  nuts: {
    description: "No-U-Turn sampler: trajectories that stop before they turn back",
    takes: ["mass", "targetAcceptance"],
    make(energy, settings) {
      const kernel = nuts({ energy, ...hamiltonian(settings) });
      return { ...tuned(kernel, settings), maxTreeDepth: kernel.maxDepth };
    },
  },
  hmc: {
    description: "Hamiltonian Monte Carlo: a fixed number of leapfrog steps (default 16), step size jittered by 10 %",
    takes: ["mass", "targetAcceptance", "leapfrogSteps"],
    make: (energy, settings) =>
      tuned(hmc({ energy, steps: settings.leapfrogSteps ?? 16, ...hamiltonian(settings) }), settings),
  },
  mala: {
    description: "Langevin steps that are accepted or rejected",
    takes: ["mass", "targetAcceptance"],
    make: (energy, settings) => tuned(mala({ energy, ...hamiltonian(settings) }), settings),
  },
  langevin: {
    description: "unadjusted Langevin steps, as energy-based models are trained with: biased, not adapted (step 0.1)",
    takes: [],
    make: (energy, { stepSize = 0.1 }) => ({ kernel: langevin({ energy, stepSize }), stepSize, momentum: false }),
  },
  "parallel-tempering": {
    description:
      "replicas (default 6) at falling temperatures that change places, each moved by 8 leapfrog steps of hmc",
    takes: ["targetAcceptance", "leapfrogSteps", "replicas"],
    make(energy, { stepSize = 0.1, leapfrogSteps = 8, replicas = 6 }) {
      const kernel = parallelTempering({
        energy,
        kernel: (tempered) => hmc({ energy: tempered, stepSize, steps: leapfrogSteps }),
        betas: geometricLadder(replicas, { smallest: 0.02 }),
      });
      return {
        kernel,
        async warmUp({ law, chains }, options) {
          const start = law(options.key, chains);
          try {
            return await warmUpTempering(kernel, start, options);
          } finally {
            start.dispose();
          }
        },
        momentum: false,
        stepSize,
      };
    },
  },
} satisfies { readonly [name: string]: KernelChoice };

export type KernelName = keyof typeof kernels;
