import { describe, expect, it } from "vitest";
import { formatProfile, summariseProfile, type ProfileEvent } from "../src/profile.js";
import { afterRuns } from "../src/session-profiler.js";

const run = (ts: number): ProfileEvent => ({ cat: "Session", name: "model_run", ts, dur: 9, args: {} });
const node = (op_name: string, ts: number, dur: number, ...shapes: number[][]): ProfileEvent => ({
  cat: "Node",
  name: `${op_name}_kernel_time`,
  ts,
  dur,
  args: { op_name, input_type_shape: shapes.map((shape) => ({ float: shape })) },
});

describe("a session's events", () => {
  const events = [node("Load", 0, 1), node("Add", 11, 1), run(10), node("Add", 21, 2), run(20)];

  it("count from the run after the skipped ones", () => {
    expect(afterRuns(events, 1)).toEqual([node("Add", 21, 2), run(20)]);
    expect(afterRuns(events, 0)).not.toContainEqual(node("Load", 0, 1));
  });

  it("are none when nothing ran since", () => {
    expect(afterRuns(events, 2)).toEqual([]);
  });
});

describe("a profile", () => {
  const profile = summariseProfile({ case: "conv", calls: 2, totalMs: 20, runningMs: 14 }, [
    run(0),
    node("Add", 1, 1000, [2, 3], []),
    node("Conv", 2, 4000, [1, 4]),
    node("Conv", 7, 2000, [9, 4]),
    node("Add", 9, 1000, [2, 3], []),
  ]);

  it("sums operators by type and by shapes, the costliest first, for one call", () => {
    expect(profile.operators).toEqual([
      { what: "Conv", count: 1, ms: 3 },
      { what: "Add", count: 1, ms: 1 },
    ]);
    expect(profile.shapes).toEqual([
      { what: "Conv [1,4]", count: 0.5, ms: 2 },
      { what: "Add [2,3] []", count: 1, ms: 1 },
      { what: "Conv [9,4]", count: 0.5, ms: 1 },
    ]);
  });

  it("counts the operators of a loop once", () => {
    const events = [run(0), node("Scan", 1, 5000, [3]), node("Add", 2, 4000, [2])];
    const { operators, overheadMs } = summariseProfile({ case: "chain", calls: 1, totalMs: 7, runningMs: 6 }, events);
    expect(operators).toEqual([{ what: "Add", count: 1, ms: 4 }]);
    expect(overheadMs).toBe(2);
  });

  it("has parts that add up to the whole", () => {
    const { callMs, outsideMs, overheadMs, operators } = profile;
    expect([callMs, outsideMs, overheadMs]).toEqual([10, 3, 3]);
    expect(outsideMs + overheadMs + operators.reduce((sum, { ms }) => sum + ms, 0)).toBe(callMs);
  });

  it("is printed with shares of the call", () => {
    expect(formatProfile(profile)).toMatch(/\| Conv +\| +1\.00 \| +3\.00 \| +30\.0% \|/);
  });
});
