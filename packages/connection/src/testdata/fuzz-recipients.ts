import type { Answer, Verdict } from './fuzz-verdict.js';
import { sameOrThrow } from './fuzz-same.js';

/** How another recipient, in transit or elsewhere, finds the end of a body from the fields. */
type Recipient = (coding: readonly string[], length: readonly string[]) => string;

const byLength = (value: string | undefined): string =>
  value === undefined ? 'to the end' : String(Number.parseInt(value));
const chunkedAmong = (coding: readonly string[]): boolean => /chunked/i.test(coding.join());

/** Interpretations observed in servers, proxies and caches: where they differ, requests have been smuggled. */
const RECIPIENTS: Readonly<Record<string, Recipient>> = {
  'the coding first': (coding, length) => (chunkedAmong(coding) ? 'chunked' : byLength(length[0])),
  'the length first': (coding, length) =>
    length.length === 0 && chunkedAmong(coding) ? 'chunked' : byLength(length[0]),
  'the last length': (coding, length) => (chunkedAmong(coding) ? 'chunked' : byLength(length.at(-1))),
  'the last element': (coding, length) =>
    chunkedAmong(coding) ? 'chunked' : byLength(length.at(-1)?.split(',').at(-1)),
  'the last coding': (coding, length) =>
    coding.at(-1)?.trim().toLowerCase() === 'chunked' ? 'chunked' : byLength(length[0]),
};

/**
 * A response that violated no rule, and after which the connection is reused, must end for every recipient where it
 * ends for this client.
 */
export function checkRecipients({ stream, method }: Answer, verdict: Verdict): void {
  const { head, reusable, violations, body } = verdict;
  if (head === undefined || !reusable || violations.length > 0) return;
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return;
  const lines = finalHead(stream);
  const valuesOf = (name: RegExp): string[] =>
    lines.filter((line) => name.test(line)).map((line) => line.slice(line.indexOf(':') + 1));
  const coding = valuesOf(/^\s*transfer-encoding\s*:/i);
  const length = valuesOf(/^\s*content-length\s*:/i);
  const ours = head.chunked ? 'chunked' : String(body.length);
  for (const [name, recipient] of Object.entries(RECIPIENTS))
    sameOrThrow(`a recipient that takes ${name}`, recipient(coding, length), ours);
}

/** The lines of the last head before the body, with every line end that any recipient accepts. */
function finalHead(stream: string): string[] {
  let rest = stream;
  for (;;) {
    const end = /\r?\n\r?\n/.exec(rest);
    const head = rest.slice(0, end?.index);
    if (end === null || !/^HTTP\/1\.. 1/.test(head)) return head.split(/[\r\n\v\f\x85]/);
    rest = rest.slice(end.index + end[0].length);
  }
}
