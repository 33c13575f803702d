/**
 * Keys: randomness as an argument.
 *
 * A key is an immutable value that names a stream of random numbers. Deriving gives new keys, drawing gives numbers, and neither
 * changes the key: the same key always gives the same numbers, on every machine. `Key` is an interface because a function
 * that is being recorded gets keys whose draws become inputs of the recorded program; `HostKey` is the kind that holds numbers.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Draw } from "./draw.js";
import { hostDraw } from "./host-draw.js";
import { threefry2x32, type Words } from "./threefry.js";
import { assertInRange, assertInteger, describeValue, fail } from "./validation.js";

/** Marks every implementation of `Key`; shared by all copies of this package in a process (versions, bundles). */
export const keyBrand: unique symbol = Symbol.for("ergodic.tensor.key") as never;

/** Randomness as a value. Use the functions in `random` rather than these methods. */
export interface Key {
  readonly [keyBrand]: true;
  /** The child key number `path`; different paths give independent children, independent of the key's own numbers too. */
  derive(path: number): Key;
  /** The numbers `spec` asks for as a new tensor; the same for the same key and spec. */
  draw(spec: Draw): tf.Tensor;
}

/** Whether `value` is a key of any implementation. */
export function isKey(value: unknown): value is Key {
  return typeof value === "object" && value !== null && (value as Partial<Key>)[keyBrand] === true;
}

/** Largest number of children of one kind; paths are below 2^53, so a block counter has a bit left to separate drawing. */
const pathLimit = 2 ** 53;

// Every draw of a compiled call derives several keys, so what is right passes one cheap test and only what is wrong is described.

function assertWords(words: Words): void {
  if (Array.isArray(words) && words.length === 2 && words[0] >>> 0 === words[0] && words[1] >>> 0 === words[1]) return;
  if (!Array.isArray(words) || words.length !== 2) {
    fail(`words are ${describeValue(words)}`, "two numbers", "pass the words of an existing key");
  }
  words.forEach((word: number, i: number) => assertInteger({ [`words[${i}]`]: word }));
  assertInRange({ "words[0]": words[0], "words[1]": words[1] }, { min: 0, max: 2 ** 32 - 1 });
}

function assertPath(path: number): void {
  if (Number.isSafeInteger(path) && path >= 0) return;
  assertInteger({ path });
  assertInRange({ path }, { min: 0, max: pathLimit, maxOpen: true });
}

/** A key that holds its 64 bits, as two unsigned 32-bit words. Serialise `words`, restore with `random.fromWords`. */
export class HostKey implements Key {
  readonly [keyBrand] = true;
  readonly words: Words;

  constructor(words: Words) {
    assertWords(words);
    this.words = Object.freeze([words[0], words[1]] as const);
    Object.freeze(this);
  }

  /** Threefry block `path` under this key. The counter's top bit is 0 here and 1 when drawing, so the two never meet. */
  derive(path: number): HostKey {
    assertPath(path);
    return new HostKey(threefry2x32(this.words, [path >>> 0, Math.floor(path / 2 ** 32)]));
  }

  draw(spec: Draw): tf.Tensor {
    const { values, shape, dtype } = hostDraw(this, spec);
    return tf.tensor(values, [...shape], dtype);
  }
}

/** Whether `value` is a key that holds its numbers (and not one that stands for a key in a program being recorded). */
export function isHostKey(value: unknown): value is HostKey {
  return isKey(value) && Array.isArray((value as Partial<HostKey>).words);
}
