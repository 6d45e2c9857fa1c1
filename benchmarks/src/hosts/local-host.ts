import type { Implementation } from "../implementations/implementation.ts";
import type { Peak, PeakFamily } from "../peak/peak.ts";
import { answerer } from "./answer.ts";
import type { AnswerTo, Host, Request } from "./host.ts";
import { TooSlow } from "./too-slow.ts";

/**
 * A host in this process, where there is no other. Who is too slow cannot be stopped: nobody waits for it any longer, but
 * what it still does disturbs those after it.
 */
export function localHost(
  name: string,
  family: PeakFamily,
  implementations: readonly Implementation[],
  peak: Peak,
): Host {
  const answer = answerer(implementations, peak);
  let open = false;
  return {
    name,
    family,
    isOpen: () => open,
    async ask<R extends Request>(request: R, limitMs: number): Promise<AnswerTo<R>> {
      open = true;
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new TooSlow(limitMs)), limitMs);
      try {
        return await Promise.race([answer(request), late]);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => void (open = false),
  };
}
