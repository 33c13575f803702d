/**
 * The floor rule reports violations, accepts legal imports, and matches the list in the
 * architecture page.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ESLint, Linter } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";
import { floorOf, floors, floorsPlugin } from "../lint/floors.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

function lint(filename: string, code: string): string[] {
  const linter = new Linter({ configType: "flat", cwd: root });
  const messages = linter.verify(
    code,
    [
      {
        files: ["**/*.ts"],
        plugins: { ergodic: floorsPlugin },
        rules: { "ergodic/floors": "error" },
        languageOptions: { parser: tseslint.parser as Linter.Parser },
      },
    ],
    `${root}${filename}`,
  );
  return messages.map(({ messageId, message }) => messageId ?? message);
}

describe("the floor rule reports", () => {
  it.each([
    ["upward", "packages/tensor/src/a.ts", 'import { compile } from "@ergodic/engine";'],
    ["upward", "packages/engine/src/deep/a.ts", 'export * from "@ergodic/nn";'],
    ["upward", "packages/nn/src/a.ts", 'import type { EnergyModel } from "@ergodic/energies";'],
    ["upward", "packages/energies/src/a.ts", 'export { x } from "@ergodic/latent-priors";'],
    ["upward", "packages/nn/src/a.ts", 'const x = await import("@ergodic/energies");'],
    ["upward", "packages/nn/src/a.ts", "const x = await import(`@ergodic/energies`);"],
    ["upward", "packages/nn/src/a.ts", 'type X = import("@ergodic/energies").EnergyModel;'],
    ["upward", "packages/nn/src/a.ts", 'import x = require("@ergodic/energies");'],
    ["upward", "packages/nn/src/a.ts", 'const x = require("@ergodic/energies");'],
    ["sibling", "packages/nn/src/a.ts", 'import { langevin } from "@ergodic/samplers";'],
    ["sibling", "packages/training/src/a.ts", 'import type { Dataset } from "@ergodic/data";'],
    ["sibling", "packages/latent-priors/src/a.ts", 'import { x } from "@ergodic/neural-transport";'],
    ["self", "packages/nn/src/a.ts", 'import { dense } from "@ergodic/nn";'],
    ["app", "packages/nn/src/a.ts", 'import { main } from "ergodic";'],
    ["unknown", "packages/nn/src/a.ts", 'import { x } from "@ergodic/tensors";'],
    ["unknown", "apps/cli/src/a.ts", 'import { x } from "@ergodic/benchmarks";'],
    ["deep", "packages/nn/src/a.ts", 'import { x } from "@ergodic/tensor/src/tree.js";'],
    ["deep", "apps/cli/src/a.ts", 'import { x } from "@ergodic/tensor/dist/index.js";'],
    ["deep", "packages/nn/test/a.test.ts", 'import { x } from "@ergodic/tensor/src/tree.js";'],
    ["deep", "packages/nn/src/a.ts", 'import { x } from "@ergodic/engine/entries";'],
    ["backend", "packages/nn/src/a.ts", 'import { x } from "@ergodic/engine/onnx";'],
    ["leaves", "packages/nn/src/a.ts", 'import { x } from "../../tensor/src/index.js";'],
    ["leaves", "packages/nn/src/deep/a.ts", 'import { x } from "../../../tensor/src/index.js";'],
    ["leaves", "packages/nn/test/a.test.ts", 'import { x } from "../../tensor/src/index.js";'],
    ["leaves", "apps/cli/src/a.ts", 'import { x } from "../../../packages/nn/src/index.js";'],
    ["backend", "packages/nn/src/a.ts", 'import "@tensorflow/tfjs-backend-cpu";'],
    ["backend", "packages/nn/src/a.ts", 'await import("@tensorflow/tfjs-backend-wasm/dist/index.js");'],
    ["backend", "packages/training/src/a.ts", 'import * as tf from "@tensorflow/tfjs-node";'],
    ["backend", "packages/tensor/src/a.ts", 'import * as tf from "@tensorflow/tfjs";'],
    ["backend", "packages/tensor/src/a.ts", 'import { InferenceSession } from "onnxruntime-node";'],
  ])("%s imports: %s: %s", (kind, filename, code) => {
    expect(lint(filename, code)).toEqual([kind]);
  });
});

