/**
 * A disk that fills up during training: one message, an intact last checkpoint, no partial files,
 * and a run that can be resumed.
 */
import type * as Files from "node:fs/promises";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { useEngine } from "@ergodic/engine";
import { RunFolderError } from "../src/index.js";
import { train } from "../src/entries/node.js";
import { temporaryFolder } from "./temporary-folder.js";
import { checkpointBytes, toyExperiment } from "./toy.js";

const disk = vi.hoisted(() => ({ fullFor: undefined as RegExp | undefined }));

vi.mock("node:fs/promises", async (original) => {
  const files = await original<typeof Files>();
  const open: typeof files.open = async (path, ...rest) => {
    const file = await files.open(path, ...rest);
    if (disk.fullFor?.test(String(path)) === true) {
      file.writeFile = async () => {
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC", syscall: "write" });
      };
    }
    return file;
  };
  return { ...files, open };
});

describe("a full disk", () => {
  beforeAll(async () => {
    await useEngine("cpu");
  });

  it.each([
    ["the tensors", /\.tmp-\d+-[0-9a-f]{8}-6\/tensors\.safetensors$/],
    ["the state", /\.tmp-\d+-[0-9a-f]{8}-6\/state\.json$/],
  ])("while %s of a checkpoint are written leaves the one before", async (_, place) => {
    const experiment = toyExperiment();
    const [folder, wholeFolder] = [await temporaryFolder(), await temporaryFolder()];
    await train({ experiment, folder: wholeFolder });
    disk.fullFor = place;
    const error: unknown = await train({ experiment, folder }).catch((reason: unknown) => reason);
    disk.fullFor = undefined;
    expect(error).toBeInstanceOf(RunFolderError);
    expect((error as Error).message).toMatch(
      /^can't use .*checkpoints\/6: the disk is full \(ENOSPC\)\.\n {2}Free some space/,
    );
    expect(await readdir(join(folder, "checkpoints"))).toEqual(["3"]);
    const result = await train({ experiment, folder, resume: true });
    expect(result.status).toBe("completed");
    expect(await checkpointBytes(folder, 10)).toBe(await checkpointBytes(wholeFolder, 10));
  });
});
