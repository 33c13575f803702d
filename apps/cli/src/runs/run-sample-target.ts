/** Implements `ergodic sample-target`: runs chains of a kernel on a target with known moments. */
import { basename, extname, join, resolve } from "node:path";
import {
  followQuantities,
  runChains,
  startWidth,
  summarizeRun,
  type ChainProgress,
  type ChainRun,
} from "@ergodic/diagnosis";
import { useEngine, type EngineInfo } from "@ergodic/engine";
import { targets, type Target } from "@ergodic/energies";
import { assertFitsMemory, tree } from "@ergodic/tensor";
import { encodeSafetensors } from "@ergodic/formats";
import { hostTensor } from "../chains/host-tensor.js";
import { usageError } from "../errors.js";
import { chooseKernel, chooseTarget } from "../targets/choose.js";
import { describeSummary, describeTargets } from "../targets/describe.js";
import { targetPage } from "../targets/page.js";
import { isFile, knownTarget, loadTarget, type SampledTarget } from "../targets/sampled-target.js";
import { targetWords } from "../targets/words.js";
import { columns, words } from "../terminal/format.js";
import { whenInterrupted } from "../terminal/interrupt.js";
import { jsonResult, jsonText, result, stderrTarget } from "../terminal/output.js";
import { stages } from "../terminal/stages.js";
import { version } from "../manifest.js";
import type { SampleTargetFlags } from "./flags.js";
import { claimFolder, nextRunFolder, shownPath, takeBack, writeResult } from "./folders.js";

/**
 * Bytes of memory per drawn number: tensors in chunks and joined, and doubles for the summaries.
 */
const bytesPerNumber = 16;

/** Lists the targets, or runs chains on one and writes draws, summary and report. */
export async function runSampleTarget(name: string | undefined, flags: SampleTargetFlags): Promise<void> {
  if (flags.list) return listTargets(flags);
  if (name === undefined) throw usageError("sample-target needs a target.  (all: ergodic sample-target --list)");
  const target = isFile(name) ? await loadTarget(resolve(name)) : knownTarget(chooseTarget(name));
  const choice = await chooseKernel(flags.kernel, { ...flags });
  if (flags.draws < 4) throw usageError(`--draws is ${flags.draws}; expected at least 4, so that half a chain varies.`);
  assertFitsMemory("the draws", [flags.chains * (flags.replicas ?? 1), flags.draws, target.dimension], bytesPerNumber);
  const engine = await useEngine(flags.engine ?? "auto");
  const claim =
    flags.out === undefined
      ? nextRunFolder(`${target.name}-${basename(flags.kernel, extname(flags.kernel))}`)
      : claimFolder(flags.out);
  const { folder, made: claimed } = await claim;
  const shown = stages(stderrTarget, flags);
  const settle = whenInterrupted(() => takeBack(claimed));
  let run: ChainRun | undefined;
  try {
    const made = choice.make((x) => target.energy(x), flags);
    const { dimension } = target;
    const onProgress = (progress: ChainProgress): void => shown.stage(stageWords(progress));
    run = await runChains(made, { ...flags, dimension, onProgress });
    shown.stage("summarising");
    const followed = followQuantities(target, run);
    const summary = summarizeRun(target, run, followed, made);
    const settings = settingsOf(target, flags, engine);
    const entries = Object.entries(settings).map(([key, value]) => [words(key), String(value)] as const);
    await writeResult(join(folder, "draws.safetensors"), await drawsFile(target, run));
    await writeResult(join(folder, "report.html"), targetPage({ target, run, followed, summary, settings: entries }));
    const { limits } = target;
    const record = { settings, ...(limits && { limits }), ...summary, findings: summary.troubles.map(targetWords) };
    await writeResult(join(folder, "summary.json"), jsonText(record));
    shown.end();
    if (flags.json) jsonResult({ folder, ...record });
    else result(`${describeSummary(summary, limits)}\n\n${paths(folder)}`);
  } catch (error) {
    await takeBack(claimed);
    throw error;
  } finally {
    settle();
    shown.end();
    if (run !== undefined) tree.dispose([run.positions, run.info] as never);
  }
}

const stageWords = ({ stage, done, of }: ChainProgress): string =>
  `${stage === "warm-up" ? "warming up" : "drawing"} ${done}/${of}`;

function listTargets({ json }: SampleTargetFlags): void {
  const known = Object.values(targets).map((make): Target => make());
  if (!json) return result(`${describeTargets(known)}\n\nSample one: ergodic sample-target ${known[0]?.name}`);
  jsonResult(
    known.map(({ name, dimension, moments, logPartition, modes, quantities }) => ({
      name,
      dimension,
      moments,
      logPartition,
      ...(modes && { modes }),
      quantities: quantities.map(({ name: of, mean, sd }) => ({ name: of, mean, sd })),
    })),
  );
}

/** All settings that determine the draws, and the engine. Omitted settings are absent. */
function settingsOf(target: SampledTarget, flags: SampleTargetFlags, engine: EngineInfo) {
  const { kernel, chains, warmup, draws, seed, stepSize, mass, targetAcceptance, leapfrogSteps, replicas } = flags;
  const start = `uniform in [-${startWidth}, ${startWidth}]^${target.dimension}`;
  const given = { stepSize, mass, targetAcceptance, leapfrogSteps, replicas };
  return {
    target: target.name,
    kernel,
    chains,
    warmup,
    draws,
    seed,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    start,
    engine: engine.name,
    processor: engine.description,
    ergodic: version,
    node: process.versions.node,
  };
}

/**
 * The draws file: `positions [chains, draws, dimension]`, the parameters of a posterior by name,
 * `[chains, draws, ...]`, and the kernel's report on every draw.
 */
async function drawsFile({ draws }: SampledTarget, { positions, info }: ChainRun): Promise<Uint8Array> {
  const values = draws?.(positions) ?? {};
  const reports = Object.entries(info).filter(([name]) => !(name in values));
  const tensors = [["positions", positions] as const, ...Object.entries(values), ...reports];
  try {
    return encodeSafetensors(await Promise.all(tensors.map(([name, tensor]) => hostTensor(name, tensor))));
  } finally {
    tree.dispose(values);
  }
}

const paths = (folder: string): string =>
  columns([
    ["report", shownPath(join(folder, "report.html"))],
    ["summary", shownPath(join(folder, "summary.json"))],
    ["draws", shownPath(join(folder, "draws.safetensors"))],
  ]);
