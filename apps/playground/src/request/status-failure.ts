import { Failure } from '../failure.js';
import { statusLine } from '../print.js';

/** A response with an error status, which the user asked to be a failure. The exit code is that of curl. */
export class StatusFailure extends Failure {
  override readonly exitCode = 22;

  constructor({ version, status, reason }: { version: 10 | 11; status: number; reason: string }) {
    super(`The server responded ${statusLine(version, status, reason)}`);
  }
}
