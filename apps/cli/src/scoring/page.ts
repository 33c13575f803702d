/** The page of scored pictures. */
import { differenceMaps, imageSize, type ImageArray } from "@ergodic/evaluation/model";
import type { NoveltyScores } from "@ergodic/evaluation/detection";
import {
  charts,
  definitions,
  facts,
  figure,
  histogramPlot,
  notes,
  page,
  paragraph,
  pictures,
  section,
  table,
} from "@ergodic/report";
import { imageGridPng } from "@ergodic/training";
import { short, withThousands } from "../terminal/format.js";
import { omitted, scoreCells, scoreHead, summary } from "./describe.js";
import type { ScoreRecord } from "./record.js";

/** The worst images, in the order of the record. */
export interface WorstImages {
  readonly original: ImageArray;
  /** Absent if the model does not reconstruct. */
  readonly reconstruction?: ImageArray;
}

/** Rows of the table of all images. */
const tableRows = 1000;

/** The content of report.html. */
export async function scoresPage(
  title: string,
  record: ScoreRecord,
  { training, heldOut }: NoveltyScores,
  worst: WorstImages,
): Promise<string> {
  const { images, threshold, falseAlarms } = record;
  const left = omitted(record).map(([what, which]) => `${what.trim()}: ${which}`);
  const samples = [
    { name: "training", values: training.scores },
    { name: "held-out normal images", values: heldOut.scores },
    { name: "these images", values: images.map(({ score }) => score) },
  ];
  const settings = Object.entries({
    run: record.run,
    iteration: record.iteration,
    seed: record.seed,
    pictures: record.pictures,
    training: record.training.description,
    "held out": record.heldOut.description,
  });
  return page({
    title,
    lines: [summary(record)],
    body: [
      facts([
        ["flagged", `${withThousands(record.flagged)} of ${withThousands(images.length)}`],
        ["threshold", short(threshold)],
        ["false alarms, at most", `${short(100 * falseAlarms)} %`],
      ]),
      notes(left, "plain"),
      section("The most unusual images", paragraph(legend(worst)), pictures(await figures(record, worst))),
      section("Scores", charts([histogramPlot(samples, { title: "scores", xLabel: "score" })])),
      section(
        images.length > tableRows ? `The first ${withThousands(tableRows)} images` : "All images",
        table(
          scoreHead,
          images.slice(0, tableRows).map((scored) => scoreCells(scored, record)),
        ),
      ),
      section("Settings", definitions(settings.map(([name, value]) => [name, String(value)] as const))),
    ],
  });
}

const legend = ({ reconstruction }: WorstImages): string =>
  reconstruction === undefined
    ? "The images as the model sees them."
    : "From left to right: the image as the model sees it, its reconstruction, and where they differ (white: the largest difference on this page).";

/** An image, its reconstruction and their difference side by side, for each of the worst. */
function figures(record: ScoreRecord, { original, reconstruction }: WorstImages): Promise<string[]> {
  const size = imageSize(original);
  const rows =
    reconstruction === undefined
      ? [original.images]
      : [original.images, reconstruction.images, inChannels(differenceMaps(original, reconstruction), original)];
  return Promise.all(
    Array.from({ length: original.shape[0]! }, async (_, i) => {
      const values = rows.flatMap((images) => Array.from(images.subarray(i * size, (i + 1) * size)));
      const png = await imageGridPng({ values, shape: [rows.length, ...original.shape.slice(1)] }, rows.length);
      const [image, score, above, pValue] = scoreCells(record.images[i]!, record);
      return figure(png, {
        caption: `${image}: ${score}, above ${above} of training, p ${pValue}${record.images[i]!.flagged ? ", flagged" : ""}`,
      });
    }),
  );
}

/** Grey pictures in as many channels as others have. */
function inChannels({ images }: ImageArray, { shape }: ImageArray): Float32Array {
  const channels = shape.at(-1)!;
  return Float32Array.from({ length: images.length * channels }, (_, i) => images[Math.floor(i / channels)]!);
}
