/** `ergodic train cyclecoop/emoji` */
import { withheldPairs } from "@ergodic/data";
import { emoji } from "@ergodic/data/node";
import { defineExperiment } from "@ergodic/training";
import { z } from "zod";
import { smallTranslation, smallTranslationOptions } from "../../preset-parts/translation-images.js";

const shape = [32, 32, 3] as const;

/**
 * The glyphs of one vendor, and others of the other. Pairs of the same glyph are for evaluation
 * alone.
 */
const vendors = ({ googleFrom, twitterFrom, pairs }: { googleFrom: string; twitterFrom: string; pairs: number }) => {
  const drawn = (vendor: "google" | "twitter", from: string) =>
    emoji({ vendor, size: 32, ...(from !== "" && { from }) });
  return withheldPairs(drawn("google", googleFrom), drawn("twitter", twitterFrom), { withheld: pairs });
};

/**
 * A hard case, as a demonstration: the vendors draw so alike that the input itself is hard to beat.
 * The identity loss keeps colours.
 */
export default defineExperiment({
  name: "cyclecoop/emoji",
  description: "emoji of one vendor to those of another, learned without pairs (arXiv 2103.04285)",
  options: z.object({
    ...smallTranslationOptions,
    identity: smallTranslationOptions.identity.unwrap().default(1),
    /**
     * Folders of the packages emoji-datasource-google and -twitter. Default: the installed ones.
     */
    googleFrom: z.string().default(""),
    twitterFrom: z.string().default(""),
    /** Pairs kept for evaluation. */
    pairs: z.number().int().min(2).default(300),
  }),
  data: vendors,
  model: (options, training) => smallTranslation(options, training, { x: shape, y: shape }),
  evaluation: (options) => ({ pairs: { load: async () => (await vendors(options).load()).withheld } }),
  training: { iterations: 600, batchSize: 16, sampleEvery: 100, checkpointEvery: 100, keepCheckpoints: 6 },
});
