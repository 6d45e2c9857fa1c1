import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { epsilon } from "../net/forward.ts";
import { netData } from "../net/net-data.ts";
import { layersOf } from "../net/net-shape.ts";
import { chain } from "../works/cost.ts";
import { operandsOf } from "../works/operands.ts";
import type { Work } from "../works/work.ts";
import { ByteReader } from "./byte-reader.ts";
import { unable, type Implementation, type Prepared } from "./implementation.ts";

const script = join(import.meta.dirname, "pytorch.py");

/** PyTorch, if `python3` knows it: a child process that does the work and times it itself. */
export function pytorch(threads: number): Implementation {
  return { impl: "pytorch", device: "cpu", threads, available, prepare: (work) => preparedBy(threads, work) };
}

async function available(): Promise<string | null> {
  try {
    await promisify(execFile)("python3", ["-c", "import torch"]);
    return null;
  } catch (error) {
    return (error as { code?: unknown }).code === "ENOENT" ? "no python3 here" : "python3 here has no torch";
  }
}

async function preparedBy(threads: number, work: Work): Promise<Prepared> {
  const { header, numbers } = taskOf(work);
  const python = spawn("python3", [script, String(threads)], { stdio: ["pipe", "pipe", "inherit"] });
  const ask = asker(python);
  await ask(header, numbers);
  return {
    async run() {
      const { ms } = await ask({ do: "run" });
      return ms as number;
    },
    async result() {
      const { numbers: result } = await ask({ do: "result" });
      return result as Float32Array;
    },
    async memory() {
      const { kib } = await ask({ do: "memory" });
      return (kib as number) / 1024;
    },
    async close() {
      python.stdin.end();
      if (python.exitCode === null) await once(python, "exit");
    },
  };
}

/** What the script is sent: a line of JSON, and numbers. */
function taskOf(work: Work): { readonly header: object; readonly numbers: readonly NodeJS.ArrayBufferView[] } {
  if (work.kind === "copy" || work.kind === "emptyStep" || work.kind === "kernels") throw unable("such work");
  if (work.kind !== "net") {
    const operands = operandsOf(work);
    const shapes = operands.map(({ shape }) => shape);
    return { header: { do: "prepare", work: { ...work, chain }, shapes }, numbers: operands.map(({ data }) => data) };
  }
  const { parameters, images, labels } = netData(work.net);
  const operands = [...parameters, images];
  const described = { kind: "net", net: { ...work.net, epsilon }, layers: layersOf(work.net) };
  const header = { do: "prepare", work: described, shapes: operands.map(({ shape }) => shape) };
  return { header, numbers: [...operands.map(({ data }) => data), ...labels] };
}

type Answer = Readonly<Record<string, unknown>>;

/** Sends a question and waits for its answer: a line of JSON, and as many f32 as its "length" says. */
function asker(python: ChildProcess) {
  const reader = new ByteReader(python.stdout!);
  return async (question: object, numbers: readonly NodeJS.ArrayBufferView[] = []): Promise<Answer> => {
    python.stdin!.write(`${JSON.stringify(question)}\n`);
    for (const part of numbers) python.stdin!.write(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    const answer = JSON.parse(await reader.line()) as Answer;
    if (typeof answer["length"] !== "number") return answer;
    const bytes = await reader.bytes(4 * answer["length"]);
    return { ...answer, numbers: new Float32Array(bytes.buffer, bytes.byteOffset, answer["length"]) };
  };
}
