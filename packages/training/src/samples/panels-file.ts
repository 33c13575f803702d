/** Panels of points as one picture. */
import { encodePng, type Raster } from "@ergodic/formats";
import { fail } from "@ergodic/tensor";
import type { Panel } from "../learner.js";
import { disposeTensors } from "../dispose.js";
import { scatterPicture } from "./scatter-picture.js";

/** White pixels between two panels. */
const gap = 8;

/**
 * The panels side by side, as PNG. Their tensors are disposed.
 *
 * @throws ValidationError for points that are not `[n, 2]`, or another number of colours
 */
export async function panelsPng(panels: readonly Panel[]): Promise<Uint8Array> {
  const pictures: Raster[] = [];
  for (const { title, points, colours } of panels) {
    const { shape } = points;
    if (shape.length !== 2 || shape[1] !== 2 || (colours !== undefined && colours.size !== shape[0]))
      fail(`the panel "${title}" has points [${shape.join(", ")}] and ${colours?.size ?? 0} colours`, "[n, 2] and n");
    const numbers = colours && (await colours.data());
    pictures.push(scatterPicture([{ values: await points.data(), shape, ...(numbers && { colours: numbers }) }]));
    disposeTensors([points, ...(colours ? [colours] : [])]);
  }
  return encodePng(sideBySide(pictures));
}

/** Pictures of one size in a row. */
function sideBySide(pictures: readonly Raster[]): Raster {
  const { width, height, channels } = pictures[0]!;
  const whole = pictures.length * width + (pictures.length - 1) * gap;
  const pixels = new Uint8Array(whole * height * channels).fill(255);
  pictures.forEach((picture, i) => {
    for (let y = 0; y < height; y++) {
      const row = picture.pixels.subarray(y * width * channels, (y + 1) * width * channels);
      pixels.set(row, (y * whole + i * (width + gap)) * channels);
    }
  });
  return { pixels, width: whole, height, channels };
}