describe("the floor rule lets pass", () => {
  it.each([
    ["packages/engine/src/a.ts", 'import { tree } from "@ergodic/tensor";'],
    ["packages/latent-priors/src/a.ts", 'import { langevin } from "@ergodic/samplers";'],
    ["packages/latent-priors/src/a.ts", 'import { mlpEnergy } from "@ergodic/energies";'],
    ["packages/nn/src/deep/a.ts", 'import { x } from "../a.js"; import { y } from "./b.js";'],
    [
      "packages/nn/src/a.ts",
      'import * as tf from "@tensorflow/tfjs-core"; import { readFile } from "node:fs/promises";',
    ],
    ["packages/engine/src/a.ts", 'await import("@tensorflow/tfjs-backend-cpu"); await import("onnxruntime-node");'],
    [
      "packages/nn/test/a.test.ts",
      'import { dense } from "../src/index.js"; import { useEngine } from "@ergodic/engine";',
    ],
    [
      "packages/nn/test/a.test.ts",
      'import { langevin } from "@ergodic/samplers"; import { dense } from "@ergodic/nn";',
    ],
    ["packages/tensor/test/a.test.ts", 'import "@tensorflow/tfjs-backend-cpu";'],
    ["packages/nn/tsup.config.ts", 'export { libraryBuild as default } from "../../scripts/library-build.js";'],
    ["apps/cli/src/a.ts", 'import { x } from "@ergodic/latent-priors"; import "@tensorflow/tfjs-backend-cpu";'],
    ["packages/nn/src/a.ts", 'import manifest from "@ergodic/tensor/package.json";'],
    ["scripts/a.ts", 'import "../packages/nn/src/index.js";'],
  ])("%s: %s", (filename, code) => {
    expect(lint(filename, code)).toEqual([]);
  });
});

it.each(["packages/nn/src/index.ts", "packages/nn/test/dense.test.ts", "apps/cli/src/main.ts"])(
  "the workspace's configuration applies the rule to %s",
  async (filename) => {
    const config = (await new ESLint({ cwd: root }).calculateConfigForFile(`${root}${filename}`)) as Linter.Config;
    expect(config.rules?.["ergodic/floors"]).toEqual([2]);
  },
);

describe("the list of floors", () => {
  it("names every package once", () => {
    const names = floors.flat();
    expect(new Set(names).size).toBe(names.length);
    for (const name of readdirSync(`${root}packages`))
      expect.soft(floorOf(name), `floor of ${name}`).toBeGreaterThanOrEqual(0);
  });

  it("is the list in docs/architecture.md", () => {
    const page = readFileSync(`${root}docs/architecture.md`, "utf8");
    const section = /^## Floors$(.*?)^## /ms.exec(page)?.[1] ?? "";
    const listed = [...section.matchAll(/^\d+\. (.*)$/gm)].map(([, line]) =>
      [...line!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name!),
    );
    expect(listed).toEqual([...floors.map((floor) => [...floor]), []]);
  });

  it("holds in the manifests: dependencies on other packages point strictly downward", () => {
    for (const name of readdirSync(`${root}packages`)) {
      const file = `${root}packages/${name}/package.json`;
      if (!existsSync(file)) continue;
      const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(file, "utf8")) as Record<
        string,
        Record<string, string> | undefined
      >;
      for (const dependency of Object.keys({ ...dependencies, ...peerDependencies })) {
        const other = /^@ergodic\/(.*)$/.exec(dependency)?.[1];
        if (other) expect.soft(floorOf(other), `${name} depends on ${other}`).toBeLessThan(floorOf(name));
      }
    }
  });
});
