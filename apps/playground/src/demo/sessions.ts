import {
  decodeLatin1,
  encodeChunk,
  encodeLastChunk,
  FOUND,
  NOT_FOUND,
  OK,
  responses,
  type HTTPConnection,
  type HTTPResponse,
} from '@http-client/client';

import { bytes } from '../print.js';
import {
  demand,
  demandStatus,
  exchange,
  objectIn,
  readInBlocks,
  valueText,
  WrongAnswer,
  type Answer,
  type Session,
  type Step,
} from './session.js';
import { TUNNEL_SESSION } from './tunnel.js';

const BLOCK = 200;
const BODY = '***filecontents***';
const FORM = { '@number': '12524', '@type': 'issue', '@action': 'show' };
const REDIRECTION =
  'Redirecting to <a href="https://bugs.python.org/issue12524">https://bugs.python.org/issue12524</a>';
const PARTS = ['first part, ', 'second part, ', 'third part'];
const PARTS_LENGTH = PARTS.join('').length;

/** The examples of the reference documentation, and sessions on chunks, persistent connections and tunnels. */
export const SESSIONS: readonly Session[] = [
  {
    title: `GET, read whole, and again in blocks of ${BLOCK} bytes until the end`,
    steps: [
      {
        asks: 'GET /',
        ask: (connection) => exchange(connection, 'GET', '/'),
        check: (answer) => {
          demandStatus(answer, OK, responses[OK]);
          demand('the length of the body', answer.body.length, Number(answer.headers.get('content-length')));
          return `read() gave all ${bytes(answer.body.length)}`;
        },
      },
      {
        asks: 'GET /',
        ask: (connection) => exchange(connection, 'GET', '/'),
        read: (response) => readInBlocks(response, BLOCK),
        check: (answer, [whole]) => {
          demandStatus(answer, OK, responses[OK]);
          demand('the body', decodeLatin1(answer.body), decodeLatin1(whole!.body));
          const { blocks } = answer;
          demand('the number of blocks', blocks.length, Math.ceil(answer.body.length / BLOCK));
          for (const size of blocks.slice(0, -1)) demand('the size of a block before the last', size, BLOCK);
          return `read(${BLOCK}) gave ${blocks.length} blocks: ${summary(blocks)}`;
        },
      },
    ],
  },
  {
    title: 'A page that does not exist',
    steps: [
      {
        asks: 'GET /parrot.spam',
        ask: (connection) => exchange(connection, 'GET', '/parrot.spam'),
        check: (answer) => {
          demandStatus(answer, NOT_FOUND, responses[NOT_FOUND]);
          return 'a response like any other: nothing is thrown';
        },
      },
    ],
  },
  {
    title: 'HEAD: the head of the response to GET, and never a body',
    steps: [
      {
        asks: 'HEAD /',
        ask: (connection) => exchange(connection, 'HEAD', '/'),
        check: (answer) => {
          demandStatus(answer, OK, responses[OK]);
          demand('the length of the body', answer.body.length, 0);
          return `read() gave ${bytes(0)}, though Content-Length says ${answer.headers.get('content-length', 'nothing')}`;
        },
      },
    ],
  },
  {
    title: 'POST of a form, answered with a redirect that is not followed',
    steps: [
      {
        asks: 'POST /',
        sends: String(new URLSearchParams(FORM)),
        ask: (connection) =>
          exchange(connection, 'POST', '', {
            body: new URLSearchParams(FORM),
            headers: { 'Content-type': 'application/x-www-form-urlencoded', Accept: 'text/plain' },
          }),
        check: (answer) => {
          demandStatus(answer, FOUND, responses[FOUND]);
          demand('the body', decodeLatin1(answer.body), REDIRECTION);
          return `Location is ${answer.headers.get('location', 'absent')}`;
        },
      },
    ],
  },
  {
    title: 'PUT of a body, and GET of what was put',
    steps: [
      {
        asks: 'PUT /file',
        sends: BODY,
        ask: (connection) => exchange(connection, 'PUT', '/file', { body: BODY }),
        check: (answer) => {
          demandStatus(answer, OK, responses[OK]);
          return 'the body was sent with its Content-Length';
        },
      },
      {
        asks: 'GET /file',
        ask: (connection) => exchange(connection, 'GET', '/file'),
        check: (answer) => {
          demandStatus(answer, OK, responses[OK]);
          demand('the body', decodeLatin1(answer.body), BODY);
          return 'the same bytes came back';
        },
      },
    ],
  },
  {
    title: 'An upload from an iterable, sent in chunks',
    steps: [
      {
        asks: 'POST /upload',
        sends: PARTS.join(' | '),
        ask: (connection) => exchange(connection, 'POST', '/upload', { body: parts() }),
        check: checkUpload,
      },
    ],
  },
  {
    title: 'The same request step by step: putRequest, putHeader, endHeaders, send',
    steps: [{ asks: 'POST /upload', sends: PARTS.join(' | '), ask: uploadByHand, check: checkUpload }],
  },
  {
    title: 'One connection for several requests, until one asks for it to be closed',
    steps: [
      onConnection('the first connection of this session', () => undefined),
      onConnection('the same connection', demandSameConnection),
      onConnection('the same connection, which ends with this response', demandSameConnection, {
        Connection: 'close',
      }),
      onConnection('another connection, opened automatically', (answer, earlier) => {
        if (connectionOf(answer).connection === connectionOf(earlier).connection) {
          throw new WrongAnswer('the connection must be another one, but is the one that was to be closed');
        }
      }),
    ],
  },
  TUNNEL_SESSION,
];

