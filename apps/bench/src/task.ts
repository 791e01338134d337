/** What every client does in a scenario: one exchange, as often as it is asked to. */
export interface Task {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** What the request carries: a text, or as many bytes as an async iterable gives in blocks of 64 KiB. */
  readonly body?: string | number;
  /** Fields that the caller sends besides. */
  readonly sent?: Readonly<Record<string, string>>;
  /** What is done with the answer: its body read whole, its fields as well, as JSON, or taken block by block. */
  readonly take: 'whole' | 'fields' | 'json' | 'blocks';
  /** How many bytes of body are answered, and how many on the wire, with all that frames them. */
  readonly bytes: number;
  readonly wire: number;
  /** How many fields are answered. */
  readonly fields: number;
  /** TLS; the certificate is one that the process trusts. */
  readonly secure: boolean;
  /** The server closes behind each answer. */
  readonly closes: boolean;
}

export interface Job {
  readonly task: Task;
  readonly port: number;
  /** The name of its driver, in `drivers.ts`. */
  readonly driver: string;
  /** What the driver is told besides: options of the client, a way to read, a module to load. */
  readonly settings: Settings;
  /** How many connections are kept busy at once. */
  readonly connections: number;
}

export interface Settings {
  /** How a body in blocks is read, where there are several ways. */
  readonly way?: 'readInto' | 'iteration';
  /** Options for the connection. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The module that is measured, where it is not the driver's own. */
  readonly module?: string;
  /** The driver whose first exchanges are measured, and how many. */
  readonly client?: string;
  readonly exchanges?: number;
}

/** One connection, and whoever makes one exchange after the other on it. */
export interface Line {
  /** Makes exchanges for as long as `more` says so, and looks at every answer. */
  run(more: () => boolean): Promise<void> | void;
  close(): Promise<void> | void;
}

export type Driver = (job: Job) => Promise<Line> | Line;

/** The blocks of an upload are of this size. */
export const BLOCK = 65_536;

/** A line whose exchanges are promises as they are; where they are several, a loop awaits them, as a program's would. */
export function line(exchange: () => Promise<void>, close: Line['close'] = () => undefined): Line {
  return {
    close,
    async run(more) {
      while (more()) await exchange();
    },
  };
}

/** Every answer is looked at: one that is wrong, or cut, would be the fastest of all. */
export function checkAnswer({ task }: Job, status: number, bytes: number, fields = task.fields): void {
  if (status !== 200 || bytes !== task.bytes || fields < task.fields) {
    throw new Error(
      `a wrong answer: status ${status}, ${bytes} of ${task.bytes} bytes, ${fields} of ${task.fields} fields`,
    );
  }
}

/** A body that came in blocks as one array, which is what reading it whole gives. */
export function joined(blocks: readonly Uint8Array[]): Uint8Array {
  return blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
}

/** What an answer in JSON says of itself, so that nobody leaves out to parse it. */
export interface Sized {
  readonly length: number;
}

/** What is read of a field, so that nobody leaves it out. */
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
