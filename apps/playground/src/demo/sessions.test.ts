import { HTTPConnection, HTTPMessage } from '@http-client/client';
import { describe, expect, onTestFinished, test } from 'vitest';

import { startOrigin } from '../origin.js';
import { runSession, WrongAnswer, type Answer, type Session, type Stage, type Teller } from './session.js';
import { SESSIONS } from './sessions.js';

async function plainStage(): Promise<Stage> {
  const origin = await startOrigin();
  return {
    connect: (settings) => new HTTPConnection(origin.host, origin.port, settings),
    close: () => origin.close(),
  };
}

/** The origin's responses in a session. */
async function answersTo(session: Session): Promise<Answer[]> {
  const stage = (await session.stage?.()) ?? (await plainStage());
  const connection = stage.connect({ timeout: 10_000, debugLevel: 0 });
  onTestFinished(async () => {
    connection.close();
    await stage.close();
  });
  const answers: Answer[] = [];
  const tell: Teller = {
    asking: () => Promise.resolve(),
    found: () => Promise.resolve(),
    answered: (answer) => {
      answers.push(answer);
      return Promise.resolve();
    },
  };
  await runSession(session, connection, tell);
  return answers;
}

/** A body that no session may accept, of the same length as the correct one unless that is empty. */
const wrongBody = ({ body }: Answer): Uint8Array => new Uint8Array(Math.max(1, body.length)).fill(0x78);
const noConnection = (turn: number): Uint8Array =>
  Buffer.from(JSON.stringify({ connection: 1_000_000, turn }));

describe.each(SESSIONS)('$title', (session) => {
  test('passes with the responses of the origin', async () => {
    const answers = await answersTo(session);
    expect(answers).toHaveLength(session.steps.length);
    for (const [index, step] of session.steps.entries()) {
      expect(step.check(answers[index]!, answers.slice(0, index))).not.toBe('');
    }
  });

  test('fails at each response with another status or another reason', async () => {
    const answers = await answersTo(session);
    for (const [index, step] of session.steps.entries()) {
      const earlier = answers.slice(0, index);
      for (const wrong of [{ status: 500 }, { reason: 'Fine' }]) {
        expect(() => step.check({ ...answers[index]!, ...wrong }, earlier)).toThrow(WrongAnswer);
      }
    }
  });
});

/** The origin's response about TLS, with some members changed. */
const withoutTls =
  (told: object) =>
  ({ body }: Answer): Partial<Answer> => ({
    body: Buffer.from(JSON.stringify({ ...(JSON.parse(Buffer.from(body).toString()) as object), ...told })),
  });

/** The first words of a session's title, the step, how its response is wrong, and the error. */
test.each<[string, number, (answer: Answer) => Partial<Answer>, string]>([
  ['GET', 0, () => ({ body: new Uint8Array(3) }), 'the length of the body must be 1361, but is 3'],
  ['GET', 0, () => ({ headers: new HTTPMessage() }), 'the length of the body must be NaN, but is 1361'],
  ['GET', 1, (answer) => ({ body: wrongBody(answer) }), 'the body must be "<!doctype'],
  ['GET', 1, () => ({ blocks: [200, 1161] }), 'the number of blocks must be 7, but is 2'],
  [
    'GET',
    1,
    () => ({ blocks: [200, 200, 200, 200, 200, 100, 261] }),
    'a block before the last must be 200, but is 100',
  ],
  ['HEAD', 0, () => ({ body: new Uint8Array(1) }), 'the length of the body must be 0, but is 1'],
  ['POST', 0, (answer) => ({ body: wrongBody(answer) }), 'the body must be "Redirecting to <a href='],
  [
    'PUT',
    1,
    (answer) => ({ body: wrongBody(answer) }),
    'the body must be "***filecontents***", but is "xxxx',
  ],
  ['An upload', 0, (answer) => ({ body: wrongBody(answer) }), 'the body must be a JSON object, but is "xxxx'],
  ['An upload', 0, () => ({ body: Buffer.from('null') }), 'the body must be a JSON object, but is "null"'],
  ['An upload', 0, () => ({ body: Buffer.from('{}') }), 'the framing that the origin saw must be "chunked"'],
  [
    'The same request',
    0,
    () => ({ body: Buffer.from('{"framing":"chunked","bytes":34}') }),
    'must be "35", but is "34"',
  ],
  [
    'One connection',
    1,
    () => ({ body: noConnection(2) }),
    'the number of the connection must be "1", but is "1000000"',
  ],
  [
    'One connection',
    2,
    () => ({ body: Buffer.from('{"connection":1,"turn":9}') }),
    'must be "3", but is "9"',
  ],
  [
    'One connection',
    3,
    () => ({ body: Buffer.from('{"connection":1,"turn":4}') }),
    'the connection must be another one',
  ],
  [
    'Through the tunnel',
    0,
    () => ({ body: new Uint8Array(1) }),
    'the length of the body must be 0, but is 1',
  ],
  [
    'Through the tunnel',
    0,
    () => ({ proxyHeaders: undefined }),
    'Proxy-Agent in the response of the proxy must',
  ],
  ['Through the tunnel', 1, withoutTls({ servername: null }), 'the server name that the origin saw must be'],
  ['Through the tunnel', 1, withoutTls({ alpn: false }), 'must be "http/1.1", but is "false"'],
  [
    'Through the tunnel',
    1,
    withoutTls({ agent: 'http-client demo' }),
    'must be "null", but is "http-client demo"',
  ],
])('%s, step %i, with a wrong response', async (start, index, wrong, said) => {
  const session = SESSIONS.find(({ title }) => title.startsWith(start))!;
  const answers = await answersTo(session);
  const answer = answers[index]!;
  expect(() => session.steps[index]!.check({ ...answer, ...wrong(answer) }, answers.slice(0, index))).toThrow(
    said,
  );
});
