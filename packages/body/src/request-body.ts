import { bytesOf, nameOf, tagOf } from '@http-client/io';

/**
 * Any object with a `read` that returns up to `size` bytes, directly or as a promise, and `null`, `undefined` or an
 * empty block at the end: like a binary file object in Python. Text is ISO-8859-1.
 */
export interface FileLike {
  /** Returns up to `size` bytes, directly or as a promise; `null`, `undefined` or an empty block at the end. */
  read(size: number): FileBlock | Promise<FileBlock>;
}
type FileBlock = Uint8Array | string | null | undefined;

/** The part of Node's `FileHandle` that is used: it is read from its current position, and left open. */
export interface FileHandleLike {
  /** The number of the file descriptor. */
  readonly fd: number;
  /** Reads up to `length` bytes into `buffer`, from the current position of the file. */
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: null,
  ): Promise<{ readonly bytesRead: number }>;
}

/** The part of the web's `Blob` that is used. */
export interface BlobLike {
  /** Its length in bytes, which becomes the Content-Length. */
  readonly size: number;
  /** Its bytes. */
  stream(): BodyStream<Uint8Array>;
}

/** The part of the web's `URLSearchParams` that is used; sent as `application/x-www-form-urlencoded` text. */
export interface URLSearchParamsLike {
  /** Adds a pair. This method and `sort` distinguish it from other objects. */
  append(name: string, value: string): void;
  /** Sorts the pairs by their names. */
  sort(): void;
  /** The pairs as `name=value&name=value`, percent-encoded. */
  toString(): string;
}

/** The part of the web's `ReadableStream` that is used. */
export interface BodyStream<T> {
  /** Whether another reader has it already. */
  readonly locked?: boolean;
  getReader(): BodyStreamReader<T>;
  cancel(reason?: unknown): Promise<void>;
}
interface BodyStreamReader<T> {
  read(): Promise<{ done: boolean; value?: T | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  releaseLock(): void;
}

/**
 * Everything that can be sent as the body of a request. Text is ISO-8859-1, also in blocks; to send UTF-8, encode it.
 *
 * A body that is several of these counts as the first of: string, view, ArrayBuffer, URLSearchParams, Blob,
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
 * Bodies are recognised by their shape, here and in `bodyBlocks`, not by `instanceof`: they may be of another realm.
 *
 * @internal
 */
export function inMemory(body: unknown): string | Uint8Array | undefined {
  if (typeof body === 'string') return body;
  if (ArrayBuffer.isView(body)) return viewBytes(body);
  if (/^(Shared)?ArrayBuffer$/.test(tagOf(body))) return new Uint8Array(body as ArrayBufferLike);
  return offers<URLSearchParamsLike>(body, 'sort', 'append') ? body.toString() : undefined;
}

export function isBlob(body: unknown): body is BlobLike {
  return offers<BlobLike>(body, 'stream') && typeof body.size === 'number';
}

/**
 * Exactly the bytes that the view covers, not copied.
 *
 * @throws TypeError if their memory has been transferred: what is left of the view looks like an empty one.
 */
export function viewBytes(view: ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array && view.length > 0 ? view : bytesOf(view);
}

/** The error for what is not, or no longer, a body. */
export function cannotSend(body: unknown, why: string): TypeError {
  return new TypeError(`Cannot send ${nameOf(body)} as a body: ${why}`);
}

/** Whether all of these are methods of an object; false for a function or a primitive. */
export function offers<T>(body: unknown, ...names: (keyof T)[]): body is T {
  return (
    typeof body === 'object' &&
    body !== null &&
    names.every((name) => typeof (body as T)[name] === 'function')
  );
}
