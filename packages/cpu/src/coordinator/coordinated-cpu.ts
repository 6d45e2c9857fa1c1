import {
  invariant,
  SteelyardError,
  type Binding,
  type Device,
  type ErrorDetails,
  type Executable,
  type HostArray,
  type HostFunction,
  type Program,
  type Shape,
  type Storage,
} from "@steelyard/core";
import { deviceBytes } from "../elements.ts";
import {
  answerOf,
  sentProgram,
  valueOf,
  type Answer,
  type CpuReport,
  type Reply,
  type Request,
  type Result,
  type SentBinding,
  type SentOptions,
  type Solved,
} from "./messages.ts";
import { serveDevice } from "./host.ts";
import { lineToPage, startWorker, type WorkerPort } from "./port.ts";

interface NumberedStorage extends Storage {
  readonly number: number;
}

/** A CPU device in a thread of its own. */
export interface CoordinatedCpu extends Device {
  /** How it computes and what it holds, once all is done that was asked of it before. */
  report(): Promise<CpuReport>;
  /** Ends the device's thread. The device cannot compute any more. */
  close(): Promise<void>;
}

/**
 * A CPU device that a worker owns: nothing it does blocks this thread. The one for a browser's main thread, which must
 * not sleep and should not compute; in Node for a server that has to stay responsive. What is asked is sent there, host
 * solves come back to this thread, and everything else is as with `cpu`.
 *
 * Where the page is not isolated from other origins the device has one thread, the worker.
 *
 * @param worker a file that imports this one, where a bundler needs another for workers
 * @example setDefaultDevice(coordinatedCpu());
 */
export function coordinatedCpu(options: SentOptions = {}, worker: URL = thisFile): CoordinatedCpu {
  const client = clientOf(startWorker(worker), options);
  const live = new Set<NumberedStorage>();
  const store = (number: number, shape: Shape, dtype: Storage["dtype"], owner: string): NumberedStorage => {
    const elements = shape.reduce((product, size) => product * size, 1);
    const bytes = deviceBytes(dtype, elements);
    const storage = { device, shape, dtype, bytes, owner, references: 1, number };
    live.add(storage);
    return storage;
  };
  const device: CoordinatedCpu = {
    name: "cpu",
    upload(data, shape, dtype, owner) {
      const storage = client.number();
      client.post({ kind: "upload", storage, data: data.slice(), shape, dtype, owner });
      return store(storage, shape, dtype, owner);
    },
    compile: (program) => executableOf(client, program, live, store),
    async read(storage) {
      const { number } = requireLive(live, storage);
      return (await client.ask((call) => ({ kind: "read", call, storage: number }), [])) as HostArray;
    },
    free(storage) {
      const mine = requireLive(live, storage);
      live.delete(mine);
      client.post({ kind: "free", storage: mine.number });
    },
    storages: () => live,
    report: async () => (await client.ask((call) => ({ kind: "report", call }), [])) as CpuReport,
    close: () => client.close(),
  };
  return device;
}

/** The worker runs this same file, whose own address is right for the source and for what is built of it. */
const thisFile = new URL(import.meta.url);

type Store = (number: number, shape: Shape, dtype: Storage["dtype"], owner: string) => NumberedStorage;

function executableOf(client: Client, program: Program, live: Set<NumberedStorage>, store: Store): Executable {
  const { instructions, outputs } = program;
  const number = client.number();
  client.post({ kind: "compile", executable: number, program: sentProgram(program) });
  const executable: Executable = {
    async run(bindings, donated) {
      const sent = bindings.map((binding) => sentBinding(live, binding));
      const given = [...donated].map((storage) => requireLive(live, storage));
      const numbers = outputs.map(() => client.number());
      await client.ask(
        (call) => ({
          kind: "run",
          call,
          executable: number,
          bindings: sent,
          donated: given.map((storage) => storage.number),
          outputs: numbers,
        }),
        bindings,
      );
      given.forEach((storage) => live.delete(storage));
      return outputs.map((output, i) => {
        const { shape, dtype } = instructions[output]!;
        return store(numbers[i]!, shape, dtype, "result");
      });
    },
  };
  forgotten.register(executable, () => client.post({ kind: "forget", executable: number }));
  return executable;
}

