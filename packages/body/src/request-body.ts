/**
 * Anything with a `read` that gives up to `size` bytes, now or later, and `null`, `undefined` or nothing at the end:
 * the binary file object of Python. Text is ISO-8859-1.
 */
export interface FileLike {
  /** Gives up to `size` bytes, now or later; `null`, `undefined` or nothing at the end. */
  read(size: number): FileBlock | Promise<FileBlock>;
}
type FileBlock = Uint8Array | string | null | undefined;

/** Node's `FileHandle`, as far as it is needed: read from its current position, and left open. */
export interface FileHandleLike {
  /** The system's number for the open file. */
  readonly fd: number;
  /** Reads up to `length` bytes into `buffer`, from where the file stands. */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: null,
  ): Promise<{ readonly bytesRead: number }>;
}

/** The web's `Blob`, as far as it is needed. */
export interface BlobLike {
  /** Its length in bytes, which becomes the Content-Length. */
  readonly size: number;
  /** Its bytes. */
  stream(): BodyStream<Uint8Array>;
}

/** The web's `URLSearchParams`, as far as it is needed; sent as `application/x-www-form-urlencoded` text. */
export interface URLSearchParamsLike {
  /** Adds a pair; by this method, and `sort`, it is told from other objects. */
  append(name: string, value: string): void;
  /** Sorts the pairs by their names. */
  sort(): void;
  /** The pairs as `name=value&name=value`, percent-encoded. */
  toString(): string;
}

/** The web's `ReadableStream`, as far as it is needed. */
export interface BodyStream<T> {
  /** Somebody else reads it already. */
  readonly locked?: boolean;
  getReader(): BodyStreamReader<T>;
  cancel(reason?: unknown): Promise<void>;
}
export interface BodyStreamReader<T> {
  read(): Promise<{ done: boolean; value?: T | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

/**
 * All that can be sent as the body of a request. Text is ISO-8859-1, in blocks too; to send UTF-8, encode it.
 *
 * What has several forms is taken by the first of these: string, view, ArrayBuffer, URLSearchParams, Blob,
 * ReadableStream, async iterable (a Node `Readable`), FileHandle, iterable, object with a `read`.
 */
export type RequestBody =
  | string
  | ArrayBufferView
  | ArrayBufferLike
  | BlobLike
  | URLSearchParamsLike
  | BodyStream<Uint8Array | string>
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | FileLike
  | FileHandleLike;

/**
 * A body that is in memory: text, or the bytes as they are. `undefined` for any other.
 *
 * Everything is told by its shape, here and in `encodeBody`, not by `instanceof`: a body may come from another realm.
 *
 * @internal
 */
export function inMemory(body: unknown): string | Uint8Array | undefined {
  if (typeof body === 'string') return body;
  if (ArrayBuffer.isView(body)) return viewBytes(body);
  if (isArrayBuffer(body)) return new Uint8Array(body);
  return offers<URLSearchParamsLike>(body, 'sort', 'append') ? body.toString() : undefined;
}

export function isBlob(body: unknown): body is BlobLike {
  return offers<BlobLike>(body, 'stream') && typeof body.size === 'number';
}

/** Exactly the bytes that the view shows, in the memory where they are. */
export function viewBytes(view: ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function isArrayBuffer(body: unknown): body is ArrayBufferLike {
  return /^\[object (Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(body));
}

/** Whether all of these are methods of an object; a function or a primitive offers nothing. */
export function offers<T>(body: unknown, ...names: (keyof T)[]): body is T {
  return (
    typeof body === 'object' &&
    body !== null &&
    names.every((name) => typeof (body as T)[name] === 'function')
  );
}
