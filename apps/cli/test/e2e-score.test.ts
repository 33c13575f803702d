/** `ergodic score`, end to end: a folder of pictures, a tiny model, and pictures unlike it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { emptyFolder, ergodic, expectOneMessage, fixtures, names } from "./support.js";

let folder = "";
const run = join("runs", "latent-prior-images-1");

/** A dark picture with a bright spot; `place` moves the spot. */
function spot(place: number): string {
  const [row, column] = [8 + (place % 4), 8 + (place >> 2)];
  const values = Array.from({ length: 24 * 24 }, (_, i) => {
    const near = Math.abs(Math.floor(i / 24) - row) + Math.abs((i % 24) - column) < 4;
    return near ? "250 200 10" : "20 20 30";
  });
  return `P3\n24 24\n255\n${values.join(" ")}\n`;
}

const white = `P3\n2 2\n255\n${Array(12).fill(255).join(" ")}\n`;

async function put(name: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  for (const [file, content] of Object.entries(files)) await writeFile(join(folder, name, file), content);
}

const spots = (count: number, from: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${from + i}.ppm`, spot((from + i) % 16)]));

interface Report {
  readonly images: readonly { readonly image: string; readonly score: number; readonly flagged: boolean }[];
  readonly [name: string]: unknown;
}

const score = (...asked: readonly string[]) => ergodic(folder, "score", run, ...asked, "--quiet");
const scoresOf = async (...asked: readonly string[]): Promise<Report> =>
  JSON.parse((await score(...asked, "--json")).stdout) as Report;

beforeAll(async () => {
  folder = await emptyFolder();
  await put("normal", spots(40, 0));
  await put("new", { ...spots(3, 100), "white.ppm": white });
  const small = [
    "features=1",
    "latentDimension=4",
    "energyWidths=[4]",
    "prior.steps=2",
    "posterior.steps=5",
    "from=normal",
  ];
  const settings = small.flatMap((set) => ["--set", `options.${set}`]);
  const training = ["--set", "training.iterations=30", "--set", "training.batchSize=8", "--no-evaluate", "--quiet"];
  const learning = ["--set", "options.generatorLearningRate=0.01"];
  const trained = await ergodic(folder, "train", "latent-prior/images", ...settings, ...learning, ...training);
  expect(trained).toMatchObject({ code: 0 });
});

describe("pictures of a folder", () => {
  let whole: Report;
  beforeAll(async () => {
    const { code, stdout, stderr } = await score("new", "--csv", join("tables", "scores.csv"));
    expect([code, stderr]).toEqual([0, ""]);
    // A hash takes 13 of the 40 names into the test part.
    expect(stdout).toMatch(/^image +score +above of training +p-value +flagged$/m);
    expect(stdout).toMatch(/^white\.ppm +[\d,]+ +all 27 +0\.0714 +yes$/m);
    expect(stdout).toMatch(
      /^\d of 4 flagged at 7\.14 % false alarms \(threshold \S+, from 13 held-out normal images\)$/m,
    );
    whole = JSON.parse(await readFile(join(folder, run, "scores", "scores.json"), "utf8")) as Report;
  });

  it("are compared with training and held-out images, on a page and in a table", async () => {
    expect(names(folder, run, "scores")).toEqual(["report.html", "scores.json"]);
    const page = await readFile(join(folder, run, "scores", "report.html"), "utf8");
    expect(page.match(/data:image\/png/g)).toHaveLength(4);
    expect(page).toContain("its reconstruction");
    const table = (await readFile(join(folder, "tables", "scores.csv"), "utf8")).trim().split("\n");
    expect(table).toHaveLength(5);
    expect(table[1]).toBe(`white.ppm,${whole.images[0]!.score},${1 / 14},0,true`);
  });

  it("have the same scores alone and in other company", async () => {
    await put("others", { ...spots(9, 50), "a-white.ppm": white });
    const [alone, others] = [await scoresOf(join("new", "white.ppm")), await scoresOf("others")];
    expect(alone.images.map(({ image }) => image)).toEqual(["white.ppm"]);
    expect(others.images[0]!.image).toBe("a-white.ppm");
    for (const { images } of [alone, others]) expect(images[0]!.score / whole.images[0]!.score).toBeCloseTo(1, 5);
  });

  it("that cannot be read are named, and the exit code tells", async () => {
    await put("broken", { ...spots(2, 0), "cut.ppm": "P3\n24 24\n255\n1 2 3", "notes.txt": "no picture" });
    const { code, stdout } = await score("broken");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ {2}left out +1 other files \(notes\.txt\)$/m);
    expect(stdout).toMatch(/^ {2}not read +cut\.ppm: .*cut\.ppm cannot be read/m);
    expect(stdout).toMatch(/ of 2 flagged /);
  });

  it("may be compared with held-out ones of one's own, and with some of many", async () => {
    await put("held-out", spots(30, 200));
    const report = await scoresOf("new", "--normal", "held-out", "--false-alarms", "0.1", "--samples", "20");
    expect(report).toMatchObject({ heldOut: { count: 20 }, training: { count: 20 }, falseAlarms: 2 / 21, flagged: 1 });
  });
});

describe("what cannot be scored", () => {
  it.each([
    [["missing"], /there is no folder or file missing/],
    [
      ["new", "--false-alarms", "0.01"],
      /0\.01 false alarms is asked of 13 held-out images, .* ask for at least 0\.0715/,
    ],
  ])("%j is refused", async (asked, text) => {
    expectOneMessage(await score(...asked), text);
  });

  it("is told from a folder without pictures", async () => {
    await put("texts", { "notes.txt": "no picture" });
    expectOneMessage(await score("texts"), /texts holds no images \(left out: 1 other files\)/);
  });

  it("are runs of models without a score", async () => {
    const file = join(fixtures, "tiny-model.ts");
    expect((await ergodic(folder, "train", file, "--out", "plain", "--quiet", "--no-evaluate")).code).toBe(0);
    const plain = await ergodic(folder, "score", "plain", "new");
    expect(plain.stderr).toMatch(/error: the model of this run scores no examples/);
    expect(plain.code).toBe(1);
    expectOneMessage(await ergodic(folder, "reconstruct", "plain"), /reconstructs nothing.* quickstart, latent-prior/);
    expectOneMessage(await ergodic(folder, "interpolate", "plain"), /has no latents.* quickstart, latent-prior/);
  });
});

describe("reconstructions", () => {
  const reconstruct = (...asked: readonly string[]) => ergodic(folder, "reconstruct", run, ...asked);
  interface Reconstructed {
    readonly [name: string]: unknown;
    readonly mse: number;
    readonly errors: readonly number[];
    readonly path: string;
  }

  it("of test images are a picture and an error, the same for the same seed", async () => {
    const { stdout, code } = await reconstruct("--n", "5", "--out", join("made", "five.png"));
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^mean squared error 0\.\d+ per pixel\n5 reconst/)]);
    const again = JSON.parse((await reconstruct("--n", "5", "--json")).stdout) as Reconstructed;
    expect(again).toMatchObject({
      iteration: 30,
      seed: 0,
      n: 5,
      kind: "images",
      path: join(folder, run, "samples", "reconstruct-0.png"),
    });
    expect(again.examples).toMatch(/^13 /);
    expect(again.errors).toHaveLength(5);
    expect(again.mse).toBeCloseTo(
      again.errors.reduce((sum, error) => sum + error / 5, 0),
      10,
    );
    expect(await readFile(again.path)).toEqual(await readFile(join(folder, "made", "five.png")));
  });

  it("of one's own pictures do not depend on the others, and those that cannot be read are named", async () => {
    const alone = JSON.parse((await reconstruct(join("new", "white.ppm"), "--json")).stdout) as Reconstructed;
    await put("damaged", { "cut.ppm": "P3\n24 24\n255\n1 2 3", ...spots(2, 0), "white.ppm": white });
    const { code, stdout, stderr } = await reconstruct("damaged", "--json");
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^note: cut\.ppm is not read: /)]);
    const { errors, images } = JSON.parse(stdout) as Reconstructed;
    expect(images).toEqual(["0.ppm", "1.ppm", "white.ppm"]);
    expect(errors[2]! / alone.errors[0]!).toBeCloseTo(1, 5);
    // White is unlike the dark training images.
    expect(errors[2]).toBeGreaterThan(4 * errors[0]!);
  });
});

it("the preset says that it needs a folder", async () => {
  const outcome = await ergodic(folder, "train", "latent-prior/images", "--quiet");
  expectOneMessage(
    outcome,
    /options\.from is not set, expected a folder of pictures; name yours: --set options\.from=/,
  );
  expect(names(folder, "runs")).toEqual(["latent-prior-images-1"]);
});

it("an energy of digits scores pictures of any size and colour against the test digits", async () => {
  const small = ["widths=[1,1,1]", "steps=1", "buffer=64"].flatMap((set) => ["--set", `options.${set}`]);
  const settings = ["--set", "training.iterations=1", "--no-evaluate", "--quiet", "--out", "digits"];
  expect((await ergodic(folder, "train", "ebm/mnist", ...small, ...settings)).code).toBe(0);
  const { stdout } = await ergodic(folder, "score", "digits", "new", "--samples", "200", "--json", "--quiet");
  const report = JSON.parse(stdout) as Report;
  expect(report).toMatchObject({
    heldOut: { count: 200, description: "MNIST test: 10,000 images, 28 x 28 x 1" },
    training: { count: 200 },
    falseAlarms: 2 / 201,
  });
  expect(report.images).toHaveLength(4);
  // The energy reconstructs nothing.
  const page = await readFile(join(folder, "digits", "scores", "report.html"), "utf8");
  expect(page.match(/data:image\/png/g)).toHaveLength(4);
  expect(page).not.toContain("its reconstruction");
});

describe("ways through latents", () => {
  const interpolate = async (...asked: readonly string[]) => {
    const { code, stdout } = await ergodic(folder, "interpolate", run, ...asked, "--columns", "5", "--json");
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as { readonly path: string; readonly [name: string]: unknown };
    return { report, size: await sharp(resolve(folder, report.path)).metadata() };
  };

  it("lead from picture to picture, along coordinates, and along chains", async () => {
    await put("ends", { ...spots(2, 0), "white.ppm": white });
    const { report, size } = await interpolate("ends");
    expect(report).toMatchObject({
      kind: "pairs",
      pairs: 1,
      iteration: 30,
      path: join(folder, run, "samples", "pairs-0.png"),
    });
    // Five images of 32 x 32 pixels, enlarged twice, with gaps.
    expect([size.width, size.height]).toEqual([2 * (5 * 33 - 1), 2 * 32]);

    const along = await interpolate("--kind", "traversal", "--sampled", "--range", "2", "--out", "along.png");
    expect(along.report).toMatchObject({ range: 2, path: "along.png" });
    expect(along.report.coordinates).toHaveLength(4);
    expect(along.size.height).toBe(2 * (4 * 33 - 1));

    const { report: chains } = await interpolate("--kind", "chain", "--n", "3", "--steps", "8");
    expect(chains).toMatchObject({ chains: 3, steps: [0, 2, 4, 6, 8], stepsOfLearning: 2 });
    expect([chains.energies, chains.tilts]).toEqual([
      Array(5).fill(expect.any(Number)),
      Array(5).fill(expect.any(Number)),
    ]);
  });

  it("are refused with options of another kind", async () => {
    const asked = ["--kind", "chain", "--range", "2"];
    expectOneMessage(
      await ergodic(folder, "interpolate", run, ...asked),
      /--range is for --kind traversal, not for chain/,
      2,
    );
  });
});
