/** Programs whose rows several threads share. */
import * as tf from "@tensorflow/tfjs-core";
import type { Executor, Program } from "../executor.js";
import type { Graph, TypedArray, Value } from "../graph.js";
import { readFeeds, ResultArrays, zeros } from "./result-arrays.js";
import { putRows, takeRows, type Range, type Rows } from "../rows/rows.js";
import { splitByRows, type Split } from "../rows/split.js";

/** Fewer rows do not pay. */
const FEWEST_ROWS = 16;

/** The rows in so many parts of about the same length, the longest last. */
function rangesOf({ count, step }: Split, parts: number): Range[] {
  const ends = Array.from({ length: parts - 1 }, (_, i) => step * Math.round(((i + 1) * count) / parts / step));
  const bounds = [0, ...ends, count];
  const ranges = ends.concat(count).map((to, i) => ({ from: bounds[i]!, to }));
  return ranges.sort((a, b) => a.to - a.from - (b.to - b.from));
}

/** Waits for all. If one fails, `undo` gets the results of the others, and its error is thrown. */
async function allOf<T>(work: readonly Promise<T>[], undo: (result: T) => unknown = () => {}): Promise<T[]> {
  const settled = await Promise.allSettled(work);
  const failed = settled.find((one) => one.status === "rejected");
  if (failed === undefined) return Promise.all(work);
  for (const one of settled) if (one.status === "fulfilled") await undo(one.value);
  throw failed.reason;
}

/** An input of a part. */
interface PartInput {
  /** Its index in the whole graph. */
  readonly index: number;
  readonly value: Value;
  readonly rows: Rows | undefined;
  readonly isDrawn: boolean;
  /** What was last taken of a draw, whose numbers lie in the same array at most calls. */
  last?: { readonly whole: TypedArray; readonly taken: TypedArray };
}

interface Part {
  readonly range: Range;
  readonly inputs: readonly PartInput[];
  readonly program: Program;
}

/** The inputs of a part of a graph, by their indices in the whole. */
const indicesIn = (whole: readonly { readonly value: Value }[], part: Graph): number[] => {
  const indices = new Map(whole.map(({ value }, i) => [value.id, i]));
  return part.inputs.map(({ value }) => indices.get(value.id)!);
};

/** What `use` makes of the numbers of a program's results. */
async function computed(
  program: Program,
  feeds: readonly TypedArray[],
  use: (results: readonly TypedArray[]) => void,
): Promise<void> {
  if (program.compute !== undefined) return program.compute(feeds, use);
  const tensors = await program.run(feeds);
  const reading = readFeeds(tensors);
  use(reading.numbers);
  reading.end();
  tf.dispose(tensors);
}

class RowsProgram implements Program {
  readonly readsShared = true;
  private readonly arrays: readonly ResultArrays[];
  /** Arrays of handed values that no run reads. */
  private readonly idle: TypedArray[][] = [];

  constructor(
    private readonly graph: Graph,
    private readonly split: Split,
    private readonly parts: readonly Part[],
    /** The rest, and its inputs among those of the graph and the handed values behind them. */
    private readonly rest: { readonly program: Program; readonly inputs: readonly number[] } | undefined,
  ) {
    this.arrays = split.handed.map(({ value }) => new ResultArrays(value));
  }

  async run(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    if (this.rest === undefined) return this.handedResults(feeds);
    const { program, inputs } = this.rest;
    const handed = this.idle.pop() ?? this.split.handed.map(({ value }) => zeros(value));
    try {
      await this.hand(feeds, handed);
      return await program.run(inputs.map((i) => feeds[i] ?? handed[i - feeds.length]!));
    } finally {
      this.idle.push(handed);
    }
  }

  /** The results where every one is handed. */
  private async handedResults(feeds: readonly (tf.Tensor | TypedArray)[]): Promise<tf.Tensor[]> {
    const arrays = this.arrays.map((one) => one.take());
    await this.hand(feeds, arrays);
    const tensors = new Map<number, tf.Tensor>();
    return this.graph.outputs.map((id) => {
      const known = tensors.get(id);
      if (known !== undefined) return known.clone();
      const place = this.split.handed.findIndex(({ value }) => value.id === id);
      const tensor = this.arrays[place]!.tensor(arrays[place]!);
      tensors.set(id, tensor);
      return tensor;
    });
  }

  /** Writes the handed values to these arrays: each part its rows, when it has ended. */
  private async hand(feeds: readonly (tf.Tensor | TypedArray)[], handed: readonly TypedArray[]): Promise<void> {
    const reading = readFeeds(feeds);
    try {
      const parts = this.parts.map((part) =>
        computed(part.program, this.feedsOf(part, reading.numbers), (results) => {
          for (const [i, { value, rows }] of this.split.handed.entries())
            putRows(handed[i]!, results[i]!, value, rows, this.split.count, part.range);
        }),
      );
      await allOf(parts);
    } finally {
      reading.end();
    }
  }

  private feedsOf({ range, inputs }: Part, numbers: readonly TypedArray[]): TypedArray[] {
    const feeds: TypedArray[] = [];
    for (const input of inputs) feeds.push(this.taken(input, numbers[input.index]!, range));
    return feeds;
  }

  private taken(input: PartInput, whole: TypedArray, range: Range): TypedArray {
    const { value, rows, isDrawn, last } = input;
    if (rows === undefined) return whole;
    if (last?.whole === whole) return last.taken;
    const taken = takeRows(whole, value, rows, this.split.count, range);
    if (isDrawn && taken.buffer === whole.buffer) input.last = { whole, taken };
    return taken;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.parts.map(({ program }) => program.dispose()), this.rest?.program.dispose()]);
  }
}

export interface RowThreads {
  readonly most: number;
  /** Estimated nanoseconds of work on rows from which on a program is shared. */
  readonly leastWork: number;
  /** At most so many executors, each for a thread. The last one runs in the calling thread. */
  start(most: number): Promise<readonly Executor[]>;
}

/**
 * An executor that shares the rows of a program between threads, where that pays.
 *
 * The program is also split where one thread alone has all rows: what is fused does not depend on the
 * number of threads then, and neither do the bits of the results.
 *
 * @param whole runs other programs, and what is not computed by rows
 */
export function sharingRows(whole: Executor, threads: RowThreads): Executor {
  return {
    supports: whole.supports,
    async load(graph) {
      const split = splitByRows(graph, threads.leastWork);
      const most = Math.floor((split?.count ?? 0) / FEWEST_ROWS);
      if (split === undefined || most < 2) return whole.load(graph);
      const executors = await threads.start(Math.min(most, threads.most));
      const loading = rangesOf(split, executors.length).map(async (range, i): Promise<Part> => {
        const part = split.part(range);
        return {
          range,
          inputs: indicesIn(graph.inputs, part).map((index) => {
            const { value, source } = graph.inputs[index]!;
            return { index, value, rows: split.rows.get(value.id), isDrawn: source.kind === "random" };
          }),
          program: await executors[i]!.load(part, { onlyComputed: true }),
        };
      });
      const parts = await allOf(loading, ({ program }) => program.dispose());
      const all = [...graph.inputs, ...split.handed];
      const rest = split.rest && { program: await whole.load(split.rest), inputs: indicesIn(all, split.rest) };
      return new RowsProgram(graph, split, parts, rest);
    },
  };
}
