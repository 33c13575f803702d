/** Every mistake a user is likely to make: one clear message, the right exit code, nothing half-written. */
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
