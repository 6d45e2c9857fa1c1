#!/usr/bin/env node
import process from "node:process";
import { SteelyardError } from "@steelyard/core";
import { help, readOptions } from "./options.ts";
import { train } from "./train.ts";

/** 0 when all went well, 2 when the caller asked for something that cannot be, which one line then says. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) process.stdout.write(`${help()}\n`);
    else await train(options, process.stdout);
    return 0;
  } catch (error) {
    if (!(error instanceof SteelyardError)) throw error;
    process.stderr.write(`${error.message.replaceAll(/\n +/g, "; ")}\n`);
    return 2;
  }
}

process.exitCode = await main(process.argv.slice(2));
