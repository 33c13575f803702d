/** Sentences of fixed symbols: the same numbers in every peer. */
import type { SentenceBatch } from "@ergodic/data";
import * as tf from "@tensorflow/tfjs-core";
import { numbers } from "./numbers.js";

/** The number of the array that symbols are made of; see `numbers`. */
const SYMBOLS = 150;

/**
 * `rows` sentences of 9 to 16 symbols, the last of which is the boundary 0, in 16 places. Symbol j
 * of the array is 1 + floor((u_j + 1)/2 (symbols - 1)) with u_j in [-1, 1).
 */
export function fixedSentences(rows: number, symbols: number): SentenceBatch {
  const time = 16;
  const drawn = numbers(SYMBOLS, rows * time, 1);
  const length = (row: number): number => 9 + (row % 8);
  const at = <T>(value: (row: number, place: number) => T): T[][] =>
    Array.from({ length: rows }, (_, row) => Array.from({ length: time }, (__, place) => value(row, place)));
  const symbol = (row: number, place: number): number =>
    place < length(row) - 1 ? 1 + Math.floor(((drawn[row * time + place]! + 1) / 2) * (symbols - 1)) : 0;
  return {
    before: tf.tensor2d(
      at((row, place) => (place === 0 ? 0 : symbol(row, place - 1))),
      undefined,
      "int32",
    ),
    next: tf.tensor2d(at(symbol), undefined, "int32"),
    weight: tf.tensor2d(at((row, place) => (place < length(row) ? 1 : 0))),
  };
}
