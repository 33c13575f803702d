/** Option types of the commands, as commander returns them. */
import type { EngineChoice } from "../commands/engine-option.js";
import type { ExperimentChoice } from "../experiments/of-run.js";
import type { ClusterFlags } from "../cluster/members.js";
import type { PartsFlags } from "../shards/parts.js";

/** Options of `train`. */
export interface TrainFlags extends ExperimentChoice, ClusterFlags {
  readonly out?: string;
  readonly set: readonly string[];
  readonly seed?: number;
  readonly engine?: EngineChoice;
  readonly resume?: string;
  readonly evaluate: boolean;
  /** Measure a few iterations and write nothing. */
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What the commands share that read a checkpoint of a run and compute with it. */
interface RunFlags extends ExperimentChoice {
  readonly seed: number;
  readonly checkpoint?: number;
  readonly engine?: EngineChoice;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Those of them that draw a file of samples. */
interface DrawingFlags extends RunFlags {
  readonly out?: string;
}

/** Those of them that show progress. */
interface WatchedFlags extends RunFlags {
  readonly quiet: boolean;
}

/** Options of `sample`. */
export interface SampleFlags extends DrawingFlags, PartsFlags {
  readonly n: number;
  /** Classes to draw from. */
  readonly class?: readonly number[];
  /** Start chains anew instead of from those that the run keeps. */
  readonly fresh: boolean;
  /** Steps of fresh chains. */
  readonly steps?: number;
}

/** Options of `reconstruct`. */
export interface ReconstructFlags extends DrawingFlags {
  readonly n: number;
}

/** Options of `inpaint`. */
export interface InpaintFlags extends DrawingFlags {
  readonly n: number;
  /** A picture or a folder of pictures. Default: test images. */
  readonly image?: string;
  /** A picture, or the name of a part. */
  readonly mask: string;
  /** Fills of each image. */
  readonly columns: number;
}

/** Options of `interpolate`. */
export interface InterpolateFlags extends DrawingFlags {
  readonly kind: "pairs" | "traversal" | "chain" | "layers" | "noise";
  readonly n?: number;
  readonly columns: number;
  /** Latents of samples instead of inferred ones. */
  readonly sampled: boolean;
  readonly range?: number;
  readonly steps?: number;
  /** Groups of layers. */
  readonly redraw?: readonly (readonly string[])[];
}

/** Options of `export`. */
export interface ExportFlags extends ExperimentChoice {
  /** Default: list the parts. */
  readonly what?: string;
  readonly n: number;
  readonly format: "onnx" | "saved-model";
  readonly out?: string;
  readonly checkpoint?: number;
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Options of `sample-target`. */
export interface SampleTargetFlags {
  readonly list: boolean;
  readonly kernel: string;
  readonly chains: number;
  readonly warmup: number;
  readonly draws: number;
  readonly seed: number;
  readonly stepSize?: number;
  readonly mass?: "diagonal" | "dense" | "identity";
  readonly targetAcceptance?: number;
  readonly leapfrogSteps?: number;
  readonly replicas?: number;
  readonly engine?: EngineChoice;
  readonly out?: string;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Options of `diagnose`. */
export interface DiagnoseFlags extends WatchedFlags {
  readonly chains: number;
  readonly steps?: number;
  readonly n?: number;
}

/** Options of `score`. */
export interface ScoreFlags extends WatchedFlags {
  readonly falseAlarms?: number;
  readonly normal?: string;
  readonly samples: number;
  readonly csv?: string;
}

/** Options of `translate`. */
export interface TranslateFlags extends WatchedFlags {
  readonly direction: "a2b" | "b2a";
  /** `true` for the steps of training. */
  readonly refine?: number | true;
  readonly out: string;
}

/** Options of `evaluate`. */
export interface EvaluateFlags extends WatchedFlags, PartsFlags {
  readonly metrics?: readonly string[];
  readonly reference?: string;
  readonly anomalies?: string;
  /** Number of checkpoints that detection is averaged over. */
  readonly checkpoints?: number;
  readonly samples?: number;
  /** The former name of `samples`. */
  readonly n?: number;
  readonly weights?: string;
  readonly resize: "tf1" | "clean";
  readonly range?: readonly [number, number];
  readonly kidSubset: number;
  readonly importanceSamples: number;
  readonly saveStatistics?: string;
  readonly featureFile?: string;
}
