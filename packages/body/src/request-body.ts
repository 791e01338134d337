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

/** A body with the one form that it is taken by. */
export type ClassifiedBody =
  | { readonly form: 'text'; readonly body: string }
  | { readonly form: 'bytes'; readonly body: Uint8Array }
  | { readonly form: 'blob'; readonly body: BlobLike }
  | { readonly form: 'stream'; readonly body: BodyStream<unknown> }
  | { readonly form: 'asyncIterable'; readonly body: AsyncIterable<unknown> }
  | { readonly form: 'fileHandle'; readonly body: FileHandleLike }
  | { readonly form: 'iterable'; readonly body: Iterable<unknown> }
  | { readonly form: 'fileLike'; readonly body: { read(size: number): unknown } };

/**
 * Decides, once for all, what a body is.
 *
 * The order matters where an object has several forms. What the platform defines comes first; then the language's own
 * protocols, before mere names: a Node `Readable` has both an async iterator and a `read` of another meaning, an
 * `fs.ReadStream` an `fd` besides. `read` comes last, unlike in Python, where every file has it and means the same.
 *
 * Everything is told by its shape, not by `instanceof`: a body may come from another realm.
 *
 * @returns undefined where it is none of them.
 */
export function classify(body: RequestBody): ClassifiedBody | undefined {
  if (typeof body === 'string') return { form: 'text', body };
  if (ArrayBuffer.isView(body)) return { form: 'bytes', body: viewBytes(body) };
  if (isArrayBuffer(body)) return { form: 'bytes', body: new Uint8Array(body) };
  if (offers(body, 'sort', 'append')) return { form: 'text', body: (body as URLSearchParamsLike).toString() };
  if (offers(body, 'stream') && hasNumber(body, 'size')) return { form: 'blob', body: body as BlobLike };
  if (offers(body, 'getReader')) return { form: 'stream', body: body as BodyStream<unknown> };
  if (offers(body, Symbol.asyncIterator)) {
    return { form: 'asyncIterable', body: body as AsyncIterable<unknown> };
  }
  if (offers(body, 'read') && hasNumber(body, 'fd')) {
    return { form: 'fileHandle', body: body as FileHandleLike };
  }
  if (offers(body, Symbol.iterator)) return { form: 'iterable', body: body as Iterable<unknown> };
  if (offers(body, 'read')) return { form: 'fileLike', body: body as FileLike };
  return undefined;
}

/** What something is, for a message: `null`, `a number`, `a Map`. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const { constructor } = value as { constructor?: unknown };
  const name =
    typeof value === 'object' && typeof constructor === 'function' ? constructor.name : typeof value;
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** Exactly the bytes that the view shows, in the memory where they are. */
export function viewBytes(view: ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function isArrayBuffer(body: object): body is ArrayBufferLike {
  const tag = Object.prototype.toString.call(body);
  return tag === '[object ArrayBuffer]' || tag === '[object SharedArrayBuffer]';
}

/** Whether all of these are methods of an object; a function or a primitive offers nothing. */
function offers(body: object, ...names: PropertyKey[]): boolean {
  return (
    typeof body === 'object' &&
    names.every((name) => typeof (body as Record<PropertyKey, unknown> | null)?.[name] === 'function')
  );
}

function hasNumber(body: object, name: string): boolean {
  return typeof (body as Record<string, unknown>)[name] === 'number';
}
