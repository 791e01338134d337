import { blocksOf, checkAnswer, countField, type Job, type Line, type Sized } from '../task.js';

export function nodeFetch(job: Job): Line {
  const { task, port } = job;
  const { method, body, sent: headers = {}, secure } = task;
  const url = `${secure ? 'https' : 'http'}://127.0.0.1:${port}/`;
  return {
    async run(more) {
      while (more()) {
        const response = await fetch(url, {
          method,
          headers,
          // Node accepts any async iterable; the types allow only web streams.
          body: typeof body === 'number' ? blocksOf(body) : (body ?? null),
          duplex: 'half',
        });
        let bytes = 0;
        if (task.take === 'blocks') {
          for await (const block of response.body as unknown as AsyncIterable<Uint8Array>)
            bytes += block.length;
        } else if (task.take === 'json') {
          bytes = ((await response.json()) as Sized).length;
        } else {
          bytes = (await response.arrayBuffer()).byteLength;
        }
        let fields = task.fields;
        if (task.take === 'fields') {
          fields = 0;
          for (const [name, value] of response.headers) fields += countField(name, value);
        }
        checkAnswer(job, response.status, bytes, fields);
      }
    },
    close: () => undefined,
  };
}
