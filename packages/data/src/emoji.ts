/**
 * Emoji as two vendors draw them, from the npm packages `emoji-datasource-google` and
 * `emoji-datasource-twitter`.
 *
 * Both sets have the same glyphs in the same order, so they are pairs.
 */
import { assertOneOf, assertPositiveInteger, fail, messageOf } from "@ergodic/tensor";
import { wholeFile } from "./files.js";
import type { IndexedSource } from "./dataset.js";
import { datasetOptions, describeImages, type PublishedImagesOptions } from "./image-options.js";
import { assertScale, imageDataset, type LabelledImageBatch, type LabelledImageDataset } from "./images/dataset.js";
import { labelsOf } from "./labels.js";
import { fileOfPackage, loadSharp } from "./npm-package.js";
import { requiredFile } from "./required-file.js";

export type EmojiOptions = Omit<PublishedImagesOptions, "split"> & {
  readonly vendor: "google" | "twitter";
  /** Height and width of every glyph. Default 32. */
  readonly size?: 16 | 20 | 32 | 64;
  /** The folder of the vendor's package. Default: the one that npm installed. */
  readonly from?: string;
};

export interface EmojiDataset extends LabelledImageDataset {
  /** The code points of each glyph, as in "1F600". */
  readonly names: readonly string[];
}

/** The description of a glyph in the packages. */
interface Glyph {
  readonly unified: string;
  readonly category: string;
  /** Its column and row in the sheet. */
  readonly sheet_x: number;
  readonly sheet_y: number;
  readonly has_img_google: boolean;
  readonly has_img_twitter: boolean;
}

/**
 * The glyphs that both vendors draw, on white, labelled by category.
 *
 * Batches are `{ images: [batch, size, size, 3] in scale, labels: [batch] int32 }`.
 *
 * @throws ValidationError at once for a wrong option; from `load` if the package is not installed,
 * or its files have another form
 */
export function emoji(options: EmojiOptions): IndexedSource<LabelledImageBatch, EmojiDataset> {
  const { vendor, size = 32, limit, scale } = options;
  assertOneOf({ vendor }, ["google", "twitter"]);
  assertOneOf({ size }, [16, 20, 32, 64]);
  if (limit !== undefined) assertPositiveInteger({ limit });
  if (scale !== undefined) assertScale(scale);
  return {
    async load() {
      const origin = {
        dataset: `the npm package ${packageOf(vendor)}`,
        url: `https://www.npmjs.com/package/${packageOf(vendor)}`,
      };
      const folder = options.from ?? (await installed(vendor));
      const sheet = await requiredFile(folder, [`img/${vendor}/sheets/${size}.png`], origin);
      const glyphs = (await glyphsIn(await requiredFile(folder, ["emoji.json"], origin)))
        .filter((glyph) => glyph.has_img_google && glyph.has_img_twitter)
        .sort((a, b) => (a.unified < b.unified ? -1 : 1));
      const dataset = imageDataset({
        description: describeImages(`${vendor} emoji`, options.limit ?? glyphs.length, [size, size, 3]),
        bytes: await cellsOf(sheet, glyphs, size),
        imageShape: [size, size, 3],
        ...labelsOf(glyphs.map(({ category }) => category)),
        ...datasetOptions(options),
      });
      return { ...dataset, names: glyphs.slice(0, dataset.size).map(({ unified }) => unified) };
    },
  };
}

const packageOf = (vendor: string): string => `emoji-datasource-${vendor}`;

async function installed(vendor: string): Promise<string> {
  const { dirname } = await import("node:path");
  return dirname(await fileOfPackage(packageOf(vendor), "package.json", "the glyphs"));
}

async function glyphsIn(path: string): Promise<Glyph[]> {
  const broken = (why: string): never =>
    fail(`${path} cannot be read (${why})`, "a list of glyphs", "install the package again");
  const bytes = await wholeFile(path, "a list of glyphs");
  let glyphs: unknown;
  try {
    glyphs = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    broken(messageOf(error));
  }
  return Array.isArray(glyphs) ? (glyphs as Glyph[]) : broken("it holds no list");
}

/**
 * The cells of the glyphs in a sheet, row-major [glyphs, size, size, 3].
 *
 * Cells have a border of one pixel.
 */
async function cellsOf(path: string, glyphs: readonly Glyph[], size: number): Promise<Uint8Array> {
  const sharp = await loadSharp();
  const { data, info } = await sharp(path)
    .flatten({ background: "white" })
    .toColourspace("srgb")
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) =>
      fail(`${path} cannot be read (${messageOf(error)})`, "a sheet of glyphs", "install the package again"),
    );
  const cells = new Uint8Array(glyphs.length * size * size * 3);
  const row = 3 * size;
  let to = 0;
  for (const { sheet_x: column, sheet_y: line, unified } of glyphs) {
    const [left, top] = [column * (size + 2) + 1, line * (size + 2) + 1];
    if (!(left + size <= info.width && top + size <= info.height))
      fail(`${unified} lies outside ${path}`, "every glyph in the sheet", "install the package again");
    for (let y = top; y < top + size; y++, to += row) {
      const from = (y * info.width + left) * 3;
      cells.set(data.subarray(from, from + row), to);
    }
  }
  return cells;
}
