/** Choosing engines, and starting slow backends without changing the current one. */
import * as tf from "@tensorflow/tfjs-core";
import { ValidationError } from "@ergodic/tensor";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  compile,
  currentEngine,
  discoverEngines,
  disposeEngine,
  EngineError,
  provideEngines,
  record,
  useEngine,
  type EngineName,
} from "../src/index.js";
import { backendEngine, startBackend } from "../src/engines/backend-engine.js";

describe("engines", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it("are chosen in the order asked for, and calls wait for the choice", async () => {
    const where = compile((x: tf.Tensor) => tf.square(x));
    const choices = [useEngine("onnx"), useEngine("cpu"), useEngine("onnx")];
    const y = await where(tf.scalar(3));
    expect(currentEngine()?.name).toBe("onnx");
    expect(y.dataSync()[0]).toBe(9);
    expect((await Promise.all(choices)).map(({ name, compiled }) => [name, compiled])).toEqual([
      ["onnx", true],
      ["cpu", false],
      ["onnx", true],
    ]);
    expect((await useEngine("auto")).name).toBe("onnx");
    await where.dispose();
  });

  it("say what is unknown or missing and how to get it, and leave the one in use in place", async () => {
    await useEngine("cpu");
    await expect(useEngine("abacus" as EngineName)).rejects.toThrow(ValidationError);
    await expect(disposeEngine("abacus" as EngineName)).rejects.toThrow(
      /unknown engine "abacus"; expected one of auto, onnx/,
    );
    const statuses = await discoverEngines();
    expect(statuses.filter(({ isDefault }) => isDefault).map(({ name }) => name)).toEqual(["onnx"]);
    const missing = statuses.filter(({ available }) => !available);
    expect(missing.length).toBeGreaterThan(0);
    for (const { name, install, reason } of missing) {
      expect(reason).not.toBe("");
      await expect(useEngine(name)).rejects.toThrow(EngineError);
      await expect(useEngine(name)).rejects.toThrow(install);
    }
    expect(currentEngine()?.name).toBe("cpu");
    expect(tf.getBackend()).toBe("cpu");
    expect(tf.ones([1]).dataSync()[0]).toBe(1);
  });

  it("are loaded anew with other options, and keep those that are left out", async () => {
    const square = compile((x: tf.Tensor) => tf.square(x));
    const threads = async (...choice: Parameters<typeof useEngine>) => {
      const { description } = await useEngine(...choice);
      expect((await square(tf.scalar(3))).dataSync()[0]).toBe(9);
      return /(\d+) threads?/.exec(description)![1];
    };
    expect(await threads("onnx", { threads: 1 })).toBe("1");
    expect(await threads("onnx", { threads: 2 })).toBe("2");
    expect(await threads("onnx")).toBe("2");
    expect(await threads("auto", { threads: 1 })).toBe("1");
    expect(square.programs).toBe(3);
    await expect(useEngine("onnx", { threads: 1.5 })).rejects.toThrow(/threads is 1.5, expected an integer >= 1/);
    await square.dispose();
  });

  it("start a slow backend while another one goes on working, and replay on it", async () => {
    let ready!: () => void;
    const starting = new Promise<void>((resolve) => (ready = resolve));
    const cpu = tf.findBackend("cpu") as tf.KernelBackend;
    tf.registerBackend("slow", async () => {
      await starting;
      return Object.create(cpu) as tf.KernelBackend;
    });
    for (const kernel of tf.getKernelsForBackend("cpu")) tf.registerKernel({ ...kernel, backendName: "slow" });
    try {
      const loading = backendEngine("slow", "A slow backend", () => startBackend("slow")).load({});
      expect(tf.add(1, 2).dataSync()[0]).toBe(3);
      ready();
      const { executor, backend } = await loading;
      expect(backend).toBe("slow");
      expect(tf.getBackend()).toBe("cpu");
      expect(executor.supports("Add")).toBe(true);
      expect(executor.supports("NoSuchKernel")).toBe(false);
      const { graph } = record((x: tf.Tensor) => tf.exp(tf.neg(x)), [tf.ones([1])], {
        engine: "slow",
        supports: (kernel) => executor.supports(kernel),
        alternatives: [],
      });
      const program = await executor.load(graph);
      const [y] = await program.run([tf.tensor1d([0])]);
      expect([...y!.dataSync()]).toEqual([1]);
      expect(tf.getBackend()).toBe("cpu");
    } finally {
      for (const { kernelName } of tf.getKernelsForBackend("slow")) tf.unregisterKernel(kernelName, "slow");
      tf.removeBackend("slow");
    }
  });

  it("report a backend that fails to start, and try again later", async () => {
    let attempts = 0;
    tf.registerBackend("moody", async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("no adapter");
      return Object.create(tf.findBackend("cpu")) as tf.KernelBackend;
    });
    await expect(startBackend("moody")).rejects.toThrow("no adapter");
    await startBackend("moody");
    await startBackend("moody");
    expect(attempts).toBe(2);
    tf.removeBackend("moody");
    await expect(startBackend("moody")).rejects.toThrow(/no package registered the backend "moody"/);
  });
});

describe("auto without a compiled engine", () => {
  it("takes the plain one, says what it passed over and why, and warns once", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    for (const name of ["onnx", "tensorflow", "onnx-web", "wasm"] as const) {
      await disposeEngine(name);
      provideEngines({
        name,
        description: "",
        install: `npm install ${name}`,
        load: () => Promise.reject(new Error(`no ${name}`)),
      });
    }
    // A choice with other options loads the engines again.
    const chosen = await useEngine("auto", { threads: 3 });
    expect(chosen.name).toBe("cpu");
    expect(chosen.passedOver.filter(({ name }) => name.startsWith("onnx"))).toEqual(
      expect.arrayContaining([
        { name: "onnx", reason: "no onnx" },
        { name: "onnx-web", reason: "no onnx-web" },
      ]),
    );
    expect(currentEngine()).toEqual(chosen);
    await useEngine("auto", { threads: 3 });
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/plain JavaScript.*onnx: no onnx;.*npm install onnx/)]]);
    warn.mockRestore();
  });
});
