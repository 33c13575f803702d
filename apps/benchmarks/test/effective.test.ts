/** Targets of `bench:samplers`: energies that samplers can use, and a Python twin for each. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { useEngine } from "@ergodic/engine";
import { random } from "@ergodic/tensor";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { targets } from "../src/effective/targets.js";

beforeAll(async () => {
  await useEngine("cpu");
});

const twins = readFileSync(fileURLToPath(new URL("../peers/effective.py", import.meta.url)), "utf8");

it.each(Object.entries(targets))("%s", (name, { data, open }) => {
  expect(twins).toContain(`    "${name}": `);
  // Every sampler reads the data from one file.
  const read: unknown = JSON.parse(JSON.stringify(data()));
  expect(read).toEqual(data());
  const { energy, start, dimension } = open(read);
  const positions = start(random.key(name), 3);
  const energies = energy(positions, tf.tensor1d([0, 1, 2], "int32"));
  expect(energies.shape).toEqual([3]);
  expect([...energies.dataSync()].some(Number.isFinite)).toBe(true);
  expect(dimension).toBe(Object.values(positions).reduce((sum, { size }) => sum + size / 3, 0));
});
