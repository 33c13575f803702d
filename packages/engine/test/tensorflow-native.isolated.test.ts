/** Native libraries are found in the right folders, and a found library is tested. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EngineError, useEngine } from "../src/index.js";
import { findBinding } from "../src/tensorflow/binding.js";
import { addonIn, buildFolder, cachedBuilds, cacheFolder, enginesFolder } from "../src/tensorflow/cache.js";
import { prove } from "../src/tensorflow/native.js";
import { nativeTensorFlow } from "./native-tensorflow.js";

describe("the cache", () => {
  it("is where the platform keeps caches", () => {
    const [posix, windows] = ["/home/ada", "C:\\Users\\Ada"];
    expect(cacheFolder("linux", {}, posix)).toBe(join(posix, ".cache"));
    expect(cacheFolder("linux", { XDG_CACHE_HOME: "/fast" }, posix)).toBe("/fast");
    expect(cacheFolder("linux", { XDG_CACHE_HOME: "" }, posix)).toBe(join(posix, ".cache"));
    expect(cacheFolder("darwin", {}, posix)).toBe(join(posix, "Library", "Caches"));
    expect(cacheFolder("win32", { LOCALAPPDATA: "D:\\Local" }, windows)).toBe("D:\\Local");
    expect(cacheFolder("win32", {}, windows)).toBe(join(windows, "AppData", "Local"));
    expect(buildFolder({ version: "2.21.0", gpu: true }, enginesFolder("/c"))).toBe(
      join("/c", "ergodic", "engines", "tensorflow-2.21.0-gpu"),
    );
  });
});

describe("finding a library", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ergodic-"));
    vi.stubEnv("XDG_CACHE_HOME", folder);
    vi.stubEnv("LOCALAPPDATA", folder);
    vi.spyOn(process, "cwd").mockReturnValue(folder);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    await rm(folder, { recursive: true, force: true });
  });

  const pretend = async (addon: string): Promise<void> => {
    await mkdir(dirname(addon), { recursive: true });
    await writeFile(addon, "no library");
  };

  const install = async (name: string): Promise<void> => {
    const installed = join(folder, "node_modules", "@tensorflow", name);
    await pretend(addonIn(installed));
    await writeFile(join(installed, "package.json"), "{}");
  };

  it("says in one line that there is none", () => {
    expect(cachedBuilds()).toEqual([]);
    expect(() => findBinding()).toThrow(EngineError);
    expect(() => findBinding()).toThrow(/^no native TensorFlow library was found.*\.$/);
  });

  it("names both ways to get one", async () => {
    await expect(useEngine("tensorflow")).rejects.toThrow(
      "no native TensorFlow library was found, neither an installed @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node nor a " +
        "build of ergodic's own. Get it with: npx ergodic engine add tensorflow, or: npm install @tensorflow/tfjs-node-gpu",
    );
  });

  it("takes packages that are optional peers of this one, the one for GPUs first", async () => {
    const manifest = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")) as {
      readonly peerDependencies: Record<string, string>;
      readonly peerDependenciesMeta: Record<string, unknown>;
    };
    for (const name of ["tfjs-node", "tfjs-node-gpu"]) {
      expect(manifest.peerDependencies).toHaveProperty([`@tensorflow/${name}`]);
      expect(manifest.peerDependenciesMeta[`@tensorflow/${name}`]).toEqual({ optional: true });
      await install(name);
    }
    expect(() => findBinding()).toThrow(
      /^the native TensorFlow library does not load \(.*tfjs-node-gpu.*; .*tfjs-node\b.*\)\.$/,
    );
  });

  it("says in one line which do not load: the newest build first, then installed packages", async () => {
    await pretend(addonIn(buildFolder({ version: "2.9.3", gpu: false })));
    await pretend(addonIn(buildFolder({ version: "2.21.0", gpu: false })));
    await install("tfjs-node");
    expect(() => findBinding()).toThrow(
      /^the native TensorFlow library does not load \(.*2\.21\.0.*; .*2\.9\.3.*; .*tfjs-node.*\)\.$/,
    );
  });
});

describe.skipIf(nativeTensorFlow === undefined)("a library that is found", () => {
  it("is proved by known results", async () => {
    const [build] = cachedBuilds();
    if (build !== undefined) expect(await prove(build.folder)).toMatch(/^TensorFlow \d+\.\d+\.\d+ \((CPU|GPU)\)$/);
  });
});
