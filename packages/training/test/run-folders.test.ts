/**
 * Exclusive use of run folders: one process at a time, and remains of killed processes do not block
 * others.
 */
import * as tf from "@tensorflow/tfjs-core";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { useEngine } from "@ergodic/engine";
import { resolveConfig, RunFolderError } from "../src/index.js";
import { readRunRecord, recordOfSource, train } from "../src/entries/node.js";
import { makeFolder } from "../src/files.js";
import { acquireLock } from "../src/lock.js";
import { readSource } from "../src/source.js";
import { temporaryFolder } from "./temporary-folder.js";
import { toyData, toyExperiment } from "./toy.js";

beforeAll(async () => {
  await useEngine("cpu");
});

/** The id of a process that has ended. */
function goneProcess(): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["--eval", ""]);
    child.on("close", () => resolve(child.pid ?? 0));
  });
}

const owner = (pid: number, host = hostname()) => ({
  ...{ pid, host, started: "2026-01-02T03:04:05.000Z" },
  ...{ command: "ergodic train x", token: "0-0" },
});

const writeLock = (folder: string, content: unknown) =>
  writeFile(join(folder, "run.lock"), typeof content === "string" ? content : JSON.stringify(content));

const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error("it did not fail")),
    (error: Error) => error,
  );

describe("a lock", () => {
  it("is given to one of many that ask at once, again after its release, and names its owner to the others", async () => {
    const folder = await temporaryFolder();
    const ask = () => acquireLock(folder, "ergodic train toy", () => undefined);
    const asked = await Promise.allSettled(Array.from({ length: 20 }, ask));
    const given = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refused = asked.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
    expect([given.length, refused.length]).toEqual([1, 19]);
    expect(refused[0]).toBeInstanceOf(RunFolderError);
    expect(refused[0]?.message).toMatch(
      new RegExp(`is in use: process ${process.pid} has been training there since .* \\(ergodic train toy\\)\\.`),
    );
    expect(refused[0]?.message).toMatch(/stop it: kill \d+\. If process \d+ is no training, delete .*run\.lock/);
    given[0]?.release();
    (await ask()).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it("of a process that is gone is taken over by one of many, with a word", async () => {
    const folder = await temporaryFolder();
    await writeLock(folder, owner(await goneProcess()));
    const notices: string[] = [];
    const ask = () => acquireLock(folder, null, (message) => notices.push(message));
    const asked = await Promise.allSettled(Array.from({ length: 20 }, ask));
    expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(notices).toEqual([expect.stringMatching(/process \d+.*ended without unlocking it/)]);
    expect(await readdir(folder)).toEqual(["run.lock"]);
  });

  it("of an earlier process of the same id is taken over, as after the restart of a container", async () => {
    const folder = await temporaryFolder();
    await writeLock(folder, owner(process.pid));
    (await acquireLock(folder, null, () => undefined)).release();
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ["a process that runs", owner(process.ppid), /process \d+ has been training.*kill \d+/s],
    ["another machine", owner(1, "elsewhere"), /process 1 on elsewhere .*can't see whether it still runs.*delete/s],
    ["nobody, torn by a crash", '{"pid": 1', /does not say by which process.*delete/s],
  ])("of %s is left alone", async (_, content, message) => {
    const folder = await temporaryFolder();
    await writeLock(folder, content);
    const before = await readFile(join(folder, "run.lock"), "utf8");
    const error = await failure(acquireLock(folder, null, () => undefined));
    expect(error).toBeInstanceOf(RunFolderError);
    expect(error.message).toMatch(message);
    expect(await readFile(join(folder, "run.lock"), "utf8")).toBe(before);
  });
});

const nothing = { description: "nothing", size: 1 };

describe("train", () => {
  it("refuses a folder in which another training begins or goes on, and does no harm to it", async () => {
    const folder = join(await temporaryFolder(), "run");
    const stop = new AbortController();
    const experiment = toyExperiment({ iterations: 1_000_000 });
    let second: Promise<Error> | undefined;
    let resumed: Promise<Error> | undefined;
    const first = train({
      experiment,
      folder,
      signal: stop.signal,
      onProgress({ iteration }) {
        if (iteration !== 1) return;
        second = failure(train({ experiment, folder }));
        resumed = failure(train({ experiment, folder, resume: true }));
        void Promise.all([second, resumed]).finally(() => stop.abort());
      },
    });
    const atOnce = await failure(train({ experiment, folder }));
    expect((await first).status).toBe("interrupted");
    expect(atOnce.message).toMatch(/is in use: process/);
    expect((await second)?.message).toMatch(/already holds a run/);
    expect((await resumed)?.message).toMatch(/is in use: process/);
    expect(existsSync(join(folder, "run.lock"))).toBe(false);
  });

  it("stops at once when its signal aborts while data are made, and leaves nothing", async () => {
    const parent = await temporaryFolder();
    const stop = new AbortController();
    const experiment = {
      ...toyExperiment(),
      data: () => ({
        load() {
          setImmediate(() => stop.abort(new Error("enough")));
          return new Promise<never>(() => undefined);
        },
      }),
    };
    const folder = join(parent, "deep", "run");
    expect((await failure(train({ experiment, folder, signal: stop.signal }))).message).toBe("enough");
    expect(await readdir(parent)).toEqual([]);
  });

  it("hears its signal from a timer though its learner only computes and nothing is logged", async () => {
    const experiment = {
      ...toyExperiment({ iterations: 1_000_000, logEvery: 1_000_000, checkpointEvery: 1_000_000 }),
      data: () => ({
        load: () => Promise.resolve({ ...nothing, batches: () => ({ perEpoch: 1, at: () => ({}) }) }),
      }),
      model: () => ({
        init: () => Promise.resolve({ params: { x: tf.scalar(0) } }),
        update: (state: { params: { x: tf.Scalar } }) => Promise.resolve({ state, metrics: {} }),
      }),
    };
    const stop = new AbortController();
    const onProgress = ({ iteration }: { iteration: number }) => {
      if (iteration === 1) setTimeout(() => stop.abort(), 0);
    };
    const folder = await temporaryFolder();
    expect((await train({ experiment, folder, signal: stop.signal, onProgress })).status).toBe("interrupted");
  });

  it("leaves nothing when its data can't be loaded, and no earlier run is lost by that", async () => {
    const parent = await temporaryFolder();
    const folder = join(parent, "run");
    const broken = {
      ...toyExperiment(),
      data: () => ({ load: () => Promise.reject<never>(new Error("no such file")) }),
    };
    expect((await failure(train({ experiment: broken, folder }))).message).toBe("no such file");
    expect(await readdir(parent)).toEqual([]);
    await train({ experiment: toyExperiment(), folder });
    await failure(train({ experiment: broken, folder, overwrite: true }));
    expect((await train({ experiment: toyExperiment(), folder, resume: true })).iteration).toBe(10);
  });

  it.each([
    ["an empty folder", async () => undefined],
    ["its lock", async (folder: string) => writeLock(folder, owner(await goneProcess()))],
    [
      "its lock and empty folders",
      async (folder: string) => {
        await writeLock(folder, owner(await goneProcess()));
        await mkdir(join(folder, "checkpoints"));
        await mkdir(join(folder, "samples"));
        await writeFile(join(folder, ".tmp-1-config.json"), "{");
      },
    ],
  ])("begins in a folder where a killed training left %s", async (_, leave) => {
    const folder = await temporaryFolder();
    await leave(folder);
    if (existsSync(join(folder, "run.lock"))) {
      const told = await failure(train({ experiment: toyExperiment(), folder, resume: true }));
      expect(told.message).toMatch(
        /holds no run: its training \(ergodic train x\) was killed before the first iteration/,
      );
    }
    expect((await train({ experiment: toyExperiment(), folder })).status).toBe("completed");
    expect((await readdir(folder)).filter((name) => name.startsWith(".") || name === "run.lock")).toEqual([]);
  });

  it("says of a folder that is being prepared that it is", async () => {
    const folder = await temporaryFolder();
    await writeLock(folder, owner(process.ppid));
    expect((await failure(readRunRecord(folder))).message).toMatch(/holds no run yet: .* is being prepared/);
  });

  it("writes nothing through links that a run folder came with", async () => {
    const [folder, outside] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(join(outside, "precious"), "precious");
    const experiment = toyExperiment({ checkpointEvery: 100, sampleEvery: 1 });
    await train({ experiment, folder });
    for (const name of ["config.json", "metrics.jsonl", "report.html"]) {
      // The temporary name of this process, which the creator of the folder could have guessed.
      await symlink(join(outside, "precious"), join(folder, `.tmp-${process.pid}-${name}`));
    }
    await train({ experiment: toyExperiment({ iterations: 11 }), folder, resume: true });
    const linked = await temporaryFolder();
    await writeFile(join(linked, "config.json"), await readFile(join(folder, "config.json")));
    await symlink(outside, join(linked, "checkpoints"), "junction");
    const error = await failure(train({ experiment, folder: linked, resume: true }));
    expect(error.message).toMatch(/checkpoints is a link to another place/);
    expect(await readdir(outside)).toEqual(["precious"]);
    expect(await readFile(join(outside, "precious"), "utf8")).toBe("precious");
  });

  it("shows no file in its report that a link among the samples leads to", async () => {
    const [folder, outside] = [await temporaryFolder(), await temporaryFolder()];
    await train({ experiment: toyExperiment(), folder });
    await writeFile(join(outside, "secret"), "a secret key");
    for (const name of ["0000001.png", "reconstruction-0000001.png"]) {
      await symlink(join(outside, "secret"), join(folder, "samples", name));
    }
    await train({ experiment: toyExperiment({ iterations: 11 }), folder, resume: true });
    const page = await readFile(join(folder, "report.html"), "utf8");
    expect(page).not.toContain(Buffer.from("a secret key").toString("base64"));
    expect(page).not.toContain("<img");
  });
});

describe("the record of a run", () => {
  it("holds what the run was made with, and the experiment's files", async () => {
    const folder = await temporaryFolder();
    const source = { entry: "a/toy.ts", files: { "a/toy.ts": "export default 1;\n", "lib/net.ts": "export {};\n" } };
    const git = { commit: "0123abc", changed: true };
    const made = { origin: "/a/toy.ts", source, git, command: ["ergodic", "train"], versions: { ergodic: "1.2.3" } };
    await train({ experiment: toyExperiment(), folder, ...made });
    const record = await readRunRecord(folder);
    expect(record).toMatchObject({
      origin: "/a/toy.ts",
      git,
      command: ["ergodic", "train"],
      source: { entry: "a/toy.ts" },
    });
    expect(record.versions).toMatchObject({ ergodic: "1.2.3", node: process.versions.node });
    expect(record.processor).toMatch(/cores/);
    expect(await readFile(join(folder, "experiment", "lib", "net.ts"), "utf8")).toBe("export {};\n");
    expect(await readSource(join(folder, "experiment"), record.source!)).toEqual(source);

    const changed = { ...source, files: { ...source.files, "a/toy.ts": "export default 2;\n" } };
    const later = { ...made, source: changed, versions: { ergodic: "2.0.0" } };
    const notices: string[] = [];
    await train({
      ...{ experiment: toyExperiment({ iterations: 11 }), folder, resume: true, ...later },
      onEvent: (event) => void (event.kind === "notice" && notices.push(event.message)),
    });
    expect(notices).toEqual([expect.stringContaining("with ergodic 1.2.3, this is 2.0.0")]);
    const { sha256 } = recordOfSource(changed);
    expect(await readRunRecord(folder)).toMatchObject({ source: { sha256 }, resumed: [{ sha256 }] });
    expect(await readFile(join(folder, "experiment", "a", "toy.ts"), "utf8")).toBe("export default 2;\n");
  });

  it("is refused by name when a part of it is of the wrong kind", async () => {
    const folder = await temporaryFolder();
    await train({ experiment: toyExperiment(), folder });
    const path = join(folder, "config.json");
    const record = JSON.parse(await readFile(path, "utf8")) as object;
    const source = { sha256: "../../../etc/passwd", entry: "x", files: {} };
    for (const [part, value] of Object.entries({ origin: { evil: 1 }, engine: "cpu", resumed: null, source })) {
      await writeFile(path, JSON.stringify({ ...record, [part]: value }));
      expect((await failure(readRunRecord(folder))).message).toMatch(new RegExp(`config\\.json\\.${part}.* is `));
    }
  });
});

describe("the hash of a source", () => {
  // printf '%s' 'export default 1' | sha256sum gives the first, and printf '%s  .\n' <that> |
  // sha256sum the second.
  const file = "f2ed650f15f224fa0836d26fabb81f0e219e1e3515d41640040073b222ffcbfd";
  const listing = "2a333e67ff34a2657b41c94fa0ba852166538d485556ca95143d8335ea00569f";

  it("is that of the listing of its files, wherever they lie", () => {
    const one = recordOfSource({ entry: "x.ts", files: { "x.ts": "export default 1" } });
    expect(one).toEqual({ sha256: listing, entry: "x.ts", files: { "x.ts": file } });
    const files = (at: string, to: string) => ({ [`${at}/x.ts`]: "export default 1", [`${to}/y.ts`]: "export {}" });
    const here = recordOfSource({ entry: "a/x.ts", files: files("a", "lib") });
    expect(recordOfSource({ entry: "b/x.ts", files: files("b", "lib") }).sha256).toBe(here.sha256);
    expect(recordOfSource({ entry: "a/x.ts", files: files("a", "other") }).sha256).not.toBe(here.sha256);
    expect(here.sha256).not.toBe(one.sha256);
  });

  it("guards the reading of copies: neither another text nor a path out of the folder is taken", async () => {
    const folder = await temporaryFolder();
    await makeFolder(join(folder, "experiment"));
    await writeFile(join(folder, "secret"), "x");
    const away = { entry: "../secret", files: { "../secret": "x" } };
    expect(await readSource(join(folder, "experiment"), recordOfSource(away))).toBeUndefined();
    await writeFile(join(folder, "experiment", "x.ts"), "other");
    const stated = recordOfSource({ entry: "x.ts", files: { "x.ts": "stated" } });
    expect(await readSource(join(folder, "experiment"), stated)).toBeUndefined();
  });
});

it("a checkpoint's pictures that were due at a kill are made on resume, as an undisturbed run makes them", async () => {
  const training = { sampleEvery: 5, checkpointEvery: 5 };
  const [killed, whole] = [await temporaryFolder(), await temporaryFolder()];
  const set = { "options.shows": true };
  const experiment = toyExperiment(training);
  const config = resolveConfig(experiment, set);
  await train({ experiment, config, folder: whole });
  // A kill between checkpoint 5 and its samples: the process never reaches `show`.
  const dying = {
    ...experiment,
    data: () => toyData,
    model: (...given: Parameters<typeof experiment.model>) => ({
      ...experiment.model(...given),
      sample: () => Promise.reject<never>(new Error("killed")),
    }),
  };
  expect((await failure(train({ experiment: dying, config, folder: killed }))).message).toBe("killed");
  expect(existsSync(join(killed, "samples", "0000005.png"))).toBe(false);
  await train({ experiment, config, folder: killed, resume: true });
  const pictures = (folder: string) => readdir(join(folder, "samples"));
  expect(await pictures(killed)).toEqual(await pictures(whole));
  for (const name of await pictures(whole)) {
    expect(await readFile(join(killed, "samples", name))).toEqual(await readFile(join(whole, "samples", name)));
  }
});
