/** Which of PyPI's TensorFlow wheels holds native libraries for a machine, and what is needed of it. */
import { CliError } from "../errors.js";

/** What is taken out of a wheel and under which names the addon is linked to it. */
export interface Platform {
  /** Packages in which the libraries are found, the best first. */
  readonly packages: readonly string[];
  /** Matches the end of a wheel's file name. Wheels for any Python will do: only their libraries are used. */
  readonly wheel: RegExp;
  /** Files of the wheel that are libraries, and the names that the linker looks for. */
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

/** @throws CliError where there are no such wheels. */
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

/** Folders of the wheel's headers that the addon includes from. */
export const headerFolders = ["tensorflow/c/", "tensorflow/core/platform/", "tensorflow/tsl/", "tsl/", "xla/tsl/"];
