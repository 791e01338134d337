import { createRequire } from 'node:module';

import type * as client from '@http-client/client';

import { headOf } from '../answers.js';
import { countField, type Job, type Line } from '../task.js';

// Parses a response head in memory, and makes a string of every name and value.

type Parse = (bytes: Buffer) => number;

function parser(job: Job, parse: Parse): Line {
  const { fields } = job.task;
  const bytes = Buffer.from(headOf(fields, 'Content-Length: 0'), 'latin1');
  return {
    run(more) {
      while (more()) {
        const found = parse(bytes);
        if (found !== fields) throw new Error(`wrong result: ${found} of ${fields} fields`);
      }
    },
    close: () => undefined,
  };
}

export async function parseHeaderBlock(job: Job): Promise<Line> {
  const { parseHeaderBlock, parseStatusLine } = (await import(
    job.settings.module ?? '@http-client/client'
  )) as typeof client;
  return parser(job, (bytes) => {
    const start = bytes.indexOf(10) + 1;
    const { status } = parseStatusLine(bytes.toString('latin1', 0, start - 2));
    const block = parseHeaderBlock(bytes, { start });
    let fields = 0;
    for (const [name, value] of block?.headers ?? []) fields += countField(name, value);
    return status === 200 ? fields : -1;
  });
}

/** The interface of Node's own parser, which both parsers have. */
interface HTTPParser {
  execute(bytes: Buffer): unknown;
  [callback: number]: (...args: never[]) => unknown;
}

/** The callbacks get names and values alternately; heads with more than 32 fields arrive in several parts. */
function byCallbacks(job: Job, make: () => HTTPParser, on: { headers: number; complete: number }): Line {
  let status = 0;
  let fields = 0;
  const take = (list: readonly string[] | undefined): void => {
    for (let at = 0; at < (list?.length ?? 0); at += 2) fields += countField(list![at]!, list![at + 1]!);
  };
  const native = make();
  native[on.headers] = (list: string[]) => {
    take(list);
  };
  native[on.complete] = (
    _major: number,
    _minor: number,
    list: string[],
    _method: unknown,
    _url: unknown,
    code: number,
  ) => {
    take(list);
    status = code;
  };
  return parser(job, (bytes) => {
    status = fields = 0;
    native.execute(bytes);
    return status === 200 ? fields : -1;
  });
}

export async function httpParserJS(job: Job): Promise<Line> {
  const { HTTPParser } = await import('http-parser-js');
  // Reading this property makes it use the callbacks of current Node instead of those of Node 0.12.
  Reflect.get(HTTPParser, 'kOnExecute');
  const make = (): HTTPParser => new HTTPParser('RESPONSE') as unknown as HTTPParser;
  return byCallbacks(job, make, { headers: HTTPParser.kOnHeaders, complete: HTTPParser.kOnHeadersComplete });
}

/** llhttp, driven as Node's http drives it. */
export function nodeLLHTTP(job: Job): Line {
  interface Native extends HTTPParser {
    initialize(type: number, resource: object, maxHeaderSize: number, lenient: number): void;
  }
  const { HTTPParser } = createRequire(import.meta.url)('_http_common') as {
    HTTPParser: { new (): Native; RESPONSE: number; kOnHeaders: number; kOnHeadersComplete: number };
  };
  const make = (): HTTPParser => {
    const made = new HTTPParser();
    made.initialize(HTTPParser.RESPONSE, {}, 0, 0);
    return made;
  };
  return byCallbacks(job, make, {
    headers: HTTPParser.kOnHeaders,
    complete: HTTPParser.kOnHeadersComplete,
  });
}
