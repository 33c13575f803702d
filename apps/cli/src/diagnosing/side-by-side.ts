/** The chains of a model next to one another: what was measured of each, and pictures along them. */
import type { ChainDiagnosis, FollowedRow, LongRun } from "@ergodic/diagnosis";
import { evenly, figure, section, table } from "@ergodic/report";
import { imageGridPng } from "@ergodic/training";
import { short } from "../terminal/format.js";

/** A chain with what is needed to picture it. */
export interface PicturedChain {
  readonly name: string;
  readonly diagnosis: ChainDiagnosis;
  readonly run: LongRun;
}

/** The section of the page that compares chains. */
export const sideBySide = async (chains: readonly PicturedChain[]): Promise<string> =>
  section("Side by side", comparison(chains), ...(await Promise.all(chains.map(strip))));

/** What was measured, a column for each chain. */
function comparison(chains: readonly PicturedChain[]): string {
  const row = (what: string, of: (diagnosis: ChainDiagnosis) => string | undefined): string[] => [
    what,
    ...chains.map(({ diagnosis }) => of(diagnosis) ?? ""),
  ];
  const worst = (of: (row: FollowedRow) => number, choose: typeof Math.max) => {
    return ({ rows }: ChainDiagnosis) => (rows.length === 0 ? undefined : short(choose(...rows.map(of))));
  };
  const percent = (share: number | undefined) => (share === undefined ? undefined : `${short(100 * share)} %`);
  const distance = (value: number | undefined) => (value === undefined ? undefined : short(value));
  const rows = [
    row("verdict", ({ verdict }) => verdict),
    row(
      "largest R-hat",
      worst(({ rHat }) => rHat, Math.max),
    ),
    row(
      "least bulk ESS",
      worst(({ essBulk }) => Math.floor(essBulk), Math.min),
    ),
    row(
      "longest memory, steps",
      worst(({ time }) => time, Math.max),
    ),
    row("stretches in which the nearest class changes", ({ classes }) => percent(classes?.hopRate)),
    row("steps in which the mode changes", ({ modes }) => percent(modes?.hopRate)),
    row("change of pictures in a stretch", ({ pictures }) => percent(pictures?.ratio)),
    row("FPD after the short run", ({ shortRun }) => distance(shortRun.short.distance)),
    row("FPD after the longer run", ({ shortRun }) => distance(shortRun.long.distance)),
  ];
  const measured = rows.filter(([, ...values]) => values.some((value) => value !== ""));
  return table(["", ...chains.map(({ name }) => name)], measured);
}

/** Chains in the strip, and moments of each. */
const [stripChains, stripMoments] = [4, 16];

/** Images along the first chains, a row each, from the scattered start to the end. */
async function strip({ name, run }: PicturedChain): Promise<string> {
  const moments = evenly(run.snapshots, stripMoments);
  const [{ shape } = { shape: [] as readonly number[] }] = moments;
  if (shape.length !== 4) return "";
  const rows = Math.min(stripChains, shape[0]!);
  const size = shape.slice(1).reduce((product, side) => product * side, 1);
  const values = new Float32Array(rows * moments.length * size);
  for (let c = 0; c < rows; c++) {
    moments.forEach((moment, t) => {
      values.set(moment.values.subarray(c * size, (c + 1) * size), (c * moments.length + t) * size);
    });
  }
  const png = await imageGridPng({ values, shape: [rows * moments.length, ...shape.slice(1)] }, moments.length);
  const steps = moments.map(({ step }) => short(step)).join(", ");
  return figure(png, { caption: `${name}: ${rows} chains from left to right, after ${steps} steps`, width: "full" });
}
