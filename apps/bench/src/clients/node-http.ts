import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';

import { blocksOf, checkAnswer, countField, line, type Job, type Line } from '../task.js';

export function nodeHTTP(job: Job): Line {
  const { task, port } = job;
  const { method, body, closes, secure } = task;
  const { Agent, request } = secure ? https : http;
  const agent = new Agent({ keepAlive: !closes, maxSockets: 1 });
  const options = { host: '127.0.0.1', port, method, agent };
  return line(
    () =>
      new Promise((resolve, reject) => {
        const sent = request(options, (response) => {
          const { statusCode = 0 } = response;
          let bytes = 0;
          response.on('data', (data: Buffer) => {
            bytes += data.length;
          });
          response.on('error', reject);
          response.on('end', () => {
            let fields = task.fields;
            if (task.take === 'fields') {
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
