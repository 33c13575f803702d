/**
 * The leapfrog steps of NUTS, compiled, and what programs report to the host.
 *
 * The host decides trees from a few numbers per leaf: energies, and all products of momenta and
 * velocities among the leaves of a program. So a program computes the steps and one batched matrix
 * product, many leaves a call.
 */
import * as tf from "@tensorflow/tfjs-core";
import { compile } from "@ergodic/engine";
import { tree, type Key, type TensorTree } from "@ergodic/tensor";
import { chainCount } from "../chains.js";
import type { Hamiltonian, HamiltonianState, Motion, PhasePoint } from "../hamiltonian.js";
import { inverseOfRows } from "../mass.js";
import { fromMatrix, selectRows, toMatrix } from "../rows.js";

/** Leaves in a block of a long trajectory. */
export const blockSize = 8;

/** Points of trajectories. */
export type Point = {
  readonly position: Float32Array;
  readonly gradient: Float32Array;
  readonly momentum: Float32Array;
};

type Reported = { readonly [name in keyof Point | "energy" | "products"]: tf.Tensor };

/**
 * `count` leaves of each chain, in the order they were grown: a row for each leaf, chain after
 * chain.
 */
export interface Leaves extends Point {
  /** E, `[count, chains]`. */
  readonly energy: Float32Array;
  /** p_i · M⁻¹p_j, `[chains, count, count]`. */
  readonly products: Float32Array;
  readonly count: number;
}

/** A system and its step sizes and temperatures, for rows that belong to some of the chains. */
export interface RowSystem<X extends TensorTree> {
  /** The system of rows that belong to these chains. Default: row i is chain i. */
  of(chains?: tf.Tensor1D): Hamiltonian<X>;
  /** The numbers of a step of all chains. */
  motionAt(state: HamiltonianState<X>, chains: number): Motion;
}

/** The numbers of a step of rows that belong to these chains. */
function motionOfRows(motion: Motion, like: TensorTree, chains: tf.Tensor1D): Motion {
  const ofRows = (value: tf.Tensor): tf.Tensor => (value.rank === 0 ? value : tf.gather(value, chains));
  return {
    stepSize: ofRows(motion.stepSize),
    inverseMass: inverseOfRows(motion.inverseMass, like, chains),
    temperature: motion.temperature && ofRows(motion.temperature),
  };
}

/**
 * Where a block of leaves starts: the edge, chain and direction (±1) of each row, and the state.
 */
export interface BlockInputs<X extends TensorTree> {
  readonly edge: Point;
  readonly chains: Int32Array;
  readonly directions: Float32Array;
  readonly state: HamiltonianState<X>;
}

export interface LeafPrograms<X extends TensorTree> {
  /**
   * A fresh momentum and `directions.length` doublings: 2^doublings leaves.
   *
   * Leaf 0 is the state itself, and doubling k gives leaves 2^k to 2^(k+1) - 1. `directions[k]` is
   * ±1 for each chain.
   */
  open(state: HamiltonianState<X>, key: Key, directions: readonly Float32Array[]): Promise<Leaves>;
  /** {@link blockSize} leaves from an edge on. */
  grow(inputs: BlockInputs<X>): Promise<Leaves>;
  /** M⁻¹p of momenta of these chains, row by row. */
  velocity(state: HamiltonianState<X>, momentum: Float32Array, chains: Int32Array): Promise<Float32Array>;
  dispose(): Promise<void>;
}

/** Reads what a program reported to the host, and frees it. */
async function read(reported: Reported, count: number): Promise<Leaves> {
  const names = Object.keys(reported) as (keyof Reported)[];
  const values = await Promise.all(names.map((name) => reported[name].data()));
  tree.dispose(reported);
  return { ...(Object.fromEntries(names.map((name, i) => [name, values[i]])) as unknown as Leaves), count };
}

