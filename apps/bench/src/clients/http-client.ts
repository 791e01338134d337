import type * as client from '@http-client/client';

import { BLOCK, blocksOf, checkAnswer, countField, type Job, type Line, type Sized } from '../task.js';

/** This client: the built package, or another build of it. */
export async function httpClient(job: Job): Promise<Line> {
  const { task, port, settings } = job;
  const { module = '@http-client/client', options } = settings;
  const { HTTPConnection, HTTPSConnection } = (await import(module)) as typeof client;
  const connection = new (task.secure ? HTTPSConnection : HTTPConnection)('127.0.0.1', port, options);
  const inBlocks = settings.way === 'readInto' ? intoOne() : byIteration;
  return {
    async run(more) {
      const { method, take } = task;
      while (more()) {
        if (task.body !== undefined) await connection.request(method, '/', { body: bodyOf(task.body) });
        else if (task.sent !== undefined) await connection.request(method, '/', { headers: task.sent });
        else await connection.request(method, '/');
        const response = await connection.getResponse();
        let bytes: number;
        let { fields } = task;
        if (take === 'fields') {
          fields = 0;
          for (const [name, value] of response.headers) fields += countField(name, value);
        }
        if (take === 'blocks') bytes = await inBlocks(response);
        else if (take === 'json') bytes = (await response.json<Sized>()).length;
        else bytes = (await response.read()).length;
        checkAnswer(job, response.status, bytes, fields);
      }
    },
    close: () => {
      connection.close();
    },
  };
}

function bodyOf(body: string | number): string | AsyncIterable<Uint8Array> {
  return typeof body === 'string' ? body : blocksOf(body);
}

/** Reads every block into the same array. */
function intoOne(): (response: client.HTTPResponse) => Promise<number> {
  const target = new Uint8Array(BLOCK);
  return async (response) => {
    let bytes = 0;
    let count: number;
    do bytes += count = await response.readInto(target);
    while (count > 0);
    return bytes;
  };
}

async function byIteration(response: client.HTTPResponse): Promise<number> {
  let bytes = 0;
  for await (const block of response) bytes += block.length;
  return bytes;
}
