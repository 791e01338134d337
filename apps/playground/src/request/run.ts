import { resolve } from 'node:path';
import type { WriteStream } from 'node:tty';

import { quote, type HTTPConnectionOptions, type HTTPResponse } from '@http-client/client';

import { archiveTo } from '../har/archive.js';
import { Recorder } from '../har/recorder.js';
import { Failure } from '../failure.js';
import type { Io } from '../io.js';
import { isDumb } from '../print.js';
import { parseAddress, type Address } from './address.js';
import { printHead, reportViolations } from './answer.js';
import { proxyContext, serverContext } from './context.js';
import { openData } from './data.js';
import { redirectDebug } from './debug.js';
import { exchange, type ExchangeOptions } from './exchange.js';
import { Narrator } from './narrator.js';
import type { RequestOptions } from './options.js';
import { openOutputFile } from './output-file.js';
import { headersOf, payloadOf, type Payload } from './payload.js';
import { Progress } from './progress.js';
import { rawSink, terminalSink, type BodySink } from './sink.js';
import { StatusFailure } from './status-failure.js';
import { wireObserver } from './wire-observer.js';

/** One request, with its options checked. Nothing has been opened yet. */
interface Job {
  readonly method: string;
  readonly address: Address;
  readonly options: RequestOptions;
  readonly contexts: Pick<ExchangeOptions, 'context' | 'proxyContext'>;
  readonly payload: Payload;
  readonly io: Io;
}

/**
 * Sends one request, and streams the response to where it is wanted. Without a method it is GET, or POST with a body.
 */
export async function runRequest(
  method: string | undefined,
  url: string,
  options: RequestOptions,
  io: Io,
): Promise<void> {
  const address = parseAddress(url);
  const payload = payloadOf(options);
  const { proxy, har, output, debug = false, showCredentials = false } = options;
  if (har !== undefined && isFile(output) && resolve(har) === resolve(output))
    throw new Failure(`Cannot write both the body and the archive to ${quote(har)}: name two files`);
  const job: Job = {
    method: method ?? (payload.source === undefined ? 'GET' : 'POST'),
    ...{ address, options, payload, io },
    contexts: { context: serverContext(address, options), proxyContext: proxyContext(proxy, options) },
  };
  // With `-o -` standard output is for the body alone, as curl's users expect of `-v`.
  const restore = debug ? redirectDebug(output === '-' ? io.stderr : io.stdout, showCredentials) : undefined;
  try {
    if (har === undefined) {
      await perform(job, undefined);
    } else {
      const place = { method: job.method, address, proxied: proxy !== undefined };
      const recorder = new Recorder({ ...place, showCredentials });
      await archiveTo(har, recorder, () => perform(job, recorder));
    }
  } finally {
    restore?.();
  }
}

/** Sends the request, and writes the response to a file or to standard output. */
async function perform(job: Job, recorder: Recorder | undefined): Promise<void> {
  const { options, io } = job;
  const { output, fail = false } = options;
  let sink = isFile(output) ? await openOutputFile(output) : undefined;
  try {
    await send(job, recorder, async (response, settled) => {
      recorder?.answered(response);
      const failed = fail && response.status >= 400;
      // With -o the body is taken for what was requested, which an error response is not.
      if (!failed || output === undefined) {
        sink ??= standardSink(io, response);
        await transfer(response, sink, barTerminal(options, io), settled);
      }
      if (failed) throw new StatusFailure(response);
    });
    await sink?.end();
    sink = undefined;
  } finally {
    await sink?.abandon();
  }
}

/** Reads the body of a response; waits for `settled` before each further block. */
type Take = (response: HTTPResponse, settled: () => Promise<void>) => Promise<void>;

/** Sends the request, prints what the options ask for, and lets `take` read the body. */
async function send(job: Job, recorder: Recorder | undefined, take: Take): Promise<void> {
  const { method, address, options, contexts, payload, io } = job;
  const sending = new Progress(barTerminal(options, io), 'sending');
  const narrator = new Narrator(io.stderr);
  const settled = (): Promise<void> => narrator.settled();
  const data = await openData(payload.source, io, (count) => {
    sending.advance(count);
    return settled();
  });
  sending.total = data.size;
  const onWire = wireObserver(options, io.stderr, narrator, recorder);
  try {
    await exchange(
      address,
      method,
      {
        ...contexts,
        settings: {
          ...settingsOf(options),
          ...(onWire === undefined ? {} : { onWire }),
          ...(recorder === undefined ? {} : { connector: recorder.timeline.connector }),
        },
        proxy: options.proxy,
        headers: headersOf(options, payload, data.size),
        body: data.body,
        encodeChunked: options.chunked ?? false,
        signal: io.signal,
        onSent: () => recorder?.timeline.onSent(),
      },
      async (response) => {
        sending.stop();
        await printHead(response, options, io);
        try {
          await take(response, settled);
        } finally {
          await reportViolations(response, options, io);
        }
      },
    );
    await settled();
  } finally {
    sending.stop();
    await data.close();
  }
}

function settingsOf(options: RequestOptions): HTTPConnectionOptions {
  const { timeout, lenient = false, tolerate = [], debug = false } = options;
  return {
    ...(timeout === undefined ? {} : { timeout }),
    strict: !lenient,
    tolerate,
    debugLevel: debug ? 1 : 0,
  };
}

async function transfer(
  response: HTTPResponse,
  sink: BodySink,
  terminal: WriteStream | undefined,
  settled: () => Promise<void>,
): Promise<void> {
  const progress = new Progress(terminal, 'receiving');
  progress.total = response.length;
  try {
    for await (const block of response) {
      await sink.write(block);
      progress.advance(block.length);
      await settled();
    }
  } finally {
    progress.stop();
  }
}

function standardSink({ stdout }: Io, { headers }: HTTPResponse): BodySink {
  return stdout.terminal === undefined ? rawSink(stdout) : terminalSink(stdout, headers.getContentCharset());
}

/** The terminal to show a progress bar on, if nothing else is written to it meanwhile. */
function barTerminal(options: RequestOptions, { stdout, stderr }: Io): WriteStream | undefined {
  const { output, verbose = false, wire = false, debug = false } = options;
  const quiet = stdout.terminal === undefined || (isFile(output) && !debug);
  const isDebugged = debug && output === '-';
  return quiet && !verbose && !wire && !isDebugged && !isDumb() ? stderr.terminal : undefined;
}

function isFile(output: string | undefined): output is string {
  return output !== undefined && output !== '-';
}
