/** Programs whose rows several threads share. */
import * as tf from "@tensorflow/tfjs-core";
import type { Executor, Feed, Program } from "../executor.js";
import type { Graph, TypedArray, Value } from "../graph.js";
import { inArray, isRange, type Numbers } from "../normal-range.js";
import { readFeeds, ResultArrays, zeros } from "./result-arrays.js";
import { putRows, stretchOf, takeRows, type Range, type Rows } from "../rows/rows.js";
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
  const done = settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const failed = settled.find((one) => one.status === "rejected");
  if (failed === undefined) return done;
  for (const result of done) await undo(result);
  throw failed.reason;
}

/** An input of a part. */
interface PartInput {
  /** Its index in the whole graph. */
  readonly index: number;
  readonly value: Value;
  readonly rows: Rows | undefined;
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

/**
 * The draws of normal variates whose rows each part can make alone: those that lie in one place and
 * that the rest does not read.
 */
function drawnByParts({ inputs }: Graph, { rows, count }: Split, ofRest: readonly number[]): Set<number> {
  const alone = inputs.flatMap(({ value, source }, i) => {
    const own = rows.get(value.id);
    const isNormal = source.kind === "random" && source.draw.kind === "normal";
    const isStretch = own !== undefined && stretchOf(value, own, count, { from: 0, to: count }) !== undefined;
    return isNormal && isStretch && !ofRest.includes(i) ? [i] : [];
  });
  return new Set(alone);
}

/** What `use` makes of the numbers of a program's results. */
async function computed(
  program: Program,
  feeds: readonly Numbers[],
  use: (results: readonly TypedArray[]) => void,
): Promise<void> {
  if (program.compute !== undefined) return program.compute(feeds, use);
  const tensors = await program.run(feeds.map(inArray));
  const reading = readFeeds<never>(tensors);
  use(reading.numbers);
  reading.end();
  tf.dispose(tensors);
}

class RowsProgram implements Program {
  private readonly arrays: readonly ResultArrays[];
  /** Arrays of handed values that no run reads. */
  private readonly idle: TypedArray[][] = [];

  constructor(
    private readonly graph: Graph,
    private readonly split: Split,
    private readonly parts: readonly Part[],
    readonly draws: ReadonlySet<number>,
    /** The rest, and its inputs among those of the graph and the handed values behind them. */
    private readonly rest: { readonly program: Program; readonly inputs: readonly number[] } | undefined,
  ) {
    this.arrays = split.handed.map(({ value }) => new ResultArrays(value));
  }

  async run(feeds: readonly Feed[]): Promise<tf.Tensor[]> {
    if (this.rest === undefined) return this.handedResults(feeds);
    const { program, inputs } = this.rest;
    const handed = this.idle.pop() ?? this.split.handed.map(({ value }) => zeros(value));
    try {
      await this.hand(feeds, () => handed);
      return await program.run(inputs.map((i) => feeds[i] ?? handed[i - feeds.length]!));
    } finally {
      this.idle.push(handed);
    }
  }

  /** The results where every one is handed. */
  private async handedResults(feeds: readonly Feed[]): Promise<tf.Tensor[]> {
    let arrays: TypedArray[] | undefined;
    // The first part that ends asks for them, while others still run.
    const handed = () => (arrays ??= this.arrays.map((one) => one.take()));
    await this.hand(feeds, handed);
    const tensors = new Map<number, tf.Tensor>();
    return this.graph.outputs.map((id) => {
      const known = tensors.get(id);
      if (known !== undefined) return known.clone();
      const place = this.split.handed.findIndex(({ value }) => value.id === id);
      const tensor = this.arrays[place]!.tensor(handed()[place]!);
      tensors.set(id, tensor);
      return tensor;
    });
  }

  /** Writes the handed values to these arrays: each part its rows, when it has ended. */
  private async hand(feeds: readonly Feed[], handed: () => readonly TypedArray[]): Promise<void> {
    const reading = readFeeds(feeds);
    try {
      const parts = this.parts.map((part) =>
        computed(part.program, this.feedsOf(part, reading.numbers), (results) => {
          for (const [i, { value, rows }] of this.split.handed.entries())
            putRows(handed()[i]!, results[i]!, value, rows, this.split.count, part.range);
        }),
      );
      await allOf(parts);
    } finally {
      reading.end();
    }
  }

  private feedsOf({ range, inputs }: Part, numbers: readonly Numbers[]): Numbers[] {
    const feeds: Numbers[] = [];
    for (const { index, value, rows } of inputs) {
      const whole = numbers[index]!;
      if (rows === undefined) feeds.push(whole);
      else if (!isRange(whole)) feeds.push(takeRows(whole, value, rows, this.split.count, range));
      else {
        const [from, to] = stretchOf(value, rows, this.split.count, range)!;
        const { key, mean, sd } = whole;
        feeds.push({ key, start: from, count: to - from, mean, sd });
      }
    }
    return feeds;
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
            const { value } = graph.inputs[index]!;
            return { index, value, rows: split.rows.get(value.id) };
          }),
          program: await executors[i]!.load(part, { onlyComputed: true }),
        };
      });
      const parts = await allOf(loading, ({ program }) => program.dispose());
      const all = [...graph.inputs, ...split.handed];
      const rest = split.rest && { program: await whole.load(split.rest), inputs: indicesIn(all, split.rest) };
      return new RowsProgram(graph, split, parts, drawnByParts(graph, split, rest?.inputs ?? []), rest);
    },
  };
}
