/** Options of commands whose work several processes can share. */
import type { Command } from "commander";
import { shard } from "../shards/shard.js";

export const partsOptions = (command: Command): Command =>
  command
    .option("--shard <k/n>", "compute only this share of the work and write a part, for instance 2/8", shard)
    .option("--merge", "join the parts of all shares to the results of one process", false)
    .option("--parts <folder>", "folder of the parts (default: <run>/parts)");

export const partsHelp = `
Several processes share the work: --shard 1/8 to --shard 8/8 write parts, on any machines that see the folder, and the same
command with --merge in place of --shard gives the very numbers of one process.`;
