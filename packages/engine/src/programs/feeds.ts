/**
 * The inputs of a program at a call: tensors of arguments, captured variables, and numbers drawn
 * from the keys among the arguments.
 */
import type * as tf from "@tensorflow/tfjs-core";
import { drawArrays, hostDraw, type Draw, type HostDraw, type HostKey } from "@ergodic/tensor";
import { EngineError } from "../errors.js";
import type { Feed } from "../executor.js";
import { sizeOf } from "../graph.js";
import type { NormalRange } from "../normal-range.js";
import type { RecordedCall } from "../recorder/record.js";

/** The key of an argument, or a child of an earlier key in the list. */
type KeyStep = { readonly leaf: number } | { readonly parent: number; readonly index: number };

/**
 * Runs a program on the feeds of a call with these leaves.
 *
 * @param own inputs whose normal variates the program draws itself. Default: none.
 */
export type Fed = <T>(
  leaves: readonly unknown[],
  run: (feeds: readonly Feed[]) => Promise<T>,
  own?: ReadonlySet<number>,
) => Promise<T>;

const none: ReadonlySet<number> = new Set();

/** All numbers of a draw of normal variates. Undefined where they are not one stretch of the key's. */
const rangeOf = ({ words: key, equalRows }: HostKey, draw: Draw): NormalRange | undefined =>
  draw.kind === "normal" && !equalRows
    ? { key, start: 0, count: sizeOf(draw.shape), mean: draw.mean, sd: draw.sd }
    : undefined;

/**
 * Plans the feeds of the graph's inputs. Each call then derives every needed key once.
 *
 * Drawn numbers fill the arrays of an earlier call, if it has ended: the operating system takes as
 * long to make the pages of new arrays as the numbers take. Arrays of one call lie one behind the
 * other, so that a program can read those of many steps as one tensor.
 */
export function fedWith({ graph, variables }: Pick<RecordedCall, "graph" | "variables">): Fed {
  const steps: KeyStep[] = [];
  const known = new Map<string, number>();
  const stepOf = (name: string, step: KeyStep): number => {
    const at = known.get(name) ?? steps.push(step) - 1;
    known.set(name, at);
    return at;
  };
  const sources = graph.inputs.map(({ source }) => {
    if (source.kind !== "random") return source;
    let name = String(source.leaf);
    let key = stepOf(name, { leaf: source.leaf });
    for (const index of source.path) {
      name += `/${index}`;
      key = stepOf(name, { parent: key, index });
    }
    return { kind: "random" as const, key, draw: source.draw };
  });
  /** Arrays of the draws that are made here, by the index of the input. */
  type Arrays = ReadonlyMap<number, HostDraw["values"]>;
  const newArrays = (own: ReadonlySet<number>): Arrays => {
    const here = sources.flatMap((source, i) =>
      source.kind === "random" && !own.has(i) ? [[i, source.draw] as const] : [],
    );
    const arrays = drawArrays(here.map(([, draw]) => draw));
    return new Map(here.map(([i], n) => [i, arrays[n]!]));
  };
  let idle: Arrays | undefined;
  return async (leaves, run, own = none) => {
    const keys: HostKey[] = [];
    for (const step of steps) {
      keys.push("leaf" in step ? (leaves[step.leaf] as HostKey) : keys[step.parent]!.derive(step.index));
    }
    const arrays = idle ?? newArrays(own);
    idle = undefined;
    const feeds: Feed[] = [];
    for (const [i, source] of sources.entries()) {
      if (source.kind === "random") {
        const key = keys[source.key]!;
        feeds.push((own.has(i) && rangeOf(key, source.draw)) || hostDraw(key, source.draw, arrays.get(i)).values);
      } else if (source.kind === "variable")
        feeds.push(alive(variables[source.index]!, "a variable that a compiled function captured"));
      else feeds.push(alive(leaves[source.leaf] as tf.Tensor, `argument leaf ${source.leaf} of a compiled function`));
    }
    try {
      return await run(feeds);
    } finally {
      idle = arrays;
    }
  };
}

function alive(tensor: tf.Tensor, what: string): tf.Tensor {
  if (tensor.isDisposed) throw new EngineError(`${what} was disposed before the call.`);
  return tensor;
}
