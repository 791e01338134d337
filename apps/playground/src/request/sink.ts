import type { Output } from '../io.js';
import { TerminalText } from '../print.js';

/** The destination of a response's body. `end` or `abandon` is called once, as the last call. */
export interface BodySink {
  write(block: Uint8Array): Promise<void>;
  /** The body is complete. */
  end(): Promise<void>;
  /** The body was truncated, or is not wanted any more. */
  abandon(): Promise<void>;
}

/** Writes the bytes as they are. */
export function rawSink(output: Output): BodySink {
  return {
    write: (block) => output.write(block),
    end: () => Promise.resolve(),
    abandon: () => Promise.resolve(),
  };
}

/** Writes text to a terminal, with the peer's control characters escaped. */
export function terminalSink(output: Output, charset: string | undefined): BodySink {
  const text = new TerminalText(charset);
  const finish = (): Promise<void> => output.write(text.end());
  return { write: (block) => output.write(text.push(block)), end: finish, abandon: finish };
}
