/** Averages over the workers of a cluster, as far as one process can see. */
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, it } from "vitest";
import { allMean, clusterSize, compile, joinCluster, useEngine } from "../src/index.js";
import type { Graph } from "../src/graph.js";
import { hasCollectives, withInstances } from "../src/tensorflow/collectives.js";
import { lowerToSavedModel } from "../src/tensorflow/lower.js";
import { messages } from "./saved-model-messages.js";

beforeAll(async () => {
  await useEngine("cpu");
});

it("the mean over one worker is the identity, compiled or not", async () => {
  expect(clusterSize()).toBe(1);
  const x = { a: tf.tensor1d([1, 2]), b: [tf.scalar(3)] };
  expect(allMean(x)).toBe(x);
  const run = compile((values: typeof x) => allMean(values));
  const result = await run(x);
  expect([...(await result.a.data()), ...(await result.b[0]!.data())]).toEqual([1, 2, 3]);
});

describe("joining a cluster", () => {
  const workers = ["127.0.0.1:2222", "127.0.0.1:2223"];
  it("names an engine that cannot average", async () => {
    await expect(joinCluster({ workers, task: 0 })).rejects.toThrow(
      /the engine "cpu" cannot average over the 2 workers of a cluster.*engine add tensorflow/,
    );
    expect(clusterSize()).toBe(1);
  });

  it("refuses workers without ports, twice the same, and a task that is none", async () => {
    await expect(joinCluster({ workers: ["a", "b:1"], task: 0 })).rejects.toThrow(/the worker "a", expected host:port/);
    await expect(joinCluster({ workers: ["b:1", "b:1"], task: 0 })).rejects.toThrow(/expected different addresses/);
    await expect(joinCluster({ workers, task: 2 })).rejects.toThrow(/task/);
  });
});

describe("an average in a program", () => {
  const graph = (name: string, patience = 50): Graph => ({
    inputs: [{ value: { id: 0, shape: [4], dtype: "float32" }, source: { kind: "argument", leaf: 0 } }],
    constants: [],
    nodes: [
      { kernel: name, inputs: [{ name: "x", id: 0 }], attrs: {}, outputs: [{ id: 1, shape: [4], dtype: "float32" }] },
      ...[2, 3].map((id) => ({
        kernel: "AllMean",
        inputs: [{ name: "x", id: id - 1 }],
        attrs: { workers: 8, patience },
        outputs: [{ id, shape: [4], dtype: "float32" as const }],
      })),
    ],
    outputs: [3],
  });
  const instances = (of: Graph): unknown[] =>
    withInstances(of)
      .nodes.slice(1)
      .map(({ attrs }) => attrs["instance"]);

  it("is one collective operation over all workers", () => {
    expect(hasCollectives(graph("Exp"))).toBe(true);
    const bytes = lowerToSavedModel(withInstances(graph("Exp")));
    const type = messages.lookupType("SavedModel");
    const { metaGraphs } = type.toObject(type.decode(bytes)) as {
      metaGraphs: { graphDef: { node: { op: string; attr: Record<string, Record<string, unknown>> }[] } }[];
    };
    const { node } = metaGraphs[0]!.graphDef;
    const [first, ...others] = node.filter(({ op }) => op === "CollectiveReduce");
    expect(others).toHaveLength(1);
    const { group_size, merge_op, final_op, timeout_seconds } = first!.attr;
    expect(Number(group_size!["i"])).toBe(8);
    expect([merge_op, final_op].map((value) => Buffer.from(value!["s"] as Uint8Array).toString())).toEqual([
      "Add",
      "Div",
    ]);
    expect(timeout_seconds!["f"]).toBe(50);
  });

  it("has a number of its own that all workers give it", () => {
    const [first, second] = instances(graph("Exp"));
    expect(first).not.toBe(second);
    expect(instances(graph("Exp"))).toEqual([first, second]);
    expect(instances(graph("Log"))[0]).not.toBe(first);
    expect(instances(graph("Exp", 60))[0]).not.toBe(first);
  });
});
