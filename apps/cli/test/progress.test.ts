import { describe, expect, it } from "vitest";
import { plainLine, progress, terminalLine, type ProgressTarget, type Tick } from "../src/terminal/progress.js";

const tickAt = (iteration: number, iterations = 1000): Tick => ({
  iteration,
  iterations,
  iterationsPerSecond: 5.2,
  secondsLeft: (iterations - iteration) / 5.2,
  metrics: { reconstruction: 0.0672, energyGap: -0.31, latentStdPositive: 1.3 },
});

function recorder(isTerminal: boolean): { target: ProgressTarget; text: () => string; wait: (ms: number) => void } {
  let text = "";
  let now = 0;
  const target = { write: (part: string) => void (text += part), isTerminal, width: () => 80, now: () => now };
  return { target, text: () => text, wait: (ms) => void (now += ms) };
}

describe("a progress line", () => {
  it("names iteration, share, rate, time left and metrics", () => {
    expect(plainLine(tickAt(120))).toBe(
      "iter   120/1,000   12%  5.2 it/s  ETA 2:49  reconstruction 0.0672  energy gap -0.31  latent std positive 1.3",
    );
  });

  it("never exceeds the terminal, and drops whole metrics", () => {
    for (let width = 20; width < 160; width++) expect(terminalLine(tickAt(120), width).length).toBeLessThan(width);
    expect(terminalLine(tickAt(120), 90)).toContain("reconstruction 0.0672");
    expect(terminalLine(tickAt(120), 90)).not.toContain("latent");
  });
});

describe("progress in a pipe", () => {
  it("prints whole lines without control characters: first, then each 5 % or 5 s, and the last", () => {
    const { target, text, wait } = recorder(false);
    const shown = progress(target);
    for (let i = 1; i <= 1000; i++) {
      wait(20);
      shown.tick(tickAt(i));
    }
    shown.end();
    const lines = text().trimEnd().split("\n");
    expect(text()).not.toMatch(/[\r\u001b]/);
    expect(lines[0]).toMatch(/^iter +1\/1,000/);
    expect(lines.at(-1)).toMatch(/^iter 1,000\/1,000 +100%/);
    expect(lines.length).toBeGreaterThanOrEqual(20);
    expect(lines.length).toBeLessThanOrEqual(22);
  });

  it("prints every five seconds when iterations are slow", () => {
    const { target, text, wait } = recorder(false);
    const shown = progress(target);
    for (let i = 1; i <= 20; i++) {
      wait(2_500);
      shown.tick(tickAt(i, 100_000));
    }
    expect(text().trimEnd().split("\n")).toHaveLength(10);
  });

  it("is silent when quiet, except for whole lines", () => {
    const { target, text } = recorder(false);
    const shown = progress(target, { quiet: true });
    shown.tick(tickAt(1));
    shown.line("saved");
    shown.end();
    expect(text()).toBe("saved\n");
  });
});

describe("progress on a terminal", () => {
  it("redraws one line, at most ten times a second, and leaves the last state standing", () => {
    const { target, text, wait } = recorder(true);
    const shown = progress(target);
    for (let i = 1; i <= 100; i++) {
      wait(10);
      shown.tick(tickAt(i));
    }
    expect(text()).not.toContain("\n");
    expect(text().split("\r").length - 1).toBeLessThanOrEqual(11);
    shown.line("checkpoint saved");
    shown.end();
    expect(text()).toMatch(/checkpoint saved\n.*iter +100\/1,000.*\n$/su);
  });
});
