import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { Readable } from 'node:stream';

import axios from 'axios';

import { blocksOf, checkAnswer, countField, line, type Job, type Line } from '../task.js';

export function axiosClient(job: Job): Line {
  const { task, port } = job;
  const { method, body, secure, closes, take } = task;
  const settings = { keepAlive: !closes, maxSockets: 1 };
  const httpAgent = new Agent(settings);
  const httpsAgent = new SecureAgent(settings);
  const url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}/`;
  const client = axios.create({
    httpAgent,
    httpsAgent,
    decompress: false,
    maxRedirects: 0,
    maxBodyLength: Infinity,
    responseType: take === 'blocks' ? 'stream' : 'arraybuffer',
  });
  return line(
    async () => {
      const data = typeof body === 'number' ? Readable.from(blocksOf(body), { objectMode: false }) : body;
      const response = await client.request<Readable | Buffer>({ url, method, data });
      let bytes = 0;
      if (response.data instanceof Readable) {
        for await (const block of response.data as AsyncIterable<Buffer>) bytes += block.length;
      } else {
        bytes = response.data.length;
      }
      let fields = task.fields;
      if (take === 'fields') {
        fields = 0;
        for (const [name, value] of Object.entries(response.headers))
          fields += countField(name, String(value));
      }
      checkAnswer(job, response.status, bytes, fields);
    },
    () => {
      httpAgent.destroy();
      httpsAgent.destroy();
    },
  );
}
