/** Lists in pages and file names that have to match the code: packages, engines, presets. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isExperiment } from "@ergodic/training";
import { describe, expect, it } from "vitest";
import { loadPresetModule, presetNames } from "../../apps/cli/src/presets.js";
import { floors } from "../lint/floors.js";
import { subpathsOf } from "../source-aliases.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const page = (path: string) => readFileSync(join(root, path), "utf8");
/** The first column of the tables of a page, without links and quotes. */
const rowsOf = (text: string) => [...text.matchAll(/^\| \[?`([^`]+)`/gm)].map(([, name]) => name!);
const built = floors.flat().filter((name) => existsSync(join(root, "packages", name)));

describe("the table of packages", () => {
  it.each(["README.md", "docs/architecture.md"])("of %s has every package below the families, and no other", (path) => {
    const section = /^## (?:Packages|Floors)$(.*?)^## /ms.exec(page(path) + "\n## ")?.[1] ?? "";
    const cells = [...section.matchAll(/^\|([^|]*)\|/gm)].flatMap(([, cell]) =>
      [...cell!.matchAll(/`(?:@ergodic\/)?([a-z-]+)`/g)].map(([, name]) => name!),
    );
    expect(cells).toEqual(expect.arrayContaining(built));
    const known = [...readdirSync(join(root, "packages")), "ergodic"];
    expect(cells.filter((name) => !known.includes(name))).toEqual([]);
  });
});

it("the table of engines in the engine's README has each subpath of the package", () => {
  const section = /^## Engines$(.*?)^## /ms.exec(page("packages/engine/README.md"))?.[1] ?? "";
  expect(rowsOf(section).sort()).toEqual(subpathsOf("engine").sort());
});

describe("a preset", () => {
  it("is there", () => expect(presetNames).toContain("quickstart"));

  it.each([...presetNames])("%s is an experiment with the name of its path", async (name) => {
    const { default: experiment } = await loadPresetModule(name);
    expect(isExperiment(experiment) && experiment.name).toBe(name);
    expect(isExperiment(experiment) && experiment.description).toBeTruthy();
  });
});
