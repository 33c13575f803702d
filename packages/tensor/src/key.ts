/**
 * Keys: randomness as an argument.
 *
 * - A key is an immutable value that names a stream of random numbers.
 * - Deriving makes new keys and drawing makes numbers. Neither changes the key, so the same key
 *   gives the same numbers on every machine.
 * - `HostKey` holds its bits. `Key` is an interface because a function that is being recorded gets
 *   keys of another kind, whose draws become inputs of the recorded program.
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Draw } from "./draw.js";
import { hostDraw } from "./host-draw.js";
import { threefry2x32, type Words } from "./threefry.js";
import { assertInRange, assertInteger, describeValue, fail } from "./validation.js";

/** Marks every implementation of `Key`. All copies of this package in a process share the mark. */
export const keyBrand: unique symbol = Symbol.for("ergodic.tensor.key") as never;

/** Randomness as a value. Use the functions in `random` rather than these methods. */
export interface Key {
  readonly [keyBrand]: true;
  /**
   * The child key number `path`. Children are independent of each other and of this key's numbers.
   */
  derive(path: number): Key;
  /** The numbers of `spec` as a new tensor. The same key and spec give the same numbers. */
  draw(spec: Draw): tf.Tensor;
}

/** Whether `value` is a key of any implementation. */
export function isKey(value: unknown): value is Key {
  return typeof value === "object" && value !== null && (value as Partial<Key>)[keyBrand] === true;
}

/**
 * Paths are below 2^53, so a bit of the block counter is left to separate draws from derivations.
 */
const pathLimit = 2 ** 53;

// Every draw of a compiled call derives several keys, so valid values must pass one cheap test.

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

/**
 * A key that holds its 64 bits as two unsigned 32-bit words.
 *
 * Store `words` to keep a key, and restore it with `random.fromWords`.
 */
export class HostKey implements Key {
  readonly [keyBrand] = true;
  readonly words: Words;
  /** Whether draws repeat their first row, see `random.equalRows`. Children inherit it. */
  readonly equalRows: boolean;

  constructor(words: Words, { equalRows = false }: { readonly equalRows?: boolean } = {}) {
    assertWords(words);
    this.words = Object.freeze([words[0], words[1]] as const);
    this.equalRows = equalRows;
    Object.freeze(this);
  }

  /** Threefry block `path` under this key. The counter's top bit is 0 here and 1 in draws. */
  derive(path: number): HostKey {
    assertPath(path);
    return new HostKey(threefry2x32(this.words, [path >>> 0, Math.floor(path / 2 ** 32)]), this);
  }

  draw(spec: Draw): tf.Tensor {
    const { values, shape, dtype } = hostDraw(this, spec);
    return tf.tensor(values, [...shape], dtype);
  }
}

/** Whether `value` is a key that holds its bits, rather than a key of a program being recorded. */
export function isHostKey(value: unknown): value is HostKey {
  return isKey(value) && Array.isArray((value as Partial<HostKey>).words);
}
