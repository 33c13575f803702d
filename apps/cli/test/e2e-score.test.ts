/** `ergodic score`, end to end: a folder of pictures, a tiny model, and pictures unlike it. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
