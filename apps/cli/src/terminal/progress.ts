/**
 * Progress of a training run.
 *
 * On a terminal it is one line that redraws itself. In a file or a pipe it is plain lines, about
 * every five seconds or five per cent.
 */
import { metricOrder } from "@ergodic/training";
import { bar, duration, rate, short, withThousands, words } from "./format.js";

/** The state after an iteration, as the training loop reports it. */
export interface Tick {
  /** Number of completed iterations. */
  readonly iteration: number;
  readonly iterations: number;
  /** The phase of the iteration, if the run has phases. */
  readonly phase?: string | undefined;
  readonly iterationsPerSecond: number;
  readonly secondsLeft: number;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Target of progress output: the functions of `process.stderr`, and a clock that tests can control.
 */
export interface ProgressTarget {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns of the terminal. */
  width(): number;
  /** Clock in milliseconds. */
  now(): number;
}

export interface Progress {
  tick(tick: Tick): void;
  /** Prints a whole line and keeps the progress line intact. */
  line(text: string): void;
  /** Keeps the last state on screen and starts a new line. */
  end(): void;
}

const redrawEvery = 100;
const plainEvery = 5_000;
const plainFraction = 0.05;
const plainAtLeast = 1_000;
const headlineCount = 4;

/** Shows ticks on `target`. With `quiet` it prints only whole lines. */
export function progress(target: ProgressTarget, { quiet = false } = {}): Progress {
  let drawn = "";
  let lastTime = -Infinity;
  let lastIteration: number | undefined;
  let pending = "";

  const erase = () => {
    if (drawn !== "") target.write(erased(drawn, target.width()));
    drawn = "";
  };
  const redraw = (text: string) => {
    target.write(`${erased(drawn, target.width())}${text}`);
    drawn = text;
  };

  return {
    tick(tick) {
      if (quiet) return;
      const now = target.now();
      const done = tick.iteration >= tick.iterations;
      if (target.isTerminal) {
        pending = terminalLine(tick, target.width());
        if (!done && now - lastTime < redrawEvery) return;
        redraw(pending);
        lastTime = now;
        return;
      }
      lastIteration ??= tick.iteration - 1;
      const moved = (tick.iteration - lastIteration) / tick.iterations;
      const waited = now - lastTime;
      if (!done && waited < plainEvery && (moved < plainFraction || waited < plainAtLeast)) return;
      target.write(`${plainLine(tick)}\n`);
      lastTime = now;
      lastIteration = tick.iteration;
    },
    line(text) {
      const standing = drawn;
      erase();
      target.write(`${text}\n`);
      if (standing !== "") redraw(standing);
    },
    end() {
      if (drawn === "") return;
      redraw(pending);
      target.write("\n");
      drawn = "";
    },
  };
}

/**
 * Codes that erase a line. A terminal that has become narrower since shows it as several rows,
 * which go too.
 */
export function erased(drawn: string, width: number): string {
  const rows = Math.max(1, Math.ceil(drawn.length / width));
  return `\r\u001b[2K${"\u001b[1A\u001b[2K".repeat(rows - 1)}`;
}

/** `iter 1,240/10,000  12%  5.2 it/s  ETA 28:04  energy gap -0.31` */
export function plainLine(tick: Tick): string {
  return [...counters(tick, ""), ...metricTexts(tick)].join("  ");
}

/** The same with a bar, with as many whole metrics as fit into `width` columns. */
export function terminalLine(tick: Tick, width: number): string {
  const room = width - 1;
  const barWidth = room >= 100 ? 24 : room >= 70 ? 12 : 0;
  const cells = barWidth === 0 ? "" : bar(tick.iteration / tick.iterations, barWidth);
  let text = counters(tick, cells).join("  ");
  for (const metric of metricTexts(tick)) {
    if (text.length + 2 + metric.length > room) break;
    text += `  ${metric}`;
  }
  return text.slice(0, Math.max(0, room));
}

function counters({ iteration, iterations, phase, iterationsPerSecond, secondsLeft }: Tick, cells: string): string[] {
  const total = withThousands(iterations);
  return [
    `iter ${withThousands(iteration).padStart(total.length)}/${total}`,
    ...(phase === undefined ? [] : [phase]),
    ...(cells === "" ? [] : [cells]),
    `${Math.floor((100 * iteration) / iterations)}%`.padStart(4),
    rate(iterationsPerSecond),
    `ETA ${duration(secondsLeft)}`,
  ];
}

function metricTexts({ metrics }: Tick): string[] {
  return headline(metrics).map(([name, value]) => `${words(name)} ${short(value)}`);
}

/**
 * The metrics shown: losses, reconstruction and gaps first, then in the learner's order.
 * metrics.jsonl has all of them.
 */
export function headline(metrics: Readonly<Record<string, number>>): [string, number][] {
  return metricOrder(Object.keys(metrics))
    .slice(0, headlineCount)
    .map((name) => [name, metrics[name]!]);
}
