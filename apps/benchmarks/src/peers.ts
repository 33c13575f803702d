/**
 * Other frameworks, and detection of a Python that can run them. Each is a Python script with the
 * same cases.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Peer {
  readonly name: string;
  /** Name for `--peers`. */
  readonly option: string;
  readonly script: string;
  /** Modules the script needs. */
  readonly modules: readonly string[];
  /** Arguments of `pip install` for these modules. */
  readonly install: string;
  /** Cases it does not run. */
  readonly without: readonly string[];
}

const script = (name: string): string => fileURLToPath(new URL(`../peers/${name}`, import.meta.url));

export const peers: readonly Peer[] = [
  {
    name: "PyTorch",
    option: "pytorch",
    script: script("pytorch_eager.py"),
    modules: ["torch", "numpy"],
    install: "torch numpy --index-url https://download.pytorch.org/whl/cpu",
    without: [],
  },
  {
    name: "JAX",
    option: "jax",
    script: script("jax_jit.py"),
    modules: ["jax", "numpy"],
    install: "jax",
    without: [
      // An update takes most of a minute.
      "mnist-iteration",
      "latent-diffusion-text",
      "lstm-gradients",
      "gru-gradients",
      "language-model",
      "language-model-gru",
      "language-model-scores",
      "flow-round-trip",
      "flow-transition",
    ],
  },
  {
    // Measures the overhead of the TensorFlow engine over a handwritten TensorFlow graph.
    name: "TensorFlow by hand",
    option: "tensorflow",
    script: script("tensorflow_graph.py"),
    modules: ["tensorflow", "numpy"],
    install: "tensorflow-cpu",
    without: [
      "recovery-gradient",
      "recovery-iteration",
      "mnist-iteration",
      "joint-iteration",
      "latent-diffusion-iteration",
      "latent-diffusion-text",
      "inception-features",
      "persistent-iteration",
      "cyclecoop-iteration",
      "lstm-gradients",
      "gru-gradients",
      "text-iteration-lstm",
      "text-iteration-gru",
      "language-model",
      "language-model-gru",
      "language-model-scores",
      "flow-round-trip",
      "flow-transition",
    ],
  },
];

/**
 * The command that runs a peer, without the script's arguments, or a line that says how to install
 * it.
 */
export type FoundPeer =
  { readonly peer: Peer; readonly command: readonly string[] } | { readonly peer: Peer; readonly note: string };

/** Looks for the Python in the environment variable PYTHON, or `python3` if it is unset. */
export function findPeer(peer: Peer, environment: NodeJS.ProcessEnv = process.env): FoundPeer {
  const python = environment["PYTHON"] || "python3";
  const { status, error } = spawnSync(python, ["-c", `import ${peer.modules.join(", ")}`]);
  if (status === 0) return { peer, command: [python, "-B", peer.script] };
  const reason = error ? `"${python}" does not start` : `"${python}" cannot import ${peer.modules.join(" and ")}`;
  const remedy = `python3 -m venv .venv && .venv/bin/pip install ${peer.install} && PYTHON=.venv/bin/python npm run bench`;
  return { peer, note: `${peer.name} was left out: ${reason}. To compare with it: ${remedy}` };
}
