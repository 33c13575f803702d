/**
 * Explains errors of the operating system: what happened, and what to do about it.
 *
 * The codes are those of Node's `fs` and streams.
 */

/** An error of the operating system. */
export interface SystemProblem {
  /** For example "ENOSPC". */
  readonly code: string;
  /** What is wrong, as a clause: "the disk is full". */
  readonly problem: string;
  /** What helps, as a sentence. */
  readonly remedy: string;
}

const known: Readonly<Record<string, readonly [problem: string, remedy: string]>> = {
  EACCES: ["permission denied", "Give yourself permission, or choose another path."],
  EBADF: ["the file is not open", "Try again."],
  EBUSY: ["another program uses it", "Close that program, or choose another path."],
  EDQUOT: ["the disk quota is used up", "Free some space or choose a path on another disk."],
  EEXIST: ["a file of that name is in the way", "Move the file away or choose another path."],
  EFBIG: [
    "the file would be larger than this system allows",
    "Raise the limit on file sizes (ulimit -f), or choose a path on another disk.",
  ],
  EINVAL: ["the system does not accept the request", "Check the path."],
  EIO: ["the disk reported an error", "Check the disk or choose a path on another one."],
  EISDIR: ["a folder of that name is in the way", "Move the folder away or choose another path."],
  ELOOP: ["its symbolic links form a loop", "Check the links on the path."],
  EMFILE: ["too many files are open", "Close other programs or raise the limit (ulimit -n)."],
  ENAMETOOLONG: ["the path is too long", "Choose a shorter path."],
  ENFILE: ["too many files are open", "Close other programs or raise the limit of the system."],
  ENODEV: ["there is no such device", "Check the path."],
  ENOENT: ["there is no such file or folder", "Check the path."],
  ENOMEM: ["memory is used up", "Close other programs, or ask for less."],
  ENOSPC: ["the disk is full", "Free some space or choose a path on another disk."],
  ENOTDIR: ["a part of the path is a file, not a folder", "Choose another path."],
  ENOTEMPTY: ["the folder is not empty", "Empty the folder or choose another path."],
  ENXIO: ["there is no such device", "Check the path."],
  EPERM: ["the operation is not permitted", "Give yourself permission, or choose another path."],
  EPIPE: ["the reader of the pipe is gone", "Keep the reader open."],
  EROFS: ["the file system is read-only", "Choose a path on a file system that can be written."],
  ETXTBSY: ["another program runs it", "Close that program, or choose another path."],
  EXDEV: ["source and target lie on different disks", "Choose a path on the same disk."],
};

/** Explains an error of the operating system; undefined for any other error. */
export function systemProblem(error: unknown): SystemProblem | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  const { code, syscall } = error;
  if (typeof code !== "string") return undefined;
  if (code === "EISDIR" && syscall === "read")
    return { code, problem: "it is a folder, not a file", remedy: "Name a file inside the folder." };
  const [problem, remedy] = known[code] ?? [`the system answered ${code}`, "Check the path."];
  return { code, problem, remedy };
}

/**
 * The message of a thrown value. For an error of the operating system it is the code and the
 * explanation.
 */
export function messageOf(error: unknown): string {
  const found = systemProblem(error);
  if (found !== undefined) return `${found.code}: ${found.problem}`;
  return error instanceof Error ? error.message : String(error);
}
