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

/** The page, as it is built beside the command. */
const PAGE = fileURLToPath(new URL('web/', import.meta.url));

/** The same each time, so that a link to a composed request still leads here tomorrow. */
const PORT = 8011;

export interface ServeOptions {
  readonly port?: number;
}

export function serveCommand(program: Command, io: Io): void {
  program
    .command('serve')
    .description('serve a page on which one steps through an exchange, and sees it byte for byte')
    .option(
      '--port <number>',
      `the port of 127.0.0.1 to listen at; 0 is any free one (${PORT}, where free)`,
      parsePort,
    )
    .action((options: ServeOptions) => runServe(options, io));
}

/** Serves the page until the user stops it, which is how it ends. */
export async function runServe({ port }: ServeOptions, io: Io): Promise<void> {
  const assets = loadAssets(PAGE);
  const embedded = await startEmbedded();
  let server: PlayServer | undefined;
  try {
    server = await listen(port, assets, embedded);
    const colors = palette(io.stdout.terminal !== undefined);
    // The address has the key of the page in it: it goes to the one who started this, and nowhere else.
    await io.stdout.write(
      `The playground is at ${colors.bold(server.address)}\n` +
        `with ${embedded.targets.length} servers to aim at. ${colors.dim('Ctrl-C ends it.')}\n`,
    );
    if (!io.signal.aborted) await once(io.signal, 'abort');
  } finally {
    await server?.close();
    embedded.close();
  }
}

async function listen(
  port: number | undefined,
  assets: Parameters<typeof startServer>[1],
  embedded: EmbeddedServers,
): Promise<PlayServer> {
  try {
    return await startServer(port ?? PORT, assets, embedded);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error;
    if (port === undefined) return startServer(0, assets, embedded);
    const why = codeOf(error) === 'EACCES' ? 'it is not yours to use' : 'somebody listens there already';
    throw new Failure(`Cannot listen at port ${port}: ${why}; --port 0 takes a free one`, { cause: error });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new Failure(`Cannot use ${quote(text)} as a port: expected a number from 0 to 65535`);
}
