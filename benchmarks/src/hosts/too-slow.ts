/** No answer within the time there was. */
export class TooSlow extends Error {
  constructor(limitMs: number) {
    super(`no result within ${limitMs / 1000} s`);
  }
}
