/**
 * `ergodic sample-target` end to end: right numbers for known truth, sentences about wrong draws,
 * and an output folder that records its settings.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { targets } from "@ergodic/energies";
import { describe, expect, it } from "vitest";
import { decodeSafetensors } from "@ergodic/formats";
import { emptyFolder, ergodic, expectOneMessage, fixtures, names, start } from "./support.js";

interface Report {
  readonly folder: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly quantities: readonly {
    readonly name: string;
    readonly mean: number;
  }[];
  readonly transitions: { readonly acceptance?: number; readonly gradients?: number };
  readonly stepSize: number;
  readonly findings: readonly string[];
}

const small = ["--warmup", "200", "--draws", "400"];

async function sampled(folder: string, ...args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await ergodic(folder, "sample-target", ...args, "--json", "--quiet");
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Report;
}

describe("the list of targets", () => {
  it("holds every target with its exact moments", async () => {
    const folder = await emptyFolder();
    const known = Object.values(targets).map((make) => make());
    const list = JSON.parse((await ergodic(folder, "sample-target", "--list", "--json")).stdout) as typeof known;
    expect(list.map(({ name, moments }) => ({ name, moments }))).toEqual(
      known.map(({ name, moments }) => ({ name, moments })),
    );
    const { stdout, code } = await ergodic(folder, "sample-target", "--list");
    for (const { name, dimension } of known) expect(stdout).toMatch(new RegExp(`^${name} +${dimension} dim`, "m"));
    expect(stdout).toContain("theta[8] 4.85 ± 5.29");
    expect(stdout).not.toMatch(/e-1\d/);
    expect([code, names(folder)]).toEqual([0, []]);
  });
});

describe("a posterior in a file", () => {
  const source = `
    import * as tf from "@tensorflow/tfjs-core";
    import { posterior, positive, real } from "@ergodic/samplers/posterior";
    export default posterior({
      parameters: { mu: real([2]), sigma: positive() },
      energy: ({ mu, sigma }) => tf.add(tf.sum(tf.square(mu), 1), sigma),
    });`;

  it("is sampled: draws and summary have its names and limits", async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, "own.ts"), source);
    const report = await sampled(folder, "./own.ts", ...small);
    expect(report.folder).toBe(join("runs", "own-nuts-1"));
    expect(report.quantities.map(({ name }) => name)).toEqual(["mu[0]", "mu[1]", "sigma"]);
    expect(report).toMatchObject({ limits: { sigma: "above 0", "mu[0]": "" } });
    const file = await readFile(join(folder, report.folder, "draws.safetensors"));
    const tensors = Object.fromEntries(decodeSafetensors(file).map((tensor) => [tensor.name, tensor]));
    expect(tensors["mu"]!.shape).toEqual([4, 400, 2]);
    expect(Math.min(...(tensors["sigma"]!.values as Float32Array))).toBeGreaterThan(0);
  });

  it("that exports none is refused in one message", async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, "none.mjs"), "export default 3;");
    const { code, stderr } = await ergodic(folder, "sample-target", "./none.mjs");
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/none.mjs has no posterior or target as its default export/);
  });
});

describe("a run", () => {
  it("leaves draws, summary and report, and gives the same draws again from what it wrote down", async () => {
    const folder = await emptyFolder();
    const args = ["correlated-normal", "--chains", "3", "--seed", "5", ...small];
    const report = await sampled(folder, ...args, "--mass", "dense", "--target-acceptance", "0.9");
    expect(report.folder).toBe(join("runs", "correlated-normal-nuts-1"));
    expect(names(folder, report.folder)).toEqual(["draws.safetensors", "report.html", "summary.json"]);
    expect(report.settings).toMatchObject({
      ...{ target: "correlated-normal", kernel: "nuts", chains: 3, warmup: 200, draws: 400, seed: 5 },
      ...{ mass: "dense", targetAcceptance: 0.9, start: "uniform in [-2, 2]^2" },
    });
    const { folder: _, ...summary } = report;
    expect(JSON.parse(await readFile(join(folder, report.folder, "summary.json"), "utf8"))).toEqual(summary);

    const file = await readFile(join(folder, report.folder, "draws.safetensors"));
    const tensors = Object.fromEntries(decodeSafetensors(file).map((tensor) => [tensor.name, tensor]));
    expect(tensors["positions"]!.shape).toEqual([3, 400, 2]);
    const values = tensors["positions"]!.values as Float32Array;
    const mean = values.filter((_value, i) => i % 2 === 0).reduce((sum, value) => sum + value, 0) / 1200;
    expect(mean).toBeCloseTo(report.quantities[0]!.mean, 5);
    const gradients = tensors["nGrad"]!.values as Float32Array;
    expect(gradients.reduce((sum, count) => sum + count, 0)).toBe(report.transitions.gradients);

    const again = await sampled(folder, ...args, "--mass", "dense", "--target-acceptance", "0.9");
    expect(again.folder).toBe(join("runs", "correlated-normal-nuts-2"));
    expect(await readFile(join(folder, again.folder, "draws.safetensors"))).toEqual(file);
  });

  it("of unadjusted Langevin with large steps is told that its draws are wrong", async () => {
    const folder = await emptyFolder();
    // At step s the variance is 1/(1 - s²/4) = 1.78, so E|x|² is 5.3 and not 3.
    const args = ["standard-normal", "--kernel", "langevin", "--step-size", "1.32", ...small, "--out", "biased"];
    const { code, stdout } = await ergodic(folder, "sample-target", ...args);
    expect(stdout).toMatch(/^! \|x\|²: the mean is 5\.\d+ where 3 is exact, .* the draws do not follow the target/m);
    expect(stdout).toMatch(/^step size +1\.32$/m);
    expect(stdout).not.toMatch(/acceptance|E-BFMI/);
    expect(stdout).toMatch(/^report +biased[\\/]report\.html$/m);
    expect(code).toBe(0);
  });

  it("stopped by Ctrl-C leaves no folder", async () => {
    const folder = await emptyFolder();
    const running = start(folder, "sample-target", "standard-normal", "--warmup", "0", "--draws", "1000000");
    await running.says(/drawing/);
    running.process.kill("SIGINT");
    expect((await running.ended).code).toBe(130);
    expect(names(folder)).toEqual([]);
  });
});

describe("mistakes", () => {
  it.each([
    [["bananna"], /no target named "bananna"\. Did you mean "banana"\?/],
    [["banana", "--kernel", "nutz"], /no kernel named "nutz"\. Did you mean "nuts"\?.*nuts, hmc, mala, langevin/],
    [["banana", "--kernel", "langevin", "--mass", "dense"], /langevin has no mass; leave out --mass/],
    [["banana", "--leapfrog-steps", "3"], /nuts has no leapfrog steps; leave out --leapfrog-steps/],
    [["banana", "--mass", "heavy"], /heavy/],
    [["banana", "--chains", "0"], /whole number from 1 to 1000000000/],
    [["banana", "--step-size", "-1"], /number above 0/],
    [["banana", "--target-acceptance", "1"], /number between 0 and 1/],
    [["banana", "--draws", "3"], /--draws is 3; expected at least 4/],
    [[], /sample-target needs a target/],
  ])("%j ends with exit code 2", async (args, text) => {
    const folder = await emptyFolder();
    expectOneMessage(await ergodic(folder, "sample-target", ...args), text, 2);
    expect(names(folder)).toEqual([]);
  });

  it("a folder that holds something, or can't be made, is left alone", async () => {
    const folder = await emptyFolder();
    await mkdir(join(folder, "full"));
    await writeFile(join(folder, "full", "thesis.tex"), "");
    await writeFile(join(folder, "file"), "");
    const into = (place: string) => ergodic(folder, "sample-target", "banana", "--out", place);
    expectOneMessage(await into("full"), /full is not empty \(it holds thesis\.tex\)/);
    expectOneMessage(await into(join("file", "run")), /a part of the path is a file/);
    expect([names(folder), names(folder, "full")]).toEqual([["file", "full"], ["thesis.tex"]]);
  });

  it("chains that leave the finite numbers end with one message and no folder", async () => {
    const folder = await emptyFolder();
    const args = ["rosenbrock", "--kernel", "langevin", "--step-size", "3", ...small, "--quiet"];
    expectOneMessage(await ergodic(folder, "sample-target", ...args), /the chain diverged; lower the step size/);
    expect(names(folder)).toEqual([]);
  });
});

it("takes targets and kernels from files, and shows marginal densities", async () => {
  const folder = await emptyFolder();
  const [target, kernel] = ["own-target.ts", "own-kernel.ts"].map((name) => join(fixtures, name));
  const report = await sampled(folder, target!, "--kernel", kernel!, "--warmup", "200", "--draws", "1000");
  expect(report.quantities.map(({ name }) => name)).toEqual(["x"]);
  // Half a thousand effective draws have a standard error of 0.09; 0.6 is beyond six of them.
  expect(Math.abs(report.quantities[0]!.mean - 1)).toBeLessThan(0.6);
  expect(report.findings).toEqual([]);
  expect(await readFile(join(folder, report.folder, "report.html"), "utf8")).toContain("Marginal densities");
  expectOneMessage(await ergodic(folder, "sample-target", kernel!), /no posterior or target as its default export/, 2);
  expectOneMessage(
    await ergodic(folder, "sample-target", "funnel", "--kernel", target!),
    /no kernel as its default/,
    2,
  );
});
