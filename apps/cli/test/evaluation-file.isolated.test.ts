import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  addEvaluation,
  evaluationName,
  readEvaluations,
  type EvaluationSettings,
} from "../src/evaluation/evaluation-file.js";
import { emptyFolder } from "./support.js";

const settings = (changed: Partial<EvaluationSettings> = {}): EvaluationSettings => ({
  iteration: 3600,
  metrics: ["fpd", "mse"],
  samples: 10_000,
  seed: 0,
  ...changed,
});

const newPath = async () => join(await emptyFolder(), "evaluation.json");

describe("evaluation.json", () => {
  it("names an evaluation by its settings", () => {
    expect(evaluationName(settings({ reference: "a.npz#01234567", anomalies: undefined, range: [-1, 1] }))).toBe(
      "iteration=3600 metrics=fpd,mse samples=10000 seed=0 reference=a.npz#01234567 range=-1,1",
    );
  });

  it("keeps every evaluation that differs in a setting, and replaces one that does not", async () => {
    const path = await newPath();
    const all = [
      settings(),
      settings({ samples: 100 }),
      settings({ metrics: ["fpd"] }),
      settings({ seed: 1 }),
      settings({ iteration: 1 }),
      settings({ reference: "b.npz" }),
    ];
    for (const [i, one] of all.entries()) await addEvaluation(path, one, { value: i });
    await addEvaluation(path, settings(), { value: "again" });
    const { evaluations } = await readEvaluations(path);
    expect(Object.keys(evaluations)).toHaveLength(all.length);
    expect(evaluations[evaluationName(settings())]).toEqual({ value: "again" });
    expect(evaluations[evaluationName(settings({ samples: 100 }))]).toEqual({ value: 1 });
  });

  it("takes over the single evaluation that it held formerly", async () => {
    const path = await newPath();
    const former = {
      run: "/runs/a",
      iteration: 3600,
      seed: 0,
      fpd: { value: 2, generated: 10_000 },
      mse: { value: 1 },
    };
    await writeFile(path, JSON.stringify(former));
    await addEvaluation(path, settings({ samples: 100 }), { value: 1 });
    expect((await readEvaluations(path)).evaluations).toEqual({
      [evaluationName(settings())]: former,
      [evaluationName(settings({ samples: 100 }))]: { value: 1 },
    });
  });

  it.each([
    ["cut short", '{ "format": "ergodic-evaluations", "version": 1, "evalua'],
    ["empty", ""],
    ["a list", "[]"],
    ["text", '"done"'],
  ])("that is %s is refused by name, and left as it is", async (_, content) => {
    const path = await newPath();
    await writeFile(path, content);
    const told = /evaluation\.json is cut short or is not a record of evaluations\. Move it away/;
    await expect(readEvaluations(path)).rejects.toThrow(told);
    await expect(addEvaluation(path, settings(), {})).rejects.toThrow(told);
    expect(await readFile(path, "utf8")).toBe(content);
  });

  it("of a later version is refused", async () => {
    const path = await newPath();
    await writeFile(path, JSON.stringify({ format: "ergodic-evaluations", version: 2, evaluations: {} }));
    await expect(readEvaluations(path)).rejects.toThrow(/not a file of evaluations of version 1/);
  });
});
