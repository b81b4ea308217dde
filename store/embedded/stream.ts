import { Duplex } from "node:stream";

/** How a stream reaches the embedded database. */
export interface Wire {
  send(client: number, bytes: Uint8Array): void;
  /** The client has sent its last: the database rolls back what it left open, and ends the stream. */
  leave(client: number): void;
  /** The client listens no more. */
  forget(client: number): void;
  /** Why the database is not there any more; null while it is. */
  failure(): Error | null;
}

/** One connection to the embedded database, in the place of the socket that `pg` would open. */
export class EmbeddedStream extends Duplex {
  constructor(
    readonly client: number,
    private readonly wire: Wire,
  ) {
    super({ allowHalfOpen: false });
  }

  /** As a socket's: the port and host are of no meaning. */
  connect(): this {
    queueMicrotask(() => {
      const failure = this.wire.failure();
      if (failure) this.destroy(failure);
      else this.emit("connect");
    });
    return this;
  }

  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  setTimeout(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  /** Bytes from the database; null = it has ended this connection. */
  deliver(bytes: Uint8Array | null): void {
    this.push(bytes && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.wire.send(this.client, Uint8Array.from(chunk));
    done();
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), "utf8", done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.wire.leave(this.client);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.wire.forget(this.client);
    done(error);
  }
}
