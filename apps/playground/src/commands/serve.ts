import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { quote } from '@http-client/client';
import type { Command } from 'commander';

import { codeOf, Failure } from '../failure.js';
import type { Io } from '../io.js';
import { palette } from '../print.js';
import { loadAssets } from '../serve/assets.js';
import { startServer, type PlayServer } from '../serve/server.js';
import { startEmbedded, type EmbeddedServers } from '../serve/targets/embedded.js';

/** The built page, next to the command. */
const PAGE = fileURLToPath(new URL('web/', import.meta.url));

/** The same port each time, so that links to composed requests stay valid. */
const PORT = 8011;

export interface ServeOptions {
  readonly port?: number;
}

export function serveCommand(program: Command, io: Io): void {
  program
    .command('serve')
    .description('serve a page to step through an exchange byte by byte')
    .option(
      '--port <number>',
      `the port of 127.0.0.1 to listen on, 0 for any free one (default: ${PORT}, or a free one if that is taken)`,
      parsePort,
    )
    .action((options: ServeOptions) => runServe(options, io));
}

/** Serves the page until the user stops it. */
async function runServe({ port }: ServeOptions, io: Io): Promise<void> {
  const assets = loadAssets(PAGE);
  const embedded = await startEmbedded();
  let server: PlayServer | undefined;
  try {
    server = await startOn(port, assets, embedded);
    const colors = palette(io.stdout.terminal !== undefined);
    // The address contains the page's key: it is shown only to the user who started this.
    await io.stdout.write(
      `The playground is at ${colors.bold(server.address)}\n` +
        `with ${embedded.targets.length} test servers. ${colors.dim('Ctrl-C ends it.')}\n`,
    );
    if (!io.signal.aborted) await once(io.signal, 'abort');
  } finally {
    await server?.close();
    await embedded.close();
  }
}

async function startOn(
  port: number | undefined,
  assets: Parameters<typeof startServer>[1],
  embedded: EmbeddedServers,
): Promise<PlayServer> {
  try {
    return await startServer(port ?? PORT, assets, embedded);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error;
    if (port === undefined) return startServer(0, assets, embedded);
    const why = codeOf(error) === 'EACCES' ? 'permission denied' : 'it is in use';
    throw new Failure(`Cannot listen on port ${port}: ${why}; --port 0 takes a free one`, { cause: error });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Failure(`Cannot use ${quote(text)} as a port: expected a number from 0 to 65535`);
}
