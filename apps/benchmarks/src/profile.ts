/** Time of a case by operator on the ONNX Runtime engine, from ONNX Runtime's own profile. */
import { formatFigure, formatTable } from "./table.js";

/** An event of ONNX Runtime's profile. Times are in microseconds. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args: {
    readonly op_name?: string;
    /** One object per input, from its type to its shape. */
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** A share of the time of one call. */
export interface Share {
  readonly what: string;
  readonly count: number;
  readonly ms: number;
}

export interface Profile {
  readonly case: string;
  readonly calls: number;
  /** Mean time of a whole call. */
  readonly callMs: number;
  /** Time outside ONNX Runtime's `run`: drawing noise on the host, making and reading tensors. */
  readonly outsideMs: number;
  /** Time within `run` but outside operators: passing tensors, scheduling, loops. */
  readonly overheadMs: number;
  /** Operators by type, most expensive first. */
  readonly operators: readonly Share[];
  /** Operators by type and input shapes, most expensive first. */
  readonly shapes: readonly Share[];
}

export interface Timing {
  readonly case: string;
  readonly calls: number;
  /** Total time of all calls. */
  readonly totalMs: number;
  /** Time of all calls within `run`. */
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

/** Operators whose time is that of the operators inside them, which have events of their own. */
const CONTAINERS: ReadonlySet<string> = new Set(["If", "Loop", "Scan"]);

/** Aggregates the events of all calls. */
export function summariseProfile({ case: name, calls, totalMs, runningMs }: Timing, events: ProfileEvent[]): Profile {
  const nodes = events.filter(
    ({ cat, args: { op_name } }) => cat === "Node" && op_name !== undefined && !CONTAINERS.has(op_name),
  );
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

/** Rows of the second table: enough to see which shapes matter. */
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
