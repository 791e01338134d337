import { Failure } from '../failure.js';
import { statusLine } from '../print.js';

/** An answer with an error status, where the user wants that to be a failure; the exit code is that of curl. */
export class StatusFailure extends Failure {
  override readonly exitCode = 22;

  constructor({ version, status, reason }: { version: 10 | 11; status: number; reason: string }) {
    super(`The server answered ${statusLine(version, status, reason)}`);
  }
}
