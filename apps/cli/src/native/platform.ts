/** The TensorFlow wheel on PyPI for a machine, and the files of it that are needed. */
import { CliError } from "../errors.js";

/** Files taken from a wheel, and the names under which the addon is linked to them. */
export interface Platform {
  /** PyPI packages that contain the libraries, in order of preference. */
  readonly packages: readonly string[];
  /**
   * Matches the end of a wheel's file name. Wheels for any Python are suitable, because only their
   * libraries are used.
   */
  readonly wheel: RegExp;
  /** Library files in the wheel, with the names that the linker looks for. */
  readonly libraries: Readonly<Record<string, readonly string[]>>;
}

const linux = (machine: string): Omit<Platform, "packages"> => ({
  wheel: new RegExp(`manylinux\\w*_${machine}(\\.manylinux\\w*_${machine})*\\.whl$`),
  libraries: {
    "libtensorflow_cc.so.2": ["libtensorflow.so"],
    "libtensorflow_framework.so.2": ["libtensorflow_framework.so"],
  },
});

const mac = (machine: string): Omit<Platform, "packages"> => ({
  wheel: new RegExp(`macosx_\\w+_${machine}\\.whl$`),
  libraries: {
    "libtensorflow_cc.2.dylib": ["libtensorflow.2.dylib"],
    "libtensorflow_framework.2.dylib": [],
  },
});

const platforms: Readonly<
  Record<string, { readonly plain: readonly string[]; readonly parts: Omit<Platform, "packages"> }>
> = {
  "linux x64": { plain: ["tensorflow-cpu"], parts: linux("x86_64") },
  "linux arm64": { plain: ["tensorflow-cpu", "tensorflow"], parts: linux("aarch64") },
  "darwin arm64": { plain: ["tensorflow"], parts: mac("arm64") },
};

/**
 * The platform with this name.
 *
 * @throws CliError when PyPI has no such wheels.
 */
export function platformOf(name: string, gpu: boolean): Platform {
  const known = platforms[name];
  if (known === undefined) {
    throw new CliError(
      `no TensorFlow wheel on PyPI holds a native library that can be linked to on ${name}; there are some for ` +
        `${Object.keys(platforms).join(", ")}. Try instead: npm install @tensorflow/tfjs-node`,
    );
  }
  if (gpu && name !== "linux x64") {
    throw new CliError(`TensorFlow uses CUDA on linux x64 only; this is ${name}. Leave out --gpu.`);
  }
  return { ...known.parts, packages: gpu ? ["tensorflow"] : known.plain };
}

/** Header folders of the wheel that the addon includes. */
export const headerFolders = ["tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/", "xla/tsl/"];
