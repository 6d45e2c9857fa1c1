import { fork, type ChildProcess, type StdioOptions } from "node:child_process";
import { join } from "node:path";
import type { PeakFamily } from "../peak/peak.ts";
import type { AnswerTo, Host, Request } from "./host.ts";
import { TooSlow } from "./too-slow.ts";

type Environment = Readonly<Record<string, string>>;

/** A host in a process of its own, started when it is first asked something, with more in its environment than ours has. */
export function forkedHost(name: string, family: PeakFamily, environment: Environment = {}): Host {
  let child: ChildProcess | null = null;
  return {
    name,
    family,
    isOpen: () => child !== null,
    async ask<R extends Request>(request: R, limitMs: number): Promise<AnswerTo<R>> {
      child ??= start(name, environment);
      try {
        return (await answerOf(child, request, limitMs)) as AnswerTo<R>;
      } finally {
        if (child.killed || !child.connected) child = null;
      }
    },
    close() {
      child?.kill();
      child = null;
    },
  };
}

/** What libraries print goes to standard error: standard output is for the tables. */
function start(name: string, environment: Environment): ChildProcess {
  const stdio: StdioOptions = ["ignore", process.stderr.fd, "inherit", "ipc"];
  const env = { ...process.env, ...environment };
  return fork(join(import.meta.dirname, "serve.ts"), [name], { serialization: "advanced", stdio, env });
}

type Message = { readonly value: unknown } | { readonly error: string };

function answerOf(child: ChildProcess, request: Request, limitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      const answer = message as Message;
      settle();
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer.value);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      settle();
      reject(new Error(`its process ended with ${signal ?? `code ${code}`}`));
    };
    const timer = setTimeout(() => {
      settle();
      child.kill("SIGKILL");
      reject(new TooSlow(limitMs));
    }, limitMs);
    const settle = (): void => {
      clearTimeout(timer);
      child.off("message", onMessage).off("exit", onExit);
    };
    child.on("message", onMessage).on("exit", onExit);
    child.send(request, (error) => {
      if (error === null) return;
      settle();
      reject(error);
    });
  });
}
