/** `--shard` and `--merge` of `ergodic sample` and `ergodic evaluate`, end to end. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openNpz } from "@ergodic/formats/node";
import { expect, it } from "vitest";
import { emptyFolder, inOwnProcess, tiny } from "./support.js";

it("shares of samples and of an evaluation join to the very numbers of one process", async () => {
  const folder = await emptyFolder();
  const succeeds = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await inOwnProcess(folder, ...args);
    expect(code, stderr).toBe(0);
    return stdout;
  };
  const settings = ["--set", "training.iterations=3", "--out", "run", "--no-evaluate", "--quiet"];
  await succeeds("train", "quickstart", ...tiny, ...settings);

  const sample = (...args: string[]) => succeeds("sample", "run", "--n", "250", ...args);
  await sample("--out", "whole.npz");
  expect(await sample("--shard", "2/2")).toMatch(/^part 2\/2: run.parts.*2-of-2\.npz\nwhen all 2 are there/);
  await sample("--shard", "1/2");
  await sample("--merge", "--out", "merged.npz");
  const [whole, merged] = await Promise.all(["whole.npz", "merged.npz"].map((name) => readFile(join(folder, name))));
  expect(merged!.equals(whole!)).toBe(true);
  expect((await (await openNpz(join(folder, "merged.npz"))).array("samples")).shape).toEqual([250, 28, 28, 1]);

  const metrics = ["--metrics", "mse,is-lenet,kid-lenet", "--samples", "520", "--kid-subset", "100"];
  const reference = ["--reference", "whole.npz", "--range", "-1,1"];
  const evaluate = async (...args: string[]) =>
    JSON.parse(await succeeds("evaluate", "run", ...metrics, ...reference, "--json", ...args)) as object;
  const scores = await evaluate();
  for (const shard of ["1/2", "2/2"]) expect(await evaluate("--shard", shard)).toMatchObject({ shard });
  expect(await evaluate("--merge")).toEqual(scores);
  expect(Object.keys(scores)).toEqual(expect.arrayContaining(["mse", "lenet"]));
});
