import { Client, type Dispatcher } from 'undici';

import {
  blocksOf,
  checkAnswer,
  countField,
  joined,
  line,
  type Job,
  type Line,
  type Sized,
  type Task,
} from '../task.js';

export function undiciRequest(job: Job): Line {
  const { task } = job;
  const client = clientOf(job);
  return {
    async run(more) {
      while (more()) {
        const { statusCode, headers, body } = await client.request(optionsOf(task));
        let bytes = 0;
        if (task.take === 'blocks')
          for await (const block of body as AsyncIterable<Buffer>) bytes += block.length;
        else if (task.take === 'json') bytes = ((await body.json()) as Sized).length;
        else bytes = (await body.arrayBuffer()).byteLength;
        checkAnswer(job, statusCode, bytes, task.take === 'fields' ? countFields(headers) : task.fields);
      }
    },
    close: () => client.close(),
  };
}

/** undici's lowest-level API: callbacks, without a stream. */
export function undiciDispatch(job: Job): Line {
  const { task } = job;
  const client = clientOf(job);
  return line(
    () =>
      new Promise((resolve, reject) => {
        const kept: Buffer[] = [];
        let bytes = 0;
        let fields = task.fields;
        let status = 0;
        client.dispatch(optionsOf(task), {
          onRequestStart: () => undefined,
          onResponseStart(_controller, statusCode, headers) {
            status = statusCode;
            if (task.take === 'fields') fields = countFields(headers);
          },
          onResponseData(_controller, chunk) {
            if (task.take === 'blocks') bytes += chunk.length;
            else kept.push(chunk);
          },
          onResponseEnd() {
            try {
              if (task.take !== 'blocks') bytes = joined(kept).length;
              checkAnswer(job, status, bytes, fields);
              resolve();
            } catch (error) {
              reject(error);
            }
          },
          onResponseError(_controller, error) {
            reject(error);
          },
        });
      }),
    () => client.close(),
  );
}

function clientOf({ task, port }: Job): Client {
  return new Client(`${task.secure ? 'https' : 'http'}://127.0.0.1:${port}`);
}

function optionsOf({ method, body, sent: headers }: Task): Dispatcher.RequestOptions {
  // undici accepts any async iterable; its types allow only streams.
  const sent = typeof body === 'number' ? (blocksOf(body) as unknown as Buffer) : (body ?? null);
  return { method, path: '/', headers: headers ?? null, body: sent };
}

function countFields(headers: Readonly<Record<string, string | string[] | undefined>>): number {
  let fields = 0;
  for (const name in headers) fields += countField(name, String(headers[name]));
  return fields;
}
