/** Ways to run a compiled function: each engine, and `onnx` with and without generated code. */
import type { CompileOptions, EngineName } from "../src/index.js";

export interface Way {
  readonly name: string;
  readonly engine: EngineName;
  readonly options: CompileOptions;
}

/** Options with which ONNX Runtime runs small functions too. */
export const inRuntime: CompileOptions = { smallAsCode: false };

/**
 * Groups of cases that one program runs: all of them, because runtimes take most of the time to make
 * programs, or one each where a program may be small.
 */
export const groupsOf = ({ smallAsCode }: CompileOptions, cases: number): number[][] => {
  const all = Array.from({ length: cases }, (_, i) => i);
  return smallAsCode === undefined ? all.map((i) => [i]) : [all];
};

const waysOf = (engine: EngineName): Way[] =>
  engine === "onnx"
    ? [
        { name: "onnx in its runtime", engine, options: inRuntime },
        { name: "onnx, small functions as code", engine, options: {} },
      ]
    : [{ name: engine, engine, options: inRuntime }];

export const waysOn = (engines: readonly EngineName[]): Way[] => engines.flatMap(waysOf);
