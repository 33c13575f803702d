/** Where the time of a case goes on the ONNX Runtime engine, from ONNX Runtime's own profile. */
import { formatFigure, formatTable } from "./table.js";

/** An event of ONNX Runtime's profile; times in microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: {
    readonly op_name?: string;
    /** For each input one object from its type to its shape. */
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** Of one call. */
export interface Share {
  readonly what: string;
  readonly count: number;
  readonly ms: number;
}

export interface Profile {
  readonly case: string;
  readonly calls: number;
  /** Mean of a whole call. */
  readonly callMs: number;
  /** Not within ONNX Runtime's `run`: noise drawn on the host, tensors made and read. */
  readonly outsideMs: number;
  /** Within `run`, but in none of the operators: handing tensors over, scheduling. */
  readonly overheadMs: number;
  /** Operators by type, the costliest first. */
  readonly operators: readonly Share[];
  /** Operators by type and shapes of their inputs, the costliest first. */
  readonly shapes: readonly Share[];
}

export interface Timing {
  readonly case: string;
  readonly calls: number;
  /** Of all calls. */
  readonly totalMs: number;
  /** Of all calls, within `run`. */
  readonly runningMs: number;
}

const shapesOf = ({ args }: ProfileEvent): string =>
  (args.input_type_shape ?? []).map((one) => `[${Object.values(one)[0]?.join() ?? ""}]`).join(" ");

function sharesBy(nodes: readonly ProfileEvent[], calls: number, nameOf: (node: ProfileEvent) => string): Share[] {
  const sums = new Map<string, { count: number; us: number }>();
  for (const node of nodes) {
    const name = nameOf(node);
    const sum = sums.get(name) ?? { count: 0, us: 0 };
    sums.set(name, { count: sum.count + 1, us: sum.us + node.dur });
  }
  return [...sums]
    .map(([what, { count, us }]) => ({ what, count: count / calls, ms: us / 1000 / calls }))
    .sort((a, b) => b.ms - a.ms);
}

/** Sums what the calls' events say. */
export function summariseProfile({ case: name, calls, totalMs, runningMs }: Timing, events: ProfileEvent[]): Profile {
  const nodes = events.filter((event) => event.cat === "Node" && event.args.op_name !== undefined);
  const operators = sharesBy(nodes, calls, ({ args }) => args.op_name!);
  const computing = operators.reduce((sum, { ms }) => sum + ms, 0);
  return {
    case: name,
    calls,
    callMs: totalMs / calls,
    outsideMs: (totalMs - runningMs) / calls,
    overheadMs: runningMs / calls - computing,
    operators,
    shapes: sharesBy(nodes, calls, (node) => `${node.args.op_name!} ${shapesOf(node)}`),
  };
}

/** Lines of the second table: enough to see which shapes matter. */
const SHAPES_SHOWN = 20;

export function formatProfile(profile: Profile): string {
  const { callMs, outsideMs, overheadMs, operators, shapes } = profile;
  const row = ({ what, count, ms }: Share): string[] => [
    what,
    formatFigure(count),
    formatFigure(ms),
    `${((100 * ms) / callMs).toFixed(1)}%`,
  ];
  const whole: Share[] = [
    { what: "whole call", count: 1, ms: callMs },
    { what: "(outside ONNX Runtime: drawing noise, making and reading tensors)", count: 1, ms: outsideMs },
    { what: "(in ONNX Runtime, in no operator)", count: 1, ms: overheadMs },
  ];
  return [
    formatTable([`${profile.case} on onnx`, "per call", "ms", "share"], [...whole, ...operators].map(row)),
    "",
    formatTable(["shapes of inputs", "per call", "ms", "share"], shapes.slice(0, SHAPES_SHOWN).map(row)),
    "",
    `Means of ${profile.calls} calls. Measuring makes a call slower, by a microsecond or so for each operator.`,
  ].join("\n");
}
