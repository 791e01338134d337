import type * as client from '@http-client/client';

import { BLOCK, blocksOf, checkAnswer, countField, line, type Job, type Line, type Sized } from '../task.js';

/** This client: the built package, or another build of it. */
export async function httpClient(job: Job): Promise<Line> {
  const { task, port, settings } = job;
  const { module = '@http-client/client', options } = settings;
  const { HTTPConnection, HTTPSConnection } = (await import(module)) as typeof client;
  const connection = new (task.secure ? HTTPSConnection : HTTPConnection)('127.0.0.1', port, options);
  const take = reading(job);
  return line(
    async () => {
      if (task.body !== undefined) await connection.request(task.method, '/', { body: bodyOf(task.body) });
      else if (task.sent !== undefined) await connection.request(task.method, '/', { headers: task.sent });
      else await connection.request(task.method, '/');
      await take(await connection.getResponse());
    },
    () => {
      connection.close();
    },
  );
}

function bodyOf(body: string | number): string | AsyncIterable<Uint8Array> {
  return typeof body === 'string' ? body : blocksOf(body);
}

function reading(job: Job): (response: client.HTTPResponse) => Promise<void> {
  const { task, settings } = job;
  if (task.take === 'whole') {
    return async (response) => {
      checkAnswer(job, response.status, (await response.read()).length);
    };
  }
  if (task.take === 'json') {
    return async (response) => {
      checkAnswer(job, response.status, (await response.json<Sized>()).length);
    };
  }
  if (task.take === 'fields') {
    return async (response) => {
      let fields = 0;
      for (const [name, value] of response.headers) fields += countField(name, value);
      checkAnswer(job, response.status, (await response.read()).length, fields);
    };
  }
  if (settings.way === 'readInto') {
    const target = new Uint8Array(BLOCK);
    return async (response) => {
      let bytes = 0;
      let count: number;
      do bytes += count = await response.readInto(target);
      while (count > 0);
      checkAnswer(job, response.status, bytes);
    };
  }
  return async (response) => {
    let bytes = 0;
    for await (const block of response) bytes += block.length;
    checkAnswer(job, response.status, bytes);
  };
}
