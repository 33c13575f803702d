/** Detects a function that is recorded repeatedly because plain numbers of its arguments change. */
import { tree, type Tree } from "@ergodic/tensor";
import { LruCache } from "./lru-cache.js";
import { describe } from "./signature.js";

/** Up to this many values, a number counts as a choice, such as a number of steps. */
const MOST = 12;
/** Number of argument kinds that are remembered. A kind ignores the values of numbers. */
const KINDS = 64;
/** Number of values that the warning shows. */
const SHOWN = 3;

type Numbers = readonly number[];

const isNumber = (leaf: unknown): leaf is number => typeof leaf === "number";

/** Paths of the numbers in these arguments, such as `1.stepSize`. */
function placesOfNumbers(args: Tree<unknown>): string[] {
  const paths = tree.paths(args);
  return tree.leaves(args).flatMap((leaf, i) => (isNumber(leaf) ? [paths[i]!] : []));
}

function warning(args: Tree<unknown>, seen: readonly Numbers[]): string {
  const changing = placesOfNumbers(args).flatMap((place, i) => {
    const values = [...new Set(seen.map((numbers) => numbers[i]!))];
    return values.length === 1 ? [] : [`argument ${place} (${values.slice(0, SHOWN).join(", ")}, ...)`];
  });
  return (
    `A compiled function was recorded ${seen.length} times because plain numbers changed: ${changing.join(", ")}. Each value of a plain ` +
    "number has its own program. Pass a number that changes as a tensor, tf.scalar(value): one program then serves all its values. " +
    "A number that decides shapes has to stay plain; give it few values."
  );
}

/** Takes the arguments of every recording of one function and warns once. */
export function noticeChangingNumbers(): (args: readonly unknown[]) => void {
  const kinds = new LruCache<string, readonly Numbers[]>(KINDS, () => {});
  let warned = false;
  return (list) => {
    const args = list as Tree<unknown>;
    const numbers = tree.leaves(args).filter(isNumber);
    if (warned || numbers.length === 0) return;
    const kind = describe(tree.map((leaf) => (isNumber(leaf) ? 0 : leaf), args) as readonly unknown[]).signature;
    const before = kinds.get(kind) ?? [];
    if (before.some((other) => other.every((value, i) => Object.is(value, numbers[i])))) return;
    const seen = [...before, numbers];
    kinds.set(kind, seen);
    if (seen.length <= MOST) return;
    warned = true;
    console.warn(warning(args, seen));
  };
}
