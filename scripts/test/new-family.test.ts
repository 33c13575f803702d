/** `npm run new-family`: its output, its errors, and the generated tests. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newFamily } from "../new-family/generate.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const workspace = mkdtempSync(join(tmpdir(), "ergodic-family-"));
const name = "score-walk2";
const files = (folder: string) => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

/** The part of the workspace that the generator reads and the generated tests need. */
beforeAll(() => {
  for (const path of ["packages/latent-priors", "apps/cli/package.json", "scripts/source-aliases.ts"])
    cpSync(join(root, path), join(workspace, path), {
      recursive: true,
      filter: (file) => !file.includes("node_modules"),
    });
  for (const other of readdirSync(join(root, "packages")))
    if (other !== "latent-priors")
      symlinkSync(join(root, "packages", other), join(workspace, "packages", other), "junction");
  mkdirSync(join(workspace, "apps/cli/src/presets/toy"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(workspace, "node_modules"), "junction");
  for (const file of [
    "package.json",
    "tsconfig.base.json",
    "vitest.config.ts",
    "scripts/totals-reporter.ts",
    "scripts/vitest-base.ts",
  ])
    cpSync(join(root, file), join(workspace, file));
});
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe("a new family", () => {
  it.each(["Score", "a b", "../x", "", "latent-priors", "-x"])("is not called %j, and nothing is written", (wrong) => {
    const before = files(join(workspace, "apps"));
    expect(() => newFamily(workspace, wrong)).toThrow(/can't name a package|exists already/);
    expect(files(join(workspace, "apps"))).toEqual(before);
  });

  it("touches the command line's manifest and adds a preset, besides its own folder", () => {
    expect(newFamily(workspace, name)).toEqual([
      join("packages", name),
      join("apps/cli/src/presets/toy", `${name}.ts`),
      join("apps/cli/package.json"),
    ]);
    const text = files(join(workspace, "packages", name))
      .filter((path) => /\.(ts|md|json)$/.test(path))
      .map((path) => readFileSync(join(workspace, "packages", name, path), "utf8"))
      .join("\n");
    expect(text).not.toMatch(/family-?name|latent-priors/i);
    const { dependencies } = JSON.parse(readFileSync(join(workspace, "apps/cli/package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    expect(dependencies).toHaveProperty([`@ergodic/${name}`]);
    expect(Object.keys(dependencies)).toEqual(Object.keys(dependencies).sort());
  });

  it("passes its tests, its preset among them", async () => {
    writeFileSync(
      join(workspace, "packages", name, "test", "preset.test.ts"),
      `import { isExperiment } from "@ergodic/training";
       import { expect, it } from "vitest";
       import preset from "../../../apps/cli/src/presets/toy/${name}.js";
       it("is a preset", () => expect(isExperiment(preset) && preset.name).toBe("toy/${name}"));`,
    );
    const vitest = join(root, "node_modules/vitest/vitest.mjs");
    const { stdout } = await promisify(execFile)(process.execPath, [vitest, "run", `packages/${name}`], {
      cwd: workspace,
      timeout: 590_000,
    }).catch((error: { stdout: string }) => error);
    expect(stdout).toMatch(/\n7 passed, 0 failed/);
  }, 600_000);
});
