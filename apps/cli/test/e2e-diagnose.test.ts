/**
 * `ergodic diagnose` end to end: one pass over a model of digits, and runs that cannot be
 * diagnosed.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, fixtures, names, tiny } from "./support.js";

interface Chain {
  readonly verdict: string;
  readonly troubles: readonly string[];
  readonly evidence: readonly string[];
  readonly learningSteps: number;
  readonly discarded: number;
  readonly rows: readonly { readonly name: string }[];
  readonly shortRun: {
    readonly short: { readonly steps: number; readonly distance?: number };
    readonly long: { readonly steps: number; readonly distance?: number };
    readonly floor?: number;
  };
  readonly classes?: { readonly classes: number; readonly agreement: number };
}

interface Diagnosis {
  readonly iteration: number;
  readonly diagnoses: Readonly<Record<string, Chain>>;
}

const trained = async (folder: string, ...args: readonly string[]) => {
  expect((await ergodic(folder, "train", ...args, "--no-evaluate", "--quiet")).code).toBe(0);
};

describe("diagnose", () => {
  it("a model of digits: prior and posteriors, distances to data, classes, pictures, words", async () => {
    const folder = await emptyFolder();
    await trained(folder, "quickstart", ...tiny, "--set", "training.iterations=2");
    const run = join("runs", "quickstart-1");
    const args = ["diagnose", run, "--chains", "4", "--steps", "60", "--n", "40", "--quiet"];
    const { code, stdout, stderr } = await ergodic(folder, ...args);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^prior: (does not mix|mixes slowly) /m);
    expect(stdout).toMatch(/^report +runs/m);
    expect(names(folder, run, "diagnosis")).toEqual(["diagnosis.json", "report.html"]);
    const file = (name: string) => readFile(join(folder, run, "diagnosis", name), "utf8");
    const { iteration, diagnoses } = JSON.parse(await file("diagnosis.json")) as Diagnosis;
    expect(iteration).toBe(2);
    expect(Object.keys(diagnoses)).toEqual(["prior", "posterior 0", "posterior 1"]);
    const prior = diagnoses["prior"]!;
    expect(prior).toMatchObject({ learningSteps: 3, discarded: 30, classes: { classes: 10 } });
    expect(prior.rows.map(({ name }) => name)).toEqual(["energy", "x[0]", "x[1]", "x[2]", "x[3]"]);
    expect([prior.shortRun.short.steps, prior.shortRun.long.steps]).toEqual([3, 30]);
    expect(prior.shortRun.short.distance).toBeGreaterThan(prior.shortRun.floor!);
    expect(prior.classes!.agreement).toBeGreaterThan(0.7);
    // A chain of 60 steps of 0.4 has far fewer than 400 effective draws, so the verdict cannot be
    // that it mixes.
    expect(prior.verdict).not.toBe("mixes");
    expect(prior.troubles.join()).toMatch(/bulk ESS is \d+ of 400 wanted/);
    expect(prior.evidence.join("\n")).toMatch(/^memory: /m);
    expect(diagnoses["posterior 0"]!.shortRun.short.distance).toBeUndefined();

    expect((await file("report.html")).match(/data:image\/png;base64/g)).toHaveLength(3);
  });

  it("an experiment of one's own whose learner has no chains", async () => {
    const folder = await emptyFolder();
    const source = await readFile(join(fixtures, "my-ebm.ts"), "utf8");
    await writeFile(
      join(folder, "blind.ts"),
      source.replace(/^ *chains:[\s\S]*?^ {6}\}\),\n/m, "").replace('"my-ebm"', '"blind"'),
    );
    await trained(folder, "blind.ts");
    expectOneMessage(
      await ergodic(folder, "diagnose", join("runs", "blind-1"), "--quiet"),
      /has no chains to diagnose; give its learner chains\(state, batch\)/,
    );
    expect(names(folder, "runs", "blind-1")).not.toContain("diagnosis");
  });

  it("a folder that is no run", async () => {
    expectOneMessage(await ergodic(await emptyFolder(), "diagnose", "."), /is not a run: it has no config\.json/);
  });
});
