/**
 * The location of native libraries that `ergodic engine add tensorflow` built: one folder per
 * version in the user's cache.
 */

// Resolved when this file is loaded, which never happens in a page, so that bundlers ignore them.
const { existsSync, readdirSync } = process.getBuiltinModule("node:fs");
const { homedir } = process.getBuiltinModule("node:os");
const { dirname, join } = process.getBuiltinModule("node:path");

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder of the user's caches on this platform. */
export function cacheFolder(
  platform: NodeJS.Platform = process.platform,
  env: Environment = process.env,
  home = homedir(),
): string {
  const given = (name: string): string | undefined => env[name] || undefined;
  if (platform === "win32") return given("LOCALAPPDATA") ?? join(home, "AppData", "Local");
  return given("XDG_CACHE_HOME") ?? (platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache"));
}

export const enginesFolder = (cache = cacheFolder()): string => join(cache, "ergodic", "engines");

/** A native library with its addon. */
export interface Build {
  readonly version: string;
  /** Whether the library can use CUDA. */
  readonly gpu: boolean;
}

export interface CachedBuild extends Build {
  readonly folder: string;
}

/** The addon inside a package or a build. It loads its libraries from `../../deps/lib`. */
export const addonIn = (folder: string): string => join(folder, "lib", "napi-v8", "tfjs_binding.node");

/** Another addon beside that of a build. It redirects stderr while libraries are loaded. */
export const stderrAddonBeside = (addon: string): string => join(dirname(addon), "stderr.node");

export const buildFolder = ({ version, gpu }: Build, engines = enginesFolder()): string =>
  join(engines, `tensorflow-${version}${gpu ? "-gpu" : ""}`);

const NAME = /^tensorflow-(\d+\.\d+\.\d+)(-gpu)?$/;

/** Positive if `a` is newer. */
const compareVersions = (a: string, b: string): number => {
  const [x, y] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
  const differing = x.findIndex((part, i) => part !== y[i]);
  return differing < 0 ? 0 : x[differing]! - y[differing]!;
};

/** Every complete build, newest version first. Of one version, the build for a GPU comes first. */
export function cachedBuilds(engines = enginesFolder()): CachedBuild[] {
  if (!existsSync(engines)) return [];
  return readdirSync(engines)
    .flatMap((name) => {
      const [, version, gpu] = NAME.exec(name) ?? [];
      return version === undefined ? [] : [{ version, gpu: gpu !== undefined, folder: join(engines, name) }];
    })
    .filter(({ folder }) => existsSync(addonIn(folder)))
    .sort((a, b) => compareVersions(b.version, a.version) || Number(b.gpu) - Number(a.gpu));
}
