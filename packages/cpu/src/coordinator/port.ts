import { isNode, nodeThreads, whyEnded, type NodeThreads } from "../runtime/worker.ts";

/** Two ends of a line between threads, in Node and in browsers. */
export interface Port<Out, In> {
  post(message: Out): void;
  listen(hear: (message: In) => void): void;
}

/** A line to a worker, which can also end. */
export interface WorkerPort<Out, In> extends Port<Out, In> {
  /** Called once, with the cause, when the worker is no more. */
  onEnd(tell: (cause: string) => void): void;
  /** A worker that is held keeps a process alive; one with nothing to do should not. */
  hold(busy: boolean): void;
  end(): Promise<void>;
}

const role = "steelyard cpu coordinator";

/** Starts a worker on a file, which must ask `lineToPage`. */
export function startWorker<Out, In>(file: URL): WorkerPort<Out, In> {
  const node = nodeThreads();
  return node === undefined ? startInBrowser(file) : startInNode(node, file);
}

function startInNode<Out, In>(threads: NodeThreads, file: URL): WorkerPort<Out, In> {
  const worker = new threads.Worker(file, { workerData: { [role]: true }, argv: [role], execArgv: [] });
  worker.unref();
  let cause = "";
  worker.on("error", (error: Error) => (cause = error.message));
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
    post: (message) => worker.postMessage(message),
    listen: (hear) => void worker.on("message", (message) => hear(message as In)),
    onEnd: (tell) => void worker.on("exit", (code) => tell(cause === "" ? `exit code ${code}` : cause)),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    end: async () => void (await worker.terminate()),
  };
}

function startInBrowser<Out, In>(file: URL): WorkerPort<Out, In> {
  const worker = new Worker(file, { type: "module", name: role });
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
    post: (message) => worker.postMessage(message),
    listen: (hear) => worker.addEventListener("message", ({ data }) => hear(data as In)),
    // An error that nobody catches ends a thread in Node; a browser lets it live on, whatever it has become.
    onEnd: (tell) =>
      worker.addEventListener("error", (event) => {
        worker.terminate();
        tell(whyEnded(event));
      }),
    hold: () => undefined,
    end: async () => worker.terminate(),
  };
}

/** In a worker that `startWorker` started: the line to whoever did. Null anywhere else. */
export function lineToPage<Out, In>(): Port<Out, In> | null {
  if (isNode) {
    if (process.argv.at(-1) !== role) return null;
    const { parentPort, workerData } = nodeThreads()!;
    if ((workerData as Record<string, unknown> | null)?.[role] !== true) return null;
    return {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
      post: (message) => parentPort!.postMessage(message),
      listen: (hear) => void parentPort!.on("message", (message) => hear(message as In)),
    };
  }
  if (typeof self === "undefined" || self.name !== role) return null;
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origin
    post: (message) => postMessage(message),
    listen: (hear) => addEventListener("message", ({ data }) => hear(data as In)),
  };
}
