/** What every client does in a scenario: the same exchange, as often as it is told to. */
export interface Task {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** The body of the request: text, or the number of bytes of an async iterable that yields blocks of 64 KiB. */
  readonly body?: string | number;
  /** The fields that the caller adds to the request. */
  readonly sent?: Readonly<Record<string, string>>;
  /** What is done with the response: read whole, read whole with all its fields, parsed as JSON, or read in blocks. */
  readonly take: 'whole' | 'fields' | 'json' | 'blocks';
  /** The bytes in the body of the response. */
  readonly bytes: number;
  /** The bytes of the response on the wire, with its head and framing. */
  readonly wire: number;
  /** The fields in the response. */
  readonly fields: number;
  /** Whether it uses TLS, with a certificate that the process trusts. */
  readonly secure: boolean;
  /** Whether the server closes the connection after each response. */
  readonly closes: boolean;
}

export interface Job {
  readonly task: Task;
  readonly port: number;
  /** The name of its driver, in `drivers.ts`. */
  readonly driver: string;
  /** Further settings of the driver: options of the client, a way to read, a module to load. */
  readonly settings: Settings;
  /** How many connections are kept busy at the same time. */
  readonly connections: number;
}

export interface Settings {
  /** How a body is read in blocks, if there are several ways. */
  readonly way?: 'readInto' | 'iteration';
  /** Options for the connection. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The module that is measured, if it is not the driver's default. */
  readonly module?: string;
  /** The driver whose first exchanges are measured, and how many. */
  readonly client?: string;
  readonly exchanges?: number;
}

/** One connection, on which a client makes one exchange after the other. */
export interface Line {
  /** Makes exchanges for as long as `more` returns true, and checks every response. */
  run(more: () => boolean): Promise<void> | void;
  close(): Promise<void> | void;
}

export type Driver = (job: Job) => Promise<Line> | Line;

/** The size of an upload's blocks. */
export const BLOCK = 65_536;

/** A line for a client whose exchange is one promise. Others have a loop of their own that awaits each promise. */
export function line(exchange: () => Promise<void>, close: Line['close'] = () => undefined): Line {
  return {
    close,
    async run(more) {
      while (more()) await exchange();
    },
  };
}

/** Checks a response: a wrong or truncated one would be the fastest of all. */
export function checkAnswer({ task }: Job, status: number, bytes: number, fields = task.fields): void {
  if (status !== 200 || bytes !== task.bytes || fields < task.fields) {
    throw new Error(
      `wrong response: status ${status}, ${bytes} of ${task.bytes} bytes, ${fields} of ${task.fields} fields`,
    );
  }
}

/** Joins the blocks of a body, as a client does that reads it whole. */
export function joined(blocks: readonly Uint8Array[]): Uint8Array {
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}

/** The part of a JSON response that is used, so that every client has to parse it. */
export interface Sized {
  readonly length: number;
}

/** Uses a field's name and value, so that every client has to create them. */
export function countField(name: string, value: string): number {
  return name.length > 0 && value.length > 0 ? 1 : 0;
}

export async function* blocksOf(size: number): AsyncGenerator<Uint8Array, void, void> {
  const block = new Uint8Array(BLOCK);
  for (let left = size; left > 0; left -= BLOCK) {
    await Promise.resolve();
    yield left < BLOCK ? block.subarray(0, left) : block;
  }
}
