/**
 * The README's table of kernels by engine agrees with the code. This command rewrites the table:
 *
 *     npx vitest run packages/engine/test/coverage.test.ts -u
 */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { format, resolveConfig } from "prettier";
import { expect, it } from "vitest";
import { lowerings } from "../src/onnx/lowerings.js";
import { constantKernels } from "../src/recorder/constant-kernels.js";
import { decompositions } from "../src/recorder/decompositions.js";
import { families, shapeRules } from "../src/recorder/shape-rules.js";
import { lowerings as tensorFlowLowerings } from "../src/tensorflow/lowerings.js";

const readme = fileURLToPath(new URL("../README.md", import.meta.url));
const onPlainBackend = new Set(tf.getKernelsForBackend("cpu").map(({ kernelName }) => kernelName));
const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
const list = (kernels: readonly string[]): string => kernels.join(" ").replaceAll("_", "\\_");

/** One row for the kernels of a family that the same engines run. */
function rowsOf(family: string, kernels: readonly string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const kernel of [...kernels].sort()) {
    const support = [kernel in lowerings, kernel in tensorFlowLowerings, onPlainBackend.has(kernel)]
      .map((yes) => (yes ? "yes" : "no"))
      .join(" | ");
    groups.set(support, [...(groups.get(support) ?? []), kernel]);
  }
  return [...groups].map(([engines, group]) => row([family, list(group), engines]));
}

function table(): string {
  const recorded = [...Object.keys(shapeRules), ...Object.keys(constantKernels), ...Object.keys(decompositions)];
  const named = Object.entries(tf).filter(([name, value]) => name === value && name !== "Identity");
  const missing = named.map(([name]) => name).filter((name) => !recorded.includes(name));
  return [
    row(["family", "kernels", "onnx", "tensorflow", "replay on cpu"]),
    row(["---", "---", "---", "---", "---"]),
    ...Object.entries(families).flatMap(([family, rules]) => rowsOf(family, Object.keys(rules))),
    row(["computed while recording", list(["Identity", ...Object.keys(constantKernels)]), "yes", "yes", "yes"]),
    row(["recorded as several kernels", list(Object.keys(decompositions)), "yes", "yes", "yes"]),
    row(["not recorded", list(missing.sort()), "no", "no", "no"]),
  ].join("\n");
}

it("lists every kernel by engine", async () => {
  const text = await readFile(readme, "utf8");
  const generated = text.replace(
    /(<!-- kernels: begin -->)[^]*(<!-- kernels: end -->)/,
    (_, begin: string, end: string) => `${begin}\n\n${table()}\n\n${end}`,
  );
  const options = await resolveConfig(readme);
  await expect(await format(generated, { ...options, parser: "markdown" })).toMatchFileSnapshot(readme);
});

it("lowers only kernels that can be recorded", () => {
  expect(Object.keys(lowerings).filter((kernel) => !(kernel in shapeRules))).toEqual([]);
});
