/** A file with the arrays of the FID Inception network, filled with seeded numbers. */
import { writeFile } from "node:fs/promises";
import { inceptionConvolutions } from "@ergodic/evaluation/networks";
import { encodeSafetensors } from "@ergodic/formats";

/** Weights uniform in ±sqrt(6 / (in h w)), normalisations that change nothing. */
export async function writeSeededInception(path: string, seed: number): Promise<void> {
  let state = seed;
  const uniform = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return bound * (state / 2 ** 31 - 1);
  };
  const filled = (name: string, shape: readonly number[], value: () => number) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    for (let i = 0; i < values.length; i++) values[i] = value();
    return { name, dtype: "float32" as const, shape: [...shape], values };
  };
  const arrays = inceptionConvolutions.flatMap(({ name, kernel, in: from, out }) => {
    const bound = Math.sqrt(6 / (from * kernel[0] * kernel[1]));
    const constant = (field: string, value: number) => filled(`${name}.bn.${field}`, [out], () => value);
    return [
      filled(`${name}.conv.weight`, [out, from, ...kernel], () => uniform(bound)),
      ...[constant("weight", 1), constant("bias", 0), constant("running_mean", 0), constant("running_var", 0.999)],
    ];
  });
  const classifier = filled("fc.weight", [1008, 2048], () => uniform(Math.sqrt(3 / 2048)));
  await writeFile(path, encodeSafetensors([...arrays, classifier]));
}
