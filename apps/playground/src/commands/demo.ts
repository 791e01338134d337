import { HTTPConnection } from '@http-client/client';
import type { Command } from 'commander';

import { runSession, type Session, type Stage, type Teller } from '../demo/session.js';
import { SESSIONS } from '../demo/sessions.js';
import { exchangeFailure, Failure, failureLine } from '../failure.js';
import { OutputClosed, type Io } from '../io.js';
import type { Listening } from '../listen.js';
import { startOrigin } from '../origin.js';
import { excerpt, fieldLines, oneLine, palette, statusLine, type Palette } from '../print.js';

/** An origin on the same machine responds at once: anything that takes longer has failed. */
const TIMEOUT = 10_000;

export interface DemoOptions {
  readonly debug?: boolean;
}

export function demoCommand(program: Command, io: Io): void {
  program
    .command('demo')
    .description(
      'run the sessions of the reference documentation against its own server, and check every response',
    )
    .option('--debug', 'print what is sent and received, as debugLevel does')
    .action(async (options: DemoOptions) => {
      const origin = await startOrigin();
      try {
        await runDemo(origin, io, options);
      } finally {
        await origin.close();
      }
    });
}

/**
 * Runs the sessions against an origin and prints them.
 *
 * @throws Failure, which names the session, at the first response that is wrong or missing.
 */
export async function runDemo(
  origin: Pick<Listening, 'host' | 'port'>,
  io: Io,
  options: DemoOptions = {},
  sessions: readonly Session[] = SESSIONS,
): Promise<void> {
  const colors = palette(io.stdout.terminal !== undefined);
  await io.stdout.write(
    `${colors.bold('http-client demo')}, against a server of Node's own at ${origin.host}:${origin.port}\n`,
  );
  for (const [index, session] of sessions.entries()) {
    io.signal.throwIfAborted();
    await io.stdout.write(`\n${colors.bold(`${index + 1}. ${session.title}`)}\n`);
    const stage = (await session.stage?.()) ?? plainStage(origin);
    try {
      await runOn(stage, session, io, options);
    } catch (error) {
      io.signal.throwIfAborted();
      if (error instanceof OutputClosed) throw error;
      const reason = failureLine(error);
      await io.stdout.write(`  ${colors.red('✗')} ${reason}\n`);
      throw new Failure(`Demo failed in session ${index + 1} (${session.title}): ${reason}`, {
        cause: error,
      });
    } finally {
      await stage.close();
    }
  }
  await io.stdout.write(`\n${colors.green('✓')} ${sessions.length} sessions, all responses correct\n`);
}

/** The demo's own origin, which stays open after a session. */
function plainStage({ host, port }: Pick<Listening, 'host' | 'port'>): Stage {
  return {
    connect: (settings) => new HTTPConnection(host, port, settings),
    close: () => Promise.resolve(),
  };
}

async function runOn(stage: Stage, session: Session, io: Io, { debug }: DemoOptions): Promise<void> {
  const colors = palette(io.stdout.terminal !== undefined);
  const connection = stage.connect({ timeout: TIMEOUT, debugLevel: debug === true ? 1 : 0 });
  const stop = (): void => {
    connection.close();
  };
  io.signal.addEventListener('abort', stop);
  try {
    if (stage.tells !== undefined) await io.stdout.write(`  ${colors.dim(stage.tells)}\n`);
    await runSession(session, connection, teller(io, colors));
  } catch (error) {
    const { host, port } = connection;
    throw exchangeFailure(error, `${host}:${port}`, host);
  } finally {
    io.signal.removeEventListener('abort', stop);
    connection.close();
  }
}

function teller(io: Io, colors: Palette): Teller {
  const print = (mark: string, lines: readonly string[]): Promise<void> =>
    io.stdout.write(lines.map((line) => `  ${mark} ${line}`.trimEnd() + '\n').join(''));
  return {
    asking: ({ asks, sends }) =>
      print(colors.dim('>'), [colors.bold(asks), ...(sends === undefined ? [] : [oneLine(sends)])]),
    answered: async ({ version, status, reason, headers, body }) => {
      const color = status < 400 ? colors.green : colors.yellow;
      await print(colors.dim('<'), [
        color(statusLine(version, status, reason)),
        ...fieldLines(headers, colors),
      ]);
      if (body.length > 0) await print(colors.dim('|'), excerpt(body, { lines: 4, width: 120 }));
    },
    found: (finding) => print(colors.green('✓'), [oneLine(finding)]),
  };
}
