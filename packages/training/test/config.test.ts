import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  ConfigError,
  defineExperiment,
  isExperiment,
  parseSetting,
  resolveConfig,
  restoreConfig,
} from "../src/index.js";
import { configHash } from "../src/config-hash.js";
import { toyData, toyExperiment, toyLearner } from "./toy.js";

const experiment = toyExperiment();

function message(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

describe("defineExperiment", () => {
  it("fills in defaults and can be recognised", () => {
    expect(isExperiment(experiment)).toBe(true);
    expect(isExperiment({ data: toyData })).toBe(false);
    expect(experiment.training).toMatchObject({ iterations: 10, seed: 5, averaging: null, keepCheckpoints: 3 });
  });

  it("refuses bad training settings", () => {
    expect(message(() => toyExperiment({ iterations: 0 }))).toMatch(/training\.iterations is 0: too small/);
    expect(message(() => toyExperiment({ averaging: 1 }))).toMatch(/training\.averaging is 1: too big/);
    const misspelt = { iterations: 1, batchSize: 1, chekpointEvery: 2 };
    expect(message(() => toyExperiment(misspelt))).toContain(
      "unknown setting training.chekpointEvery. Did you mean training.checkpointEvery?",
    );
  });

  it("refuses parts that are none, and options without a default", () => {
    const learner = toyLearner({ rate: 1 });
    const training = { iterations: 1, batchSize: 1 };
    const noModel = { data: toyData, training } as unknown as Parameters<typeof defineExperiment>[0];
    expect(message(() => defineExperiment(noModel))).toContain("experiment.model has no update()");
    const options = z.object({ width: z.number() });
    expect(message(() => defineExperiment({ options, data: toyData, model: learner, training }))).toMatch(
      /options\.width is missing: expected number.*\n.*default/,
    );
  });
});

describe("resolveConfig", () => {
  it("gives typed settings, overrides by dotted path, nested ones beside their defaults", () => {
    const config = resolveConfig(experiment, {
      "training.iterations": 7,
      "options.noise.scale": 2,
      "options.kind": "fancy",
    });
    const scale: number = config.options.noise.scale;
    expect(scale).toBe(2);
    expect(config.training.iterations).toBe(7);
    expect(config.options).toMatchObject({ rate: 0.01, kind: "fancy" });
  });

  it("names value and expectation for a wrong type", () => {
    expect(message(() => resolveConfig(experiment, { "training.iterations": "many" }))).toMatch(
      /^training\.iterations is "many": expected number, received string/,
    );
    expect(message(() => resolveConfig(experiment, { "training.iterations": 1.5 }))).toMatch(/is 1\.5: expected int/);
    expect(message(() => resolveConfig(experiment, { "options.noise.scale": true }))).toMatch(
      /options\.noise\.scale is true/,
    );
    expect(message(() => resolveConfig(experiment, { "options.noise": 3 }))).toMatch(
      /options\.noise is 3: expected object/,
    );
    expect(message(() => resolveConfig(experiment, { "options.kind": "fine" }))).toMatch(/is "fine": expected one of/);
  });

  it("finds the name that was meant", () => {
    const meant = (path: string) =>
      /Did you mean (\S+)\?/.exec(message(() => resolveConfig(experiment, { [path]: 1 })))?.[1];
    expect(meant("training.iteratons")).toBe("training.iterations");
    expect(meant("options.noise.scal")).toBe("options.noise.scale");
    expect(meant("options.raet")).toBe("options.rate");
    expect(meant("iterations")).toBe("training.iterations");
    expect(meant("traning.iterations")).toBe("training.iterations");
    expect(meant("options.somethingElseEntirely")).toBeUndefined();
  });

  it.each(["training", "options", "options.noise", "options.noise.scale"])(
    "refuses inherited names below %s",
    (place) => {
      for (const name of Object.getOwnPropertyNames(Object.prototype)) {
        const said = new RegExp(`^unknown setting ${place}\\.${name}\\.`);
        expect(message(() => resolveConfig(experiment, { [`${place}.${name}`]: 1 }))).toMatch(said);
        expect(message(() => resolveConfig(experiment, { [`${place}.${name}.x`]: 1 }))).toMatch(/^unknown setting/);
        // The name inside a value, in the form that config.json may hold.
        const record: unknown = JSON.parse(`{ "${name}": 1 }`);
        expect(message(() => resolveConfig(experiment, { [place]: record }))).toMatch(/^unknown setting/);
        const saved = JSON.parse(`{ "options": { "noise": { "${name}": { "scale": 1 } } } }`) as { options: unknown };
        expect(message(() => restoreConfig(experiment, { training: experiment.training, ...saved }))).toMatch(
          new RegExp(`^unknown setting options\\.noise\\.${name}\\.`),
        );
      }
      expect({}).not.toHaveProperty("x");
    },
  );

  it("refuses inherited names and values that contain themselves where an option takes any record", () => {
    const open = defineExperiment({
      options: z.object({ any: z.record(z.string(), z.unknown()).default({}) }),
      data: toyData,
      model: toyLearner({ rate: 1 }),
      training: { iterations: 1, batchSize: 1 },
    });
    expect(resolveConfig(open, { "options.any.mine": 1 }).options.any).toEqual({ mine: 1 });
    for (const path of ["options.any.__proto__", "options.any.constructor.prototype", "options.any.toString"])
      expect(message(() => resolveConfig(open, { [path]: 1 }))).toMatch(/^unknown setting options\.any\./);
    const loop: Record<string, unknown> = {};
    loop["again"] = [loop];
    expect(message(() => resolveConfig(open, { "options.any": loop }))).toBe(
      "options.any.again.0 contains itself.\n  Give plain values: numbers, texts, lists and records.",
    );
  });

  it.each(["iterations", "batchSize", "sampleCount", "logEvery", "checkpointEvery"])("bounds training.%s", (name) => {
    for (const value of [1e12, 2 ** 53, 1e300])
      expect(message(() => resolveConfig(experiment, { [`training.${name}`]: value }))).toMatch(
        new RegExp(`^training\\.${name} is .*(too big|int)`),
      );
  });

  it("refuses options that can't be saved", () => {
    const odd = defineExperiment({
      options: z.object({
        f: z
          .string()
          .default("x")
          .transform((s) => () => s),
      }),
      data: toyData,
      model: toyLearner({ rate: 1 }),
      training: { iterations: 1, batchSize: 1 },
    });
    expect(message(() => resolveConfig(odd))).toMatch(/options\.f is not a plain JSON value/);
  });

  it("restores what was saved as JSON", () => {
    const config = resolveConfig(experiment, { "training.averaging": 0.9, "options.breakAt": 4 });
    expect(restoreConfig(experiment, JSON.parse(JSON.stringify(config)) as typeof config)).toEqual(config);
  });
});

describe("configHash", () => {
  it("depends on what decides the numbers, and not on how long or how often", () => {
    const hash = (overrides: Record<string, unknown>) => configHash(resolveConfig(experiment, overrides));
    expect(hash({ "training.iterations": 99, "training.logEvery": 3, "training.keepCheckpoints": 9 })).toBe(hash({}));
    const others = [
      { "training.seed": 6 },
      { "training.batchSize": 2 },
      { "training.averaging": 0.5 },
      { "options.rate": 1 },
    ];
    expect(new Set([{}, ...others].map(hash)).size).toBe(5);
  });
});

describe("parseSetting", () => {
  it("reads JSON values and falls back to text", () => {
    const value = (text: string) => parseSetting(text).value;
    expect(parseSetting("training.iterations=100")).toEqual({ path: "training.iterations", value: 100 });
    expect([value("a=null"), value("a=true"), value("a=1e-3"), value("a=[1,2]")]).toEqual([null, true, 0.001, [1, 2]]);
    expect([value("a=text"), value('a="5"'), value("a=b=c"), value("a=")]).toEqual(["text", "5", "b=c", ""]);
  });

  it("refuses anything else", () => {
    expect(message(() => parseSetting("iterations"))).toMatch(/"iterations" is not a setting\.\n {2}Write name=value/);
    expect(message(() => parseSetting("=3"))).toContain("is not a setting");
  });
});
