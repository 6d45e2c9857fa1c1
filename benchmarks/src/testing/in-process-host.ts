import { answerer } from "../hosts/answer.ts";
import type { AnswerTo, Host, Request } from "../hosts/host.ts";
import type { Implementation } from "../implementations/implementation.ts";

/** A host in this process, whose peak is 1 GFLOP/s. */
export function inProcessHost(
  name: string,
  implementations: readonly Implementation[],
): Host & { readonly asked: Request[] } {
  const answer = answerer(implementations, () => 1);
  const asked: Request[] = [];
  let open = false;
  return {
    name,
    family: "128-bit FMA",
    asked,
    isOpen: () => open,
    ask<R extends Request>(request: R): Promise<AnswerTo<R>> {
      open = true;
      asked.push(request);
      return answer(request);
    },
    close: () => void (open = false),
  };
}
