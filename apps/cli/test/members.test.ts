/** Who trains together. */
import { describe, expect, it } from "vitest";
import { clusterOf } from "../src/cluster/members.js";
import { withoutOption } from "../src/cluster/run-workers.js";

const patience = 50;
const inEnv = (config: unknown) =>
  clusterOf({ patience }, { TF_CONFIG: typeof config === "string" ? config : JSON.stringify(config) });

describe("the members of a cluster", () => {
  it("are those of --workers and --task", () => {
    const workers = ["a:1", "b:1"];
    expect(clusterOf({ workers, task: 1, patience }, { TF_CONFIG: "ignored" })).toEqual({ workers, task: 1, patience });
    expect(() => clusterOf({ workers, patience }, {})).toThrow(/give both/);
    expect(() => clusterOf({ task: 0, patience }, {})).toThrow(/give both/);
    expect(() => clusterOf({ workers, task: 2, patience }, {})).toThrow(/--task 2 is none of the 2 workers; .* 0 to 1/);
  });

  it("are those of TF_CONFIG otherwise, the chief first", () => {
    const cluster = { chief: ["c:1"], worker: ["a:1", "b:1"] };
    expect(inEnv({ cluster, task: { type: "chief", index: 0 } })).toMatchObject({
      workers: ["c:1", "a:1", "b:1"],
      task: 0,
    });
    expect(inEnv({ cluster, task: { type: "worker", index: "1" } })).toMatchObject({ task: 2 });
    const plain = { cluster: { worker: ["a:1", "b:1"] }, task: { type: "worker", index: 1 } };
    expect(inEnv(plain)).toEqual({ workers: ["a:1", "b:1"], task: 1, patience });
  });

  it("are none for a process alone", () => {
    for (const env of [{}, { TF_CONFIG: "" }, { TF_CONFIG: '{"cluster": {"worker": ["a:1"]}}' }, { TF_CONFIG: "{}" }])
      expect(clusterOf({ patience }, env)).toBeUndefined();
  });

  it("are refused where they make no sense", () => {
    expect(() => inEnv("{")).toThrow(/TF_CONFIG is no description of a cluster/);
    const cluster = { worker: ["a:1", "b:1"] };
    for (const task of [
      undefined,
      { type: "ps", index: 0 },
      { type: "evaluator", index: 0 },
      { type: "worker", index: 2 },
    ])
      expect(() => inEnv({ cluster, task })).toThrow(/expected the chief or one of the workers/);
  });
});

it("an option is taken out of arguments with its value, however it was written", () => {
  expect(withoutOption(["train", "x", "--n", "2", "-o", "y"], "--n")).toEqual(["train", "x", "-o", "y"]);
  expect(withoutOption(["train", "--n=2", "x"], "--n")).toEqual(["train", "x"]);
});
