import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';

import got from 'got';

import { blocksOf, checkAnswer, countField, line, type Job, type Line } from '../task.js';

export function gotClient(job: Job): Line {
  const { task, port } = job;
  const { method, body, secure, closes } = task;
  const settings = { keepAlive: !closes, maxSockets: 1 };
  const agent = secure ? { https: new SecureAgent(settings) } : { http: new Agent(settings) };
  const url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}/`;
  const client = got.extend({ agent, retry: { limit: 0 }, decompress: false, method });
  const bodyOf = (): object =>
    body === undefined ? {} : { body: typeof body === 'number' ? blocksOf(body) : body };
  const close = (): void => {
    agent.http?.destroy();
    agent.https?.destroy();
  };
  if (task.take === 'blocks') {
    return line(async () => {
      const stream = client.stream(url);
      let bytes = 0;
      for await (const block of stream as AsyncIterable<Buffer>) bytes += block.length;
      checkAnswer(job, stream.response?.statusCode ?? 0, bytes);
    }, close);
  }
  return line(async () => {
    const response = await client(url, { responseType: 'buffer', ...bodyOf() });
    let fields = task.fields;
    if (task.take === 'fields') {
      fields = 0;
      for (const [name, value] of Object.entries(response.headers)) fields += countField(name, String(value));
    }
    checkAnswer(job, response.statusCode, response.body.length, fields);
  }, close);
}
