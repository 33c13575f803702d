/** What the native library writes to stderr by itself; errors reach the caller as errors anyway. */

// Asked for when this is loaded, which a page never does, so that no bundler of a page meets it.
const { existsSync } = process.getBuiltinModule("node:fs");

/** An addon that is built beside that of the library; see `ergodic engine add`. */
interface StderrAddon {
  /** Points stderr nowhere and returns a descriptor of what it was. */
  silence(): number;
  restore(descriptor: number): void;
}

export function openAddon<Addon>(path: string): Addon {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports as Addon;
}

/**
 * Runs `load` without letting the library log, unless the environment asks for its logs (TF_CPP_MIN_LOG_LEVEL=0).
 *
 * Newer versions log a line while they are loaded, before they read that level; the addon at `stderrAddon`, where there is one, keeps
 * this from being seen.
 */
export function quietly<T>(stderrAddon: string, load: () => T): T {
  const level = (process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3");
  if (level === "0" || !existsSync(stderrAddon)) return load();
  const stderr = openAddon<StderrAddon>(stderrAddon);
  const before = stderr.silence();
  try {
    return load();
  } finally {
    stderr.restore(before);
  }
}
