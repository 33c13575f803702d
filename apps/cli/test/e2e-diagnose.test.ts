/** `ergodic diagnose`: the chains of a trained model, of latents and of data, with a verdict and its evidence. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, fixtures, names, tiny } from "./support.js";

interface Chain {
  readonly verdict: string;
  readonly troubles: readonly string[];
  readonly evidence: readonly string[];
  readonly learningSteps: number;
  readonly discarded: number;
  readonly rows: readonly { readonly name: string; readonly time: number }[];
  readonly shortRun: {
    readonly short: { readonly steps: number; readonly energy: number; readonly fpd?: number };
    readonly long: { readonly steps: number; readonly fpd?: number };
    readonly curve: readonly number[];
    readonly floor?: number;
  };
  readonly modes?: { readonly occupancy: readonly number[] };
  readonly classes?: { readonly classes: number; readonly agreement: number };
}

async function diagnosed(folder: string, run: string, ...args: readonly string[]) {
  const { code, stdout, stderr } = await ergodic(folder, "diagnose", run, ...args, "--json", "--quiet");
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as { iteration: number; report: string; diagnoses: Readonly<Record<string, Chain>> };
}

const trained = async (folder: string, ...args: readonly string[]) => {
  expect((await ergodic(folder, "train", ...args, "--no-evaluate", "--quiet")).code).toBe(0);
};

describe("diagnose", () => {
  it("a model of digits: prior and posteriors, distances to data, classes, pictures", async () => {
    const folder = await emptyFolder();
    await trained(folder, "quickstart", ...tiny, "--set", "training.iterations=2");
    const run = join("runs", "quickstart-1");
    const args = ["--chains", "4", "--steps", "60", "--n", "40"];
    const { iteration, report, diagnoses } = await diagnosed(folder, run, ...args);
    expect(iteration).toBe(2);
    expect(Object.keys(diagnoses)).toEqual(["prior", "posterior 0", "posterior 1"]);
    const prior = diagnoses["prior"]!;
    expect(prior).toMatchObject({ learningSteps: 3, discarded: 30, classes: { classes: 10 } });
    expect(prior.rows.map(({ name }) => name)).toEqual(["energy", "x[0]", "x[1]", "x[2]", "x[3]"]);
    expect([prior.shortRun.short.steps, prior.shortRun.long.steps]).toEqual([3, 30]);
    expect(prior.shortRun.curve).toHaveLength(30);
    expect(prior.shortRun.curve[2]).toBeCloseTo(prior.shortRun.short.energy, 4);
    expect(prior.shortRun.short.fpd).toBeGreaterThan(prior.shortRun.floor!);
    expect(prior.classes!.agreement).toBeGreaterThan(0.7);
    // A chain of 60 steps of 0.4 has far fewer than 400 effective draws: it cannot be said to mix.
    expect(prior.verdict).not.toBe("mixes");
    expect(prior.troubles.join()).toMatch(/bulk ESS is \d+ of 400 wanted/);
    expect(diagnoses["posterior 0"]!.shortRun.short.fpd).toBeUndefined();

    const page = await readFile(report, "utf8");
    expect(page.match(/data:image\/png;base64/g)).toHaveLength(3);
    expect(names(folder, run, "diagnosis")).toEqual(["diagnosis.json", "report.html"]);
  });

  it("a model whose preset knows the modes, and the same again", async () => {
    const folder = await emptyFolder();
    await trained(folder, "toy/four-gaussians", "--set", "training.iterations=2");
    const run = join("runs", "toy-four-gaussians-1");
    const { diagnoses } = await diagnosed(folder, run, "--chains", "4", "--steps", "2000", "--n", "50");
    // Hardly trained, the prior is near N(0, I): a quarter of the draws in each quadrant, and chains that mix.
    for (const share of diagnoses["prior"]!.modes!.occupancy) expect(Math.abs(share - 0.25)).toBeLessThan(0.1);
    expect(diagnoses["prior"]!.evidence.join("\n")).toMatch(/mode: changes in .* each chain has seen 4 of 4/);
    expect(diagnoses["prior"]!.shortRun.floor).toBeUndefined();

    const short = ["--chains", "4", "--steps", "100", "--n", "20"];
    const { stdout } = await ergodic(folder, "diagnose", run, ...short, "--quiet");
    expect(stdout).toMatch(/^prior: (does not mix|mixes slowly) /m);
    expect(stdout).toMatch(/^ {2}memory: /m);
    expect(stdout).toMatch(/^report +runs/m);
    expect(await diagnosed(folder, run, ...short)).toEqual(await diagnosed(folder, run, ...short));
  });

  it("an experiment of one's own: of data space, through the learner's chains(), and one that has none", async () => {
    const folder = await emptyFolder();
    await copyFile(join(fixtures, "my-ebm.ts"), join(folder, "my-ebm.ts"));
    const source = await readFile(join(fixtures, "my-ebm.ts"), "utf8");
    await writeFile(
      join(folder, "blind.ts"),
      source.replace(/^ *chains:[\s\S]*?^ {6}\}\),\n/m, "").replace('"my-ebm"', '"blind"'),
    );
    await trained(folder, "my-ebm.ts");
    await trained(folder, "blind.ts");
    const { diagnoses } = await diagnosed(folder, join("runs", "my-ebm-1"), "--chains", "4", "--n", "20");
    expect(diagnoses["data"]).toMatchObject({ learningSteps: 5 });
    // Half of what is recorded, which is 500 steps or, where that settles it, an eighth, a quarter or half of them.
    expect([32, 63, 125, 250]).toContain(diagnoses["data"]!.discarded);
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
