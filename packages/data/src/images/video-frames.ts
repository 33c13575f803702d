/** Videos as folders of pictures: short runs of consecutive frames. */
import { assertPositiveInteger, fail } from "@ergodic/tensor";
import type * as tf from "@tensorflow/tfjs-core";
import { randomAccess } from "../batching.js";
import type { IndexedDataset, IndexedSource } from "../dataset.js";
import { images, type ImagesOptions } from "./images.js";

/** Frames 1, 2, ... of each run, each [batch, height, width, channels]. */
export type FrameBatch = { frames: tf.Tensor4D[] };

export type VideoFramesOptions = Omit<ImagesOptions, "limit" | "split" | "testShare"> & {
  /** Frames of a run. Default 3. */
  readonly length?: number;
};

/**
 * Every run of `length` consecutive frames of every video, as a data source.
 *
 * The pictures in one folder are the frames of a video, in the order of their names.
 *
 * @throws ValidationError at once for a wrong option; from `load` as `images`, and if a video has
 * fewer frames, or if numbers in its names are in another order than its names ("10.png" comes
 * before "9.png")
 */
export function videoFrames({ length = 3, ...options }: VideoFramesOptions): IndexedSource<FrameBatch> {
  assertPositiveInteger({ length });
  const source = images(options);
  return {
    async load(): Promise<IndexedDataset<FrameBatch>> {
      const dataset = await source.load();
      const runs = videosOf(dataset.names).flatMap((frames) => runsOf(frames, dataset.names, length));
      return {
        description: `${runs.length.toLocaleString("en")} runs of ${length} frames of ${dataset.description}`,
        size: runs.length,
        ...randomAccess(runs.length, (indices) => ({
          frames: Array.from(
            { length },
            (_, frame) => dataset.take(indices.map((index) => runs[index]![frame]!)).images,
          ),
        })),
      };
    },
  };
}

const folderOf = (name: string): string => name.slice(0, name.lastIndexOf("/") + 1);

/** The numbers of the frames of each video. */
function videosOf(names: readonly string[]): readonly (readonly number[])[] {
  const videos = new Map<string, number[]>();
  names.forEach((name, index) => {
    const known = videos.get(folderOf(name));
    if (known === undefined) videos.set(folderOf(name), [index]);
    else known.push(index);
  });
  return [...videos.values()];
}

function runsOf(frames: readonly number[], names: readonly string[], length: number): readonly (readonly number[])[] {
  const first = names[frames[0]!]!;
  if (frames.length < length)
    fail(
      `the video with ${first} has ${frames.length} frames`,
      `at least ${length}`,
      "remove it, or take shorter runs with `length`",
    );
  frames.slice(1).forEach((frame, i) => {
    const [before, after] = [names[frames[i]!]!, names[frame]!];
    if (before.localeCompare(after, "en", { numeric: true }) > 0)
      fail(`${before} comes before ${after}`, "frames in the order of their names", "give numbers leading zeros");
  });
  return Array.from({ length: frames.length - length + 1 }, (_, start) => frames.slice(start, start + length));
}
