/** The kernels that `ergodic sample-target` knows by name. A new one is a new entry: nothing else asks which it is. */
import type * as tf from "@tensorflow/tfjs-core";
import {
  denseMass,
  diagonalMass,
  geometricLadder,
  hmc,
  identityMass,
  langevin,
  mala,
  nuts,
  parallelTempering,
  warmUp,
  warmUpTempering,
  type Energy,
  type HostKernel,
  type Kernel,
  type KernelInfo,
  type KernelState,
  type Tunable,
  type WarmUpOptions,
} from "@ergodic/samplers";

/** A kernel over rows of numbers, `[chains, dimension]`. */
export type RowKernel = Kernel<tf.Tensor, RowState> | HostKernel<tf.Tensor, RowState>;
export type RowState = KernelState<tf.Tensor>;
export type RowInfo = KernelInfo;

/** What the user can set; what is left out has the kernel's own default. */
export interface KernelSettings {
  /** Where adaptation begins; without warm-up, and for kernels that are not adapted, the step itself. */
  readonly stepSize?: number;
  readonly mass?: keyof typeof masses;
  readonly leapfrogSteps?: number;
  readonly replicas?: number;
}

/** A kernel ready for use. */
export interface MadeKernel {
  readonly kernel: RowKernel;
  /** The step before any adaptation. */
  readonly stepSize: number;
  /** Fits what can be fitted while the chains run from `position`; absent where nothing can be. */
  warmUp?(position: tf.Tensor, options: WarmUpOptions): Promise<RowState>;
  /** Whether the energy that it reports holds a momentum. */
  readonly momentum: boolean;
  readonly maxTreeDepth?: number;
}

export interface KernelChoice {
  readonly description: string;
  /** The settings it takes beside the step size. */
  readonly takes: readonly ("mass" | "targetAcceptance" | "leapfrogSteps" | "replicas")[];
  make(energy: Energy, settings: KernelSettings): MadeKernel;
}

const masses = { diagonal: diagonalMass, dense: denseMass, identity: identityMass };

/** Forms of mass by name. */
export const massNames = Object.keys(masses) as (keyof typeof masses)[];

const hamiltonian = ({ stepSize = 0.1, mass = "diagonal" }: KernelSettings) => ({ stepSize, mass: masses[mass]() });

const tuned = (kernel: Tunable<tf.Tensor>, { stepSize = 0.1 }: KernelSettings): MadeKernel => ({
  kernel,
  warmUp: (position, options) => warmUp(kernel, position, options),
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
        warmUp: (position, options) => warmUpTempering(kernel, position, options),
        momentum: false,
        stepSize,
      };
    },
  },
} satisfies { readonly [name: string]: KernelChoice };

export type KernelName = keyof typeof kernels;
