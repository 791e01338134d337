import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';

import { blocksOf, checkAnswer, countField, joined, line, type Job, type Line, type Sized } from '../task.js';

export function nodeHTTP(job: Job): Line {
  const { task, port } = job;
  const { method, body, sent: headers, closes, secure, take } = task;
  const { Agent, request } = secure ? https : http;
  const agent = new Agent({ keepAlive: !closes, maxSockets: 1 });
  const options = { host: '127.0.0.1', port, method, agent, ...(headers === undefined ? {} : { headers }) };
  return line(
    () =>
      new Promise((resolve, reject) => {
        const sent = request(options, (response) => {
          const { statusCode = 0 } = response;
          const kept: Buffer[] = [];
          let bytes = 0;
          let text = '';
          if (take === 'json') response.setEncoding('utf8');
          response.on('data', (data: Buffer | string) => {
            if (typeof data === 'string') text += data;
            else if (take === 'blocks') bytes += data.length;
            else kept.push(data);
          });
          response.on('error', reject);
          response.on('end', () => {
            let fields = task.fields;
            if (take === 'json') bytes = (JSON.parse(text) as Sized).length;
            else if (take !== 'blocks') bytes = joined(kept).length;
            if (take === 'fields') {
              fields = 0;
              for (const [name, value] of Object.entries(response.headers)) {
                fields += countField(name, String(value));
              }
            }
            try {
              checkAnswer(job, statusCode, bytes, fields);
              resolve();
            } catch (error) {
              reject(error);
            }
          });
        });
        sent.on('error', reject);
        if (typeof body === 'number') Readable.from(blocksOf(body), { objectMode: false }).pipe(sent);
        else sent.end(body);
      }),
    () => {
      agent.destroy();
    },
  );
}
