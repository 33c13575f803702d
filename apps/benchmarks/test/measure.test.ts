import { describe, expect, it, vi } from "vitest";
import { measure, type Contestant, type Measurement } from "../src/measure.js";
import { startPeer, type PeerProcess } from "../src/peer-process.js";

const ready = { about: "a fake", threads: 1, firstCallMs: 1 };

/** A peer in this process that logs every request. */
const fake = (name: string, times: number[], journal: string[], rounds = times.length): Contestant => ({
  name,
  calls: 1,
  warm: true,
  warmUpMs: 0,
  rounds,
  start: () =>
    Promise.resolve<PeerProcess>({
      ready,
      sample() {
        journal.push(name);
        return Promise.resolve({ ms: times.shift()!, peakMiB: 10 });
      },
      check: () => Promise.resolve([1, 2]),
      close: () => Promise.resolve(),
    }),
});

describe("measuring side by side", () => {
  it("takes one sample each in turn, the other way round every second time", async () => {
    const journal: string[] = [];
    const outcomes = await measure([fake("a", [5, 1, 3], journal), fake("b", [8], journal)], 3);
    expect(journal).toEqual(["a", "b", "a", "a"]);
    expect(outcomes["a"]).toMatchObject({ medianMs: 3, quartilesMs: [2, 4], samplesMs: [5, 1, 3], peakMiB: 10 });
    expect(outcomes["a"]).toMatchObject({ fingerprint: [1, 2] });
    expect((outcomes["b"] as Measurement).samplesMs).toEqual([8]);
  });

  it("lets one repeat its case before the first sample", async () => {
    const journal: string[] = [];
    const slow = fake("slow", [], journal, 1);
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
    const start = async (): Promise<PeerProcess> => ({
      ...(await slow.start()),
      sample: ({ warm }) => {
        journal.push(warm ? "sample" : "warm-up");
        now += 20;
        return Promise.resolve({ ms: 1, peakMiB: 10 });
      },
    });
    await measure([{ ...slow, warmUpMs: 30, start }], 1);
    clock.mockRestore();
    expect(journal).toEqual(["warm-up", "warm-up", "sample"]);
  });

  it("goes on without one that does not start", async () => {
    const broken: Contestant = { ...fake("broken", [], []), start: () => Promise.reject(new Error("no such engine")) };
    const outcomes = await measure([fake("a", [2], []), broken, fake("b", [3], [])], 1);
    expect(Object.keys(outcomes)).toEqual(["a", "broken", "b"]);
    expect(outcomes["broken"]).toEqual({ error: "no such engine" });
    expect(outcomes["a"]).toMatchObject({ medianMs: 2 });
  });
});

describe("a measured process", () => {
  const script = (body: string) => startPeer(process.execPath, ["-e", body]);

  it("answers one line for one line and ends with its input", async () => {
    const peer = await script(`
      console.log(JSON.stringify(${JSON.stringify(ready)}));
      require("readline").createInterface({ input: process.stdin })
        .on("line", (line) => console.log(JSON.stringify(
          "check" in JSON.parse(line) ? { fingerprint: [5] } : { ms: JSON.parse(line).calls, peakMiB: null })));
    `);
    expect(peer.ready).toEqual(ready);
    expect(await peer.sample({ calls: 4, warm: false })).toEqual({ ms: 4, peakMiB: null });
    expect(await peer.sample({ calls: 2, warm: true })).toEqual({ ms: 2, peakMiB: null });
    expect(await peer.check()).toEqual([5]);
    await peer.close();
  });

  it("that ends early tells why", async () => {
    await expect(script(`console.error("out of cheese"); process.exit(3)`)).rejects.toThrow(
      /exit code 3\): out of cheese/,
    );
  });

  it("that is not there is an error too", async () => {
    await expect(startPeer("/nowhere/python", [])).rejects.toThrow(/ENOENT/);
  });
});
