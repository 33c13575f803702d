/** The kernels that `ergodic sample-target` knows by name. A new one is a new entry: nothing else asks which it is. */
import type * as tf from "@tensorflow/tfjs-core";
import {
  denseMass,
  diagonalMass,
  hmc,
  identityMass,
  langevin,
  mala,
  nuts,
  type Energy,
  type HostKernel,
  type Kernel,
  type KernelInfo,
  type KernelState,
  type Tunable,
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
}

/** A kernel ready for use. */
export interface MadeKernel {
  readonly kernel: RowKernel;
  /** The step before any adaptation. */
  readonly stepSize: number;
  /** The same kernel where its step size and mass can be adapted. */
  readonly tunable?: Tunable<tf.Tensor> & RowKernel;
  readonly maxTreeDepth?: number;
}

export interface KernelChoice {
  readonly description: string;
  /** The settings it takes beside the step size. */
  readonly takes: readonly ("mass" | "targetAcceptance" | "leapfrogSteps")[];
  make(energy: Energy, settings: KernelSettings): MadeKernel;
}

const masses = { diagonal: diagonalMass, dense: denseMass, identity: identityMass };

/** Forms of mass by name. */
export const massNames = Object.keys(masses) as (keyof typeof masses)[];

const hamiltonian = ({ stepSize = 0.1, mass = "diagonal" }: KernelSettings) => ({ stepSize, mass: masses[mass]() });

const tuned = (kernel: Tunable<tf.Tensor>, { stepSize = 0.1 }: KernelSettings): MadeKernel => ({
  kernel,
  tunable: kernel,
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
    make: (energy, { stepSize = 0.1 }) => ({ kernel: langevin({ energy, stepSize }), stepSize }),
  },
} satisfies { readonly [name: string]: KernelChoice };

export type KernelName = keyof typeof kernels;