export function leafPrograms<X extends TensorTree>(rowSystem: RowSystem<X>): LeafPrograms<X> {
  const system = rowSystem.of();

  function grown(
    { drift, kick }: Hamiltonian<X>,
    start: PhasePoint<X>,
    { motion, direction, count }: { motion: Motion; direction: tf.Tensor; count: number },
  ): PhasePoint<X>[] {
    const directed = { ...motion, stepSize: tf.mul(direction, motion.stepSize) };
    const points = [start];
    for (let n = 0; n < count; n++) {
      points.push(kick(drift(kick(points[n]!, directed, 0.5), directed), directed, 0.5));
    }
    return points.slice(1);
  }

  function report(points: readonly PhasePoint<X>[], inverseMass: TensorTree): Reported {
    const count = points.length;
    /** `[chains, count · size]`. Outputs have no other shape, since that would be another copy. */
    const beside = (values: readonly X[]): tf.Tensor2D => tf.concat(values.map(toMatrix), 1);
    const momentum = beside(points.map((point) => point.momentum));
    const size = momentum.shape[1] / count;
    const byChain = (rows: tf.Tensor2D): tf.Tensor3D => tf.reshape(rows, [-1, count, size]);
    const velocity = beside(points.map((point) => system.mass.velocity(inverseMass, point.momentum)));
    return {
      position: beside(points.map((point) => point.position)),
      gradient: beside(points.map((point) => point.gradient)),
      momentum,
      energy: tf.concat(points.map((point) => point.energy)),
      products: tf.matMul(byChain(momentum), byChain(velocity), false, true),
    };
  }

  const opening = compile((state: HamiltonianState<X>, key: Key, directions: readonly tf.Tensor[]): Reported => {
    const { position, energy, gradient, inverseMass } = state;
    const motion = rowSystem.motionAt(state, chainCount(position));
    const start = { position, energy, gradient, momentum: system.mass.momentum(inverseMass, key, position) };
    const points: PhasePoint<X>[] = [start];
    let [near, far]: PhasePoint<X>[] = [start, start];
    directions.forEach((direction, k) => {
      if (k > 0) {
        const onward = tf.equal(direction, directions[k - 1]!);
        [near, far] = [
          selectRows<TensorTree>(onward, near!, far!) as PhasePoint<X>,
          selectRows<TensorTree>(onward, far!, near!) as PhasePoint<X>,
        ];
      }
      points.push(...grown(system, near!, { motion, direction, count: 2 ** k }));
      near = points.at(-1)!;
    });
    return report(points, inverseMass);
  });

  type EdgeTensors = { readonly [name in "position" | "gradient" | "momentum"]: tf.Tensor2D };
  type Rows = { readonly edge: EdgeTensors; readonly chains: tf.Tensor1D; readonly direction: tf.Tensor1D };
  const block = compile(({ edge, chains, direction }: Rows, state: HamiltonianState<X>): Reported => {
    const { position: like } = state;
    const start = {
      position: fromMatrix(edge.position, like),
      gradient: fromMatrix(edge.gradient, like),
      momentum: fromMatrix(edge.momentum, like),
      energy: tf.zerosLike(direction) as tf.Tensor1D,
    };
    const motion = motionOfRows(rowSystem.motionAt(state, chainCount(like)), like, chains);
    return report(grown(rowSystem.of(chains), start, { motion, direction, count: blockSize }), motion.inverseMass);
  });

  const velocities = compile(
    (momentum: tf.Tensor2D, chains: tf.Tensor1D, { inverseMass, position }: HamiltonianState<X>) =>
      toMatrix(system.mass.velocity(inverseOfRows(inverseMass, position, chains), fromMatrix(momentum, position))),
  );
  const matrix = (values: Float32Array, rows: number): tf.Tensor2D => tf.tensor2d(values, [rows, values.length / rows]);

  return {
    async open(state, key, directions) {
      const fed = directions.map((direction) => tf.tensor1d(direction));
      try {
        return await read(await opening(state, key, fed), 2 ** directions.length);
      } finally {
        tree.dispose(fed);
      }
    },
    async grow({ edge, chains, directions, state }) {
      const rows = directions.length;
      const fed = {
        edge: {
          position: matrix(edge.position, rows),
          gradient: matrix(edge.gradient, rows),
          momentum: matrix(edge.momentum, rows),
        },
        chains: tf.tensor1d(chains, "int32"),
        direction: tf.tensor1d(directions),
      };
      try {
        return await read(await block(fed, state), blockSize);
      } finally {
        tree.dispose(fed);
      }
    },
    async velocity(state, momentum, chains) {
      const fed = [matrix(momentum, chains.length), tf.tensor1d(chains, "int32")] as const;
      const velocity = await velocities(...fed, state);
      const values = await velocity.data<"float32">();
      tree.dispose([...fed, velocity]);
      return values;
    },
    async dispose() {
      await Promise.all([opening.dispose(), block.dispose(), velocities.dispose()]);
    },
  };
}
