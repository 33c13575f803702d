/** Likely user mistakes: one clear message, the right exit code, no incomplete files. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, fixtures, main, names, startCommand, tiny } from "./support.js";

describe("a wrong name", () => {
  it("of a preset is answered with the one that was meant", async () => {
    const folder = await emptyFolder();
    const outcome = await ergodic(folder, "train", "latent-prior/mnsit");
    expectOneMessage(outcome, /no preset or file named "latent-prior\/mnsit"\. Did you mean "latent-prior\/mnist"\?/);
    expect(outcome.stderr).toContain("ergodic presets");
    expect(names(folder)).toEqual([]);
  });

  it("of a file, of a run, of a checkpoint", async () => {
    const folder = await emptyFolder();
    expectOneMessage(await ergodic(folder, "train", "./nothing.ts"), /there is no file .*nothing\.ts/);
    expectOneMessage(await ergodic(folder, "train", "--resume", "runs/none"), /runs[\\/]none is not a run/);
    expectOneMessage(await ergodic(folder, "sample", "."), /is not a run: it has no config\.json/);
    expectOneMessage(await ergodic(folder, "evaluate", "."), /is not a run/);
    expect(names(folder)).toEqual([]);
  });
});

describe("wrong usage", () => {
  it.each([
    [["train", "quickstart", "--iteratons", "3"], /unknown option '--iteratons'/],
    [["trian", "quickstart"], /unknown command 'trian'/],
    [["train"], /train needs a preset or an experiment file/],
    [["train", "quickstart", "--resume", "runs/a"], /--resume takes its experiment from the run folder/],
    [["train", "quickstart", "--engine", "abacus"], /abacus/],
    [["train", "quickstart", "--seed", "-1"], /whole number/],
    [["sample"], /missing required argument 'run'/],
    [["sample", "runs/a", "--n", "many"], /whole number/],
    [["sample", "runs/a", "--n", "1e12"], /whole number from 1 to 1000000/],
    [["evaluate", "runs/a", "--samples", "1e12"], /whole number from 1 to 1000000000/],
    [["score", "runs/a", "new", "--false-alarms", "1"], /a number between 0 and 1/],
    [["diagnose", "runs/a", "--chains", "1e9"], /whole number from 1 to 100000/],
    [["sample-target", "funnel", "--leapfrog-steps", "1e9"], /whole number from 1 to 10000/],
    [["evaluate", "runs/a", "--metrics", "fdp"], /unknown metric "fdp"\. Did you mean "fpd"\?/],
  ])("%j ends with exit code 2", async (args, text) => {
    const folder = await emptyFolder();
    expectOneMessage(await ergodic(folder, ...args), text, 2);
    expect(names(folder)).toEqual([]);
  });
});

describe("a bad --set", () => {
  it.each([
    ["training.iteratons=3", /unknown setting training\.iteratons\. Did you mean training\.iterations\?/],
    ["options.sigm=1", /unknown setting options\.sigm\. Did you mean options\.sigma\?/],
    ["options.prior.step=1", /unknown setting options\.prior\.step\. Did you mean options\.prior\.steps\?/],
    ["iterations=3", /unknown setting iterations\. Did you mean training\.iterations\?/],
    ["training.iterations=lots", /training\.iterations is "lots"/],
    ["options.sigma=-1", /options\.sigma is -1/],
    ["training.iterations", /is not a setting/],
    ["training.constructor=1", /unknown setting training\.constructor\./],
    ["training.__proto__=1", /unknown setting training\.__proto__\./],
    ["options.prior.toString=1", /unknown setting options\.prior\.toString\./],
    ['options.prior={"__proto__":{"steps":1}}', /unknown setting options\.prior\.__proto__\./],
    ["__proto__.x=1", /unknown setting __proto__\.x/],
    ["training.iterations=1e12", /training\.iterations is 1000000000000: too big/],
    ["training.sampleCount=1e9", /training\.sampleCount is 1000000000: too big/],
    ["options.latentDimension=1e11", /takes .*B, expected at most the .* of memory of this machine/],
  ])("%s", async (set, text) => {
    const folder = await emptyFolder();
    expectOneMessage(await ergodic(folder, "train", "quickstart", "--set", set), text);
    expect(names(folder)).toEqual([]);
  });
});

describe("a faulty experiment file", () => {
  it("with a setting of the wrong type is told which", async () => {
    const folder = await emptyFolder();
    expectOneMessage(
      await ergodic(folder, "train", join(fixtures, "wrong-type.mjs")),
      /training\.iterations is "many": expected number/,
    );
    expect(names(folder)).toEqual([]);
  });

  it("without an experiment, and with a syntax error", async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, "empty.ts"), "export const nothing: number = 1;\n");
    await writeFile(join(folder, "broken.ts"), "export default {{{\n");
    expectOneMessage(await ergodic(folder, "train", "empty.ts"), /empty\.ts has no experiment as its default export/);
    expectOneMessage(await ergodic(folder, "train", "broken.ts"), /broken\.ts can't be loaded/);
    expect(names(folder)).toEqual(["broken.ts", "empty.ts"]);
  });

  it("shows the stack with --verbose", async () => {
    const { stderr, code } = await ergodic(await emptyFolder(), "train", join(fixtures, "wrong-type.mjs"), "--verbose");
    expect(stderr).toMatch(/^\s+at /m);
    expect(code).toBe(1);
  });
});

describe("data that can't be read", () => {
  const files = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ];

  it("is named, and no run folder stays behind", async () => {
    const folder = await emptyFolder();
    const data = join(folder, "digits");
    await mkdir(data);
    const missing = await ergodic(folder, "train", "quickstart", "--set", `options.dataFrom=${data}`);
    expectOneMessage(missing, /has no train-images-idx3-ubyte/);
    for (const name of files) await writeFile(join(data, name), "these are no digits");
    const corrupt = await ergodic(
      folder,
      "train",
      "quickstart",
      "--set",
      `options.dataFrom=${data}`,
      "--out",
      "deep/run",
    );
    expectOneMessage(corrupt, /train-images-idx3-ubyte/);
    expect(names(folder)).toEqual(["digits"]);
  });
});

describe("output", () => {
  it("that nobody reads ends quietly", async () => {
    const piped = ["-c", '"$@" | head -n 1', "sh", process.execPath, main, "presets"];
    const { code, stdout, stderr } = await startCommand(await emptyFolder(), "sh", piped).ended;
    expect([code, stderr, stdout.split("\n").length]).toEqual([0, "", 2]);
  });

  it("that has no room is told, and is a failure", async () => {
    const limited = ["-c", 'ulimit -f 0; exec "$@" > list', "sh", process.execPath, main, "presets"];
    expectOneMessage(
      await startCommand(await emptyFolder(), "sh", limited).ended,
      /can't use stdout: the file would be larger than this system allows \(EFBIG\)/,
    );
  });
});

describe("a path that is something else", () => {
  it("than a file of text, weights, images or an experiment", async () => {
    const folder = await emptyFolder();
    for (const name of ["text.txt", "weights.pth", "images.npz", "mine.ts"]) await mkdir(join(folder, name));
    const folderSaid = /(it is a folder, not a file|is a folder or a device)/;
    expectOneMessage(await ergodic(folder, "evaluate", "text.txt"), folderSaid);
    expectOneMessage(await ergodic(folder, "evaluate", "images.npz"), folderSaid);
    expectOneMessage(await ergodic(folder, "weights", "inception", "--check", "weights.pth"), folderSaid);
    await writeFile(join(folder, "runs"), "");
    expectOneMessage(await ergodic(folder, "sample-target", "funnel"), /runs.*: a file of that name is in the way/);
  });
});

describe("more draws than memory", () => {
  it("are refused before a folder is made", async () => {
    const folder = await emptyFolder();
    const many = ["--chains", "1000000", "--draws", "1000000000"];
    expectOneMessage(
      await ergodic(folder, "sample-target", "standard-normal", ...many),
      /the draws of shape \[1000000,1000000000,3\] takes .* expected at most the .* of memory of this machine/,
    );
    expect(names(folder)).toEqual([]);
  });
});

describe("a folder that can't be written", () => {
  it("because a file is in the way", async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, "file"), "");
    const outcome = await ergodic(folder, "train", "quickstart", ...tiny, "--out", join("file", "run"));
    expectOneMessage(outcome, /can't use .*file.*run: a part of the path is a file/);
    expect(names(folder)).toEqual(["file"]);
  });

  it("because it holds something else", async () => {
    const folder = await emptyFolder();
    await writeFile(join(folder, "thesis.tex"), "");
    expectOneMessage(
      await ergodic(folder, "train", "quickstart", ...tiny, "--out", "."),
      /is not empty and is not a run/,
    );
    expect(names(folder)).toEqual(["thesis.tex"]);
  });

  it("because files can't grow any more: no half checkpoint stays", async () => {
    const folder = await emptyFolder();
    const args = [main, "train", "quickstart", ...tiny, "--set", "training.iterations=2", "--out", "run", "--quiet"];
    const limited = startCommand(folder, "sh", ["-c", 'ulimit -f 40; exec "$@"', "sh", process.execPath, ...args]);
    expectOneMessage(await limited.ended, /can't use .*checkpoints.*2: /);
    expect(names(folder, "run", "checkpoints")).toEqual([]);
  });
});