/** When the plan cache drops an executable, the worker drops it too. */
const forgotten = new FinalizationRegistry<() => void>((forget) => forget());

function sentBinding(live: ReadonlySet<Storage>, binding: Binding): SentBinding {
  if (typeof binding === "number") return binding;
  return typeof binding === "function" ? { solve: true } : { storage: requireLive(live, binding).number };
}

function requireLive(live: ReadonlySet<Storage>, storage: Storage): NumberedStorage {
  if (live.has(storage)) return storage as NumberedStorage;
  throw new SteelyardError({
    code: "DisposedTensor",
    who: "cpu",
    needs: "storage that is still live",
    got: `that of ${storage.owner}, which was freed or donated`,
  });
}

/** This side of the line: numbers for what is over there, and who waits for which answer. */
interface Client {
  /** A number that nothing has yet. */
  number(): number;
  post(request: Request): void;
  /** Sends a request and waits for its answer; `bindings` hold the functions of host solves that may come back. */
  ask(request: (call: number) => Request, bindings: readonly Binding[]): Promise<Result>;
  close(): Promise<void>;
}

interface Waiting {
  readonly answer: (answer: Answer<Result>) => void;
  readonly bindings: readonly Binding[];
}

function clientOf(port: WorkerPort<Request | Solved, Reply>, options: SentOptions): Client {
  const waiting = new Map<number, Waiting>();
  let numbers = 0;
  let hasStarted = false;
  let end: ErrorDetails | null = null;
  const settle = (call: number, answer: Answer<Result>): void => {
    waiting.get(call)?.answer(answer);
    waiting.delete(call);
    if (waiting.size === 0) port.hold(false);
  };
  const silence = setTimeout(
    () => console.warn(`cpu: its worker has not started for 10 seconds; ${whenNeverThere}`),
    10_000,
  );
  // Node would wait for it. A browser's timer is a number.
  silence.unref?.();
  const cut = (cause: string, hint: string): void => {
    clearTimeout(silence);
    end ??= lost(cause, hint);
    for (const call of waiting.keys()) settle(call, { details: end });
  };
  port.listen((reply) => {
    if (reply.kind === "started") {
      hasStarted = true;
      return clearTimeout(silence);
    }
    if (reply.kind === "done") return settle(reply.call, reply.answer);
    // It was on the way when the line was cut.
    if (end !== null) return;
    const solve = waiting.get(reply.call)?.bindings[reply.binding];
    invariant(typeof solve === "function", "a host solve comes back to the run that it is part of");
    void answerOf(solved(solve, reply.inputs)).then((answer) =>
      port.post({ kind: "solved", solve: reply.solve, answer }),
    );
  });
  port.onEnd((cause) => cut(cause, hasStarted ? whenGone : whenNeverThere));
  port.post({ kind: "open", options });
  return {
    number: () => numbers++,
    post: (request) => {
      if (end === null) port.post(request);
    },
    async ask(request, bindings) {
      if (end !== null) throw new SteelyardError(end);
      const call = numbers++;
      const { promise, resolve } = Promise.withResolvers<Answer<Result>>();
      waiting.set(call, { answer: resolve, bindings });
      port.hold(true);
      port.post(request(call));
      return valueOf(await promise);
    },
    async close() {
      end ??= lost("closed", whenGone);
      await port.end();
      // A browser does not tell when a worker has ended.
      cut("closed", whenGone);
    },
  };
}

async function solved(solve: HostFunction, inputs: readonly Float64Array[]): Promise<ArrayLike<number>[]> {
  const parts = await solve(...inputs);
  // Only plain arrays and typed arrays can be sent.
  return parts.map((part) => Float64Array.from(part));
}

const whenGone = "open another device; values that lived on this one are gone";
const whenNeverThere = "after a bundler, name a file of its own for the worker, which imports @steelyard/cpu";

function lost(cause: string, hint: string): ErrorDetails {
  return {
    code: "DeviceError",
    who: "cpu",
    needs: "the thread that owns the device",
    got: `its end: ${cause}`,
    hint,
  };
}

const port = lineToPage<Reply, Request | Solved>();
if (port !== null) serveDevice(port);
