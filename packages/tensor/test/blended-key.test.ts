/** Keys between two others: their ends, their law, and what they refuse. */
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { random, ValidationError } from "../src/index.js";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const [a, b] = [random.key("a"), random.key("b")];
const numbers = (x: tf.Tensor): number[] => [...x.dataSync()];

it("are the two keys at the ends, derived keys too", () => {
  const at = (angle: number) => random.fold(random.blended(a, b, tf.scalar(angle)), 3);
  const options = { mean: 2, sd: 0.5 };
  const drawn = (key: ReturnType<typeof at>) => numbers(random.normal(key, [4, 5], options));
  const ends = [a, b].map((key) => numbers(random.normal(random.fold(key, 3), [4, 5], options)));
  drawn(at(0)).forEach((value, i) => expect(value).toBeCloseTo(ends[0]![i]!, 5));
  drawn(at(Math.PI / 2)).forEach((value, i) => expect(value).toBeCloseTo(ends[1]![i]!, 5));
});

it("have one angle for each row, and the law of each key", () => {
  const angle = tf.linspace(0, Math.PI / 2, 5);
  const z = random.normal(random.blended(a, b, angle), [5, 20_000], { mean: -1, sd: 3 });
  const { mean, variance } = tf.moments(z, 1);
  // Standard errors 0.021 and 0.09: five of them, a false-alarm rate below 1e-5 for ten numbers.
  numbers(mean).forEach((value) => expect(Math.abs(value + 1)).toBeLessThan(0.11));
  numbers(variance).forEach((value) => expect(Math.abs(value - 9)).toBeLessThan(0.45));
});

it("refuse other numbers, and angles of another shape", () => {
  const key = random.blended(a, b, tf.tensor1d([0, 1]));
  expect(() => random.uniform(key, [2])).toThrow(ValidationError);
  expect(() => random.uniform(key, [2])).toThrow(/uniform numbers/);
  expect(() => random.normal(key, [3, 2])).toThrow(/expected \[\] or \[3\]/);
  expect(() => random.blended(a, 3 as never, tf.scalar(0))).toThrow(/a random key/);
});
