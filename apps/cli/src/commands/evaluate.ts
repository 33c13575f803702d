/** `ergodic evaluate`: scores of a trained run, or of images. */
import { Command, InvalidArgumentError, Option } from "commander";
import { count, countUpTo, list, seed } from "./arguments.js";
import { experimentOptions } from "./experiment-options.js";
import { partsHelp, partsOptions } from "./parts-options.js";
import { runOptions } from "./run-options.js";
import type { TextFlags } from "../runs/run-text-evaluation.js";

const examples = `
Metrics of a run:
  fpd   Fréchet distance between generated and test images, both projected on the first 32 principal components of
        training images; beside it the same without the Markov chain, and the floor (training against test images)
  mse   mean squared error per pixel of reconstructed test images

Metrics of a run whose model has latents, on request:
  likelihood  mean of -log p(x) over test examples (100, or --samples) by annealed importance sampling, in nats, for images
              also in bits per dimension, for sentences in nats per word; beside it the effective sample sizes, of the images and of log Z

Metrics of a run whose model classifies examples, on the experiment's labelled test data:
  accuracy    share of right answers
  ece         expected calibration error: the mean distance of confidence and accuracy, in 15 bins of confidence
  brier, nll  Brier score and mean -log p(class), which the true probabilities minimise

Metrics of a run whose model is a density of points in the plane, with log Z from a grid:
  nats  mean of -log p(x) over held-out points, beside that of the data's own density
  tv    total variation between model and data, from 0 to 1

Metrics of a run whose model translates between two sides, on the experiment's pairs:
  translation   errors, retrieval of the true pair, kernel distance and diversity of raw and of refined translations, beside the
                input itself and the mean of the truth; and from which checkpoint on refined is no better than raw

Metrics of a run whose model scores examples, for telling --anomalies from the experiment's test data; anomalies are the positives:
  auroc       area under the receiver operating characteristic
  auprc       area under precision and recall, by trapezoids and by steps (average precision)
  tpr@fpr     anomalies found at 5 % false alarms; fpr@tpr: false alarms where 95 % of the anomalies are found

Metrics of a run of sentences, for its samples, those without the Markov chain, and those of a normal law fitted to latents:
  distinct    different words, pairs of words and sentences; valid: the share that the grammar has, if it is known
  bleu        n-grams that reconstructions of test sentences share with them
  replies     n-grams that samples in the contexts of test sentences share with them, beside samples in other contexts
  wkl         divergence of the words of training sentences from those of samples
  control     agreement of samples given a symbol, by the grammar or by a judge
  fppl, rppl  perplexity of samples under a language model of training sentences, beside that of test sentences (the floor);
              of test sentences under a language model of samples

Metrics of a run or of images, in the features of the FID Inception network (its weights: ergodic weights inception):
  fid, fid-infinity   Fréchet distance to --reference; the same for infinitely many images
  is                  Inception Score, which needs no reference
  kid                 kernel distance to --reference over 100 random subsets
  prdc                precision, recall, density and coverage of --reference

Metrics of a run or of images of digits, in the features of a small classifier of MNIST digits that comes along; they compare
with no FID:
  fd-lenet, is-lenet, kid-lenet, prdc-lenet   what the above are in its features; images become grey, 28 x 28

Metrics of a text file, a sentence a line, words between spaces:
  fppl        perplexity under an LSTM language model of --reference, real text; of --held-out, other real text, as well
  rppl        perplexity of --held-out (or else --reference) under a language model of the file
  bleu        n-grams shared with --reference; self-bleu: with the other sentences of the file

Images are a folder of image files, an array in an .npz or .safetensors file (file.npz:name for one of several), or a data
set: mnist, mnist/test. A reference may also be an .npz file of mu and sigma. Hidden files in a folder are left out; the
scores say what else was.

Examples:
  $ ergodic evaluate runs/quickstart-1
  $ ergodic evaluate runs/quickstart-1 --metrics fpd --samples 2000
  $ ergodic evaluate runs/quickstart-1 --json | jq .fpd.value
  $ ergodic evaluate runs/quickstart-1 --metrics likelihood --samples 200
  $ ergodic evaluate runs/quickstart-1 --metrics auroc,auprc --anomalies fashion.npz
  $ ergodic evaluate runs/quickstart-1 --metrics fd-lenet,is-lenet --reference mnist/test
  $ ergodic evaluate runs/latent-prior-brown-1 --metrics fppl,rppl
  $ ergodic evaluate samples/ --metrics fid,is,kid,prdc --reference cifar10-train/ --json
  $ ergodic evaluate cifar10-train/ --save-statistics cifar10-train.npz
  $ ergodic evaluate runs/cifar-1 --metrics fid --reference cifar10-train.npz --samples 50000
  $ ergodic evaluate generated.txt --reference train.txt --held-out test.txt --language-models lm/
  $ ergodic evaluate runs/cifar-1 --metrics fid,kid --samples 50000 --shard 2/8
  $ ergodic evaluate runs/cifar-1 --metrics fid,kid --samples 50000 --merge
${partsHelp}
What compares whole sets (metrics of samples of text, of the plane, of translations) is computed by --merge.`;

