import type { Output } from '../io.js';
import { TerminalText } from '../print.js';

/** Where the body of an answer goes. `end` or `abandon` is called once, and nothing after it. */
export interface BodySink {
  write(block: Uint8Array): Promise<void>;
  /** The body is complete. */
  end(): Promise<void>;
  /** The body broke off, or is wanted no more. */
  abandon(): Promise<void>;
}

/** The bytes as they are. */
export function rawSink(output: Output): BodySink {
  return {
    write: (block) => output.write(block),
    end: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

/** Text on a terminal, on which no control of the peer's takes effect. */
export function terminalSink(output: Output, charset: string | undefined): BodySink {
  const text = new TerminalText(charset);
  const finish = (): Promise<void> => output.write(text.end());
  return { write: (block) => output.write(text.push(block)), end: finish, abandon: finish };
}
