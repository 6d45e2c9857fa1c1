import type { Readable } from "node:stream";

const newline = 10;

/** Reads lines and runs of bytes from a stream, one after another. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    this.#chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** The text up to the next end of line. @throws when the stream ends before */
  async line(): Promise<string> {
    let end = this.#rest.indexOf(newline);
    while (end < 0) {
      const from = this.#rest.length;
      await this.#more();
      end = this.#rest.indexOf(newline, from);
    }
    return this.#take(end + 1).toString("utf8", 0, end);
  }

  /** So many bytes, as a copy. @throws when the stream ends before */
  async bytes(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      if (this.#rest.length === 0) await this.#more();
      const part = this.#take(Math.min(count - at, this.#rest.length));
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done === true) throw new Error("ended before it had answered");
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
  }
}