export function evaluateCommand(): Command {
  return runOptions(
    partsOptions(
      experimentOptions(new Command("evaluate"))
        .description("Score a trained run, also kept in <run>/evaluation.json, a folder of images or a text file.")
        .argument("<images>", "run folder; images: a folder, an .npz or .safetensors file, a data set; or a .txt file")
        .option(
          "-m, --metrics <list>",
          "metrics, separated by commas (default: all of a run's own; of images fid)",
          list,
        )
        .option("--reference <images>", "what to compare with (default for a run: its experiment's reference images)")
        .option(
          "--anomalies <images>",
          "what to tell from test data (default: the experiment's anomalies): as a reference, noise, constant",
        )
        .option(
          "--checkpoints <number>",
          "for detection: mean and standard deviation over so many of the last checkpoints (default: the experiment's)",
          count,
        )
        .option(
          "-n, --samples <number>",
          "images or points, at most (default: of a run as many as its experiment says, usually 10,000; else all)",
          count,
        )
        .addOption(new Option("--n <number>").argParser(count).hideHelp())
        .option("--seed <number>", "seed of the evaluation", seed, 0)
        .option("--weights <file>", "weights of Inception (default: the published ones in the user's cache)")
        .addOption(
          new Option("--resize <protocol>", "for Inception: the standard, or clean-fid's")
            .choices(["tf1", "clean"])
            .default("tf1"),
        )
        .option("--range <low,high>", "black and white in files of floats, for instance -1,1", range)
        .option("--kid-subset <number>", "images in a subset of kid", count, 1000)
        .option("--importance-samples <number>", "of likelihood: samples of each image", countUpTo(1_000_000), 100)
        .option("--save-statistics <file>", "write mean and covariance of the images' features as .npz")
        .option("--feature-file <file>", "keep Inception's features there: an evaluation that was stopped goes on")
        .option("--held-out <file>", "of text: real sentences that neither the model nor --reference has")
        .option(
          "--language-models <folder>",
          "of text: keep language models there, where a stopped evaluation goes on",
        ),
    ),
    { progress: true },
  )
    .addHelpText("after", examples)
    .action(async (images: string, flags: TextFlags) => {
      const { evaluateText, isTextFile } = await import("../runs/run-text-evaluation.js");
      if (isTextFile(images)) return evaluateText(images, flags);
      const { runEvaluation } = await import("../runs/run-evaluation.js");
      await runEvaluation(images, flags);
    });
}

function range(text: string): [number, number] {
  const [low = NaN, high = NaN, ...rest] = text.split(",").map(Number);
  if (!(low < high) || rest.length > 0) throw new InvalidArgumentError("Expected two numbers low,high.");
  return [low, high];
}
