#!/usr/bin/env node
import process from "node:process";
import { SteelyardError } from "@steelyard/core";
import { measureDevice } from "./measure-device.ts";
import { help, readOptions } from "./options.ts";
import { train } from "./train.ts";

/** 0 when all went well, 2 when the caller asked for something that cannot be, which one line then says. */
async function main(args: readonly string[]): Promise<number> {
  try {
    if (args[0] === "device") {
      process.stdout.write(`${await measureDevice(args.slice(1))}\n`);
      return 0;
    }
    const options = readOptions(args);
    if (options === null) process.stdout.write(`${help()}\n`);
    else await train(options, process.stdout);
    return 0;
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    process.stderr.write(`${oneLine(error.message)}\n`);
    return 2;
  }
}

/** Names of files and options may hold anything, a new line or the codes of a terminal too. */
function oneLine(message: string): string {
  return message.replaceAll(/\n +/gu, "; ").replaceAll(/\p{Cc}+/gu, " ");
}

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read this has left, as `head -1` does: the end that SIGPIPE makes of other programs, which Node does not let in.
  if (error.code === "EPIPE") process.exit(128 + 13);
  process.stderr.write(`steelyard: needs an output that can be written, got ${error.message}\n`);
  process.exit(2);
});

process.exitCode = await main(process.argv.slice(2));
