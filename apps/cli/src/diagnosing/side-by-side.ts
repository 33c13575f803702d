/** Compares the chains of a model: measurements and pictures side by side. */
import {
  picturesOf,
  type ChainDiagnosis,
  type FollowedRow,
  type LongRun,
  type PictureRows,
  type Snapshot,
} from "@ergodic/diagnosis";
import { definitions, evenly, figure, paragraph, section, table } from "@ergodic/report";
import { imageGridPng, oneLine, sampleFile } from "@ergodic/training";
import { short } from "../terminal/format.js";

/** A chain with the data for its pictures. */
export interface PicturedChain {
  readonly name: string;
  readonly diagnosis: ChainDiagnosis;
  readonly run: LongRun;
}

/** The section of the page that compares chains. */
export const sideBySide = async (chains: readonly PicturedChain[]): Promise<string> =>
  section("Side by side", comparison(chains), ...(await Promise.all(chains.map(strip))));

/** A table of measurements with one column per chain. */
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

/** Maximum numbers of chains, and of snapshots of images, of sequences and of texts. */
const most = { chains: 4, moments: 16, strips: 8, texts: 16 };

/** What the first chains show, from the scattered start to the end. */
async function strip({ name, run: { snapshots } }: PicturedChain): Promise<string> {
  switch (snapshots[0]?.samples.kind) {
    case "images":
      return images(name, evenly(snapshots, most.moments));
    case "sequences":
      return sequences(name, evenly(snapshots, most.strips));
    case "text":
      return texts(name, evenly(snapshots, most.texts));
    default:
      return "";
  }
}

/** The number of values in what one chain shows. */
const sizeOf = (shape: readonly number[]): number => shape.slice(1).reduce((product, side) => product * side, 1);

/** Pictures of the first chains, one row per chain. */
async function images(name: string, moments: readonly Snapshot[]): Promise<string> {
  const pictures = picturesOf(moments);
  const [{ shape }] = pictures as [PictureRows];
  const rows = Math.min(most.chains, shape[0]!);
  const size = sizeOf(shape);
  const values = new Float32Array(rows * pictures.length * size);
  for (let c = 0; c < rows; c++) {
    pictures.forEach((moment, t) => {
      const one = Array.from(moment.values).slice(c * size, (c + 1) * size);
      values.set(one, (c * pictures.length + t) * size);
    });
  }
  const png = await imageGridPng({ values, shape: [rows * pictures.length, ...shape.slice(1)] }, pictures.length);
  const steps = pictures.map(({ step }) => short(step)).join(", ");
  return figure(png, { caption: `${name}: ${rows} chains from left to right, after ${steps} steps`, width: "full" });
}

/** The sequence of the first chain, one row of frames per snapshot. */
async function sequences(name: string, moments: readonly Snapshot[]): Promise<string> {
  const pictures = picturesOf(moments);
  const [{ shape }] = pictures as [PictureRows];
  const size = sizeOf(shape);
  const values = pictures.flatMap((moment) => Array.from(moment.values).slice(0, size));
  const file = await sampleFile({ kind: "sequences", values, shape: [pictures.length, ...shape.slice(1)] });
  if (file.extension !== "png") return "";
  const steps = pictures.map(({ step }) => short(step)).join(", ");
  return figure(file.content, {
    caption: `${name}: one chain from top to bottom, after ${steps} steps`,
    width: "full",
  });
}

/** The text of the first chain in each snapshot. */
const texts = (name: string, moments: readonly Snapshot[]): string =>
  paragraph(`${name}: one chain, by steps`) +
  definitions(
    moments.flatMap(({ step, samples }) =>
      samples.kind === "text" ? [[short(step), oneLine(samples.texts[0] ?? "")] as const] : [],
    ),
  );
