import type { Binding, Executable, HostFunction, Storage } from "@steelyard/core";
import { cpu, type CpuDevice } from "../device.ts";
import {
  answerOf,
  receivedProgram,
  valueOf,
  type CpuReport,
  type Reply,
  type Request,
  type Solved,
} from "./messages.ts";
import { numbered, type Numbered } from "./numbered.ts";
import type { Port } from "./port.ts";

interface Host {
  readonly port: Port<Reply, Request | Solved>;
  /** The one device is number 0. */
  readonly device: Numbered<CpuDevice>;
  readonly storages: Numbered<Storage>;
  readonly executables: Numbered<Executable>;
  /** Who waits for what a host solve gives. */
  readonly solving: Map<number, (solved: Solved) => void>;
  solves: number;
}

/** The side that owns the device: does what it is asked, in order, in a thread that may block. */
export function serveDevice(port: Port<Reply, Request | Solved>): void {
  const host: Host = {
    port,
    device: numbered("device"),
    storages: numbered("storage"),
    executables: numbered("executable"),
    solving: new Map(),
    solves: 0,
  };
  let last: Promise<void> = Promise.resolve();
  port.listen((message) => {
    // What a solve gave belongs to the run that waits for it; everything else waits for its turn.
    if (message.kind !== "solved") last = last.then(() => perform(host, message));
    else host.solving.get(message.solve)?.(message);
  });
}

async function perform(host: Host, request: Request): Promise<void> {
  const { port, device, storages, executables } = host;
  switch (request.kind) {
    case "open":
      device.make(0, () => cpu(request.options));
      return port.post({ kind: "started" });
    case "upload": {
      const { storage, data, shape, dtype, owner } = request;
      return storages.make(storage, () => device.at(0).upload(data, shape, dtype, owner));
    }
    case "compile":
      return executables.make(request.executable, () => device.at(0).compile(receivedProgram(request.program)));
    case "run":
      return port.post({ kind: "done", call: request.call, answer: await answerOf(run(host, request)) });
    case "read":
      return port.post({ kind: "done", call: request.call, answer: await answerOf(read(host, request.storage)) });
    case "report":
      return port.post({ kind: "done", call: request.call, answer: await answerOf(report(host)) });
    case "free":
      return free(host, request.storage);
    case "forget":
      return executables.delete(request.executable);
  }
}

async function run(host: Host, request: Extract<Request, { kind: "run" }>): Promise<null> {
  const { storages, executables } = host;
  const { call, executable, bindings, donated, outputs } = request;
  const bound = bindings.map((each, i): Binding => {
    if (typeof each === "number") return each;
    return "solve" in each ? solveOf(host, call, i) : storages.at(each.storage);
  });
  const given = new Set(donated.map((number) => storages.at(number)));
  const results = await executables.at(executable).run(bound, given);
  donated.forEach((number) => storages.delete(number));
  results.forEach((storage, i) => storages.make(outputs[i]!, () => storage));
  return null;
}

async function read({ device, storages }: Host, storage: number): ReturnType<CpuDevice["read"]> {
  return device.at(0).read(storages.at(storage));
}

async function report({ device }: Host): Promise<CpuReport> {
  const { threads, family, revectorised } = device.at(0);
  return { threads, family: family.name, revectorised, memory: device.at(0).memory(), kernels: device.at(0).kernels() };
}

function free({ device, storages }: Host, number: number): void {
  try {
    device.at(0).free(storages.at(number));
  } catch {
    // It could not be made, which whoever used it was told; there is nothing to free.
  }
  storages.delete(number);
}

/** A host solve's function stays with the page: ask it there. */
function solveOf(host: Host, call: number, binding: number): HostFunction {
  return async (...inputs) => {
    const { port, solving } = host;
    const solve = host.solves++;
    const { promise, resolve } = Promise.withResolvers<Solved>();
    solving.set(solve, resolve);
    port.post({ kind: "solve", solve, call, binding, inputs });
    const { answer } = await promise;
    solving.delete(solve);
    return valueOf(answer);
  };
}