function* parts(): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const part of PARTS) yield encoder.encode(part);
}

async function uploadByHand(connection: HTTPConnection): Promise<HTTPResponse> {
  connection.putRequest('POST', '/upload');
  connection.putHeader('Transfer-Encoding', 'chunked');
  await connection.endHeaders();
  for (const part of parts()) await connection.send(encodeChunk(part));
  await connection.send(encodeLastChunk());
  return connection.getResponse();
}

function checkUpload(answer: Answer): string {
  demandStatus(answer, OK, responses[OK]);
  const { framing, bytes: count } = objectIn(answer);
  demand('the framing that the origin saw', valueText(framing), 'chunked');
  demand('the number of bytes that the origin saw', valueText(count), String(PARTS_LENGTH));
  return `the origin saw ${bytes(PARTS_LENGTH)}, chunked`;
}

/** A request whose response is the number of the connection that it came on. */
function onConnection(
  finding: string,
  demands: (answer: Answer, before: Answer) => void,
  headers: Record<string, string> = {},
): Step {
  const [field] = Object.entries(headers);
  return {
    asks: 'GET /connection',
    ...(field === undefined ? {} : { sends: field.join(': ') }),
    ask: (connection) => exchange(connection, 'GET', '/connection', { headers }),
    check: (answer, earlier) => {
      demandStatus(answer, OK, responses[OK]);
      const { connection, turn } = connectionOf(answer);
      const before = earlier.at(-1);
      if (before !== undefined) demands(answer, before);
      return `${finding}: request ${turn} on connection ${connection} of the origin`;
    },
  };
}

function demandSameConnection(answer: Answer, before: Answer): void {
  const now = connectionOf(answer);
  const then = connectionOf(before);
  demand('the number of the connection', now.connection, then.connection);
  demand('the place of the request on its connection', now.turn, String(Number(then.turn) + 1));
}

function connectionOf(answer: Answer): { connection: string; turn: string } {
  const { connection, turn } = objectIn(answer);
  return { connection: valueText(connection), turn: valueText(turn) };
}

/** `9 × 200, 131`. */
function summary(blocks: readonly number[]): string {
  const full = blocks.filter((size) => size === BLOCK).length;
  const rest = blocks.filter((size) => size !== BLOCK);
  return [...(full > 0 ? [`${full} × ${BLOCK}`] : []), ...rest].join(', ');
}
