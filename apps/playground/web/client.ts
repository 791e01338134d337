import {
  ROUTES,
  TOKEN_FIELD,
  type Begun,
  type Call,
  type CallRecord,
  type CallRequest,
  type Hello,
  type JudgeRequest,
  type Settings,
  type Update,
  type Verdict,
} from '../src/serve/api.js';

/** A request that the server refused; the message is the server's. */
export class Refusal extends Error {}

/** The page's client for the API of the playground's server. */
export class Client {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  async hello(): Promise<Hello> {
    return (await (await this.#post(ROUTES.hello, {})).json()) as Hello;
  }

  async judge(request: JudgeRequest): Promise<readonly Verdict[]> {
    return (await (await this.#post(ROUTES.judge, request)).json()) as Verdict[];
  }

  /** Opens a session, and passes its updates to `told` as they arrive, several at a time. */
  async open(settings: Settings, told: (updates: readonly Update[]) => void): Promise<Session> {
    const stop = new AbortController();
    const response = await this.#post(ROUTES.sessions, settings, stop.signal);
    const post = async (request: CallRequest): Promise<Begun> =>
      (await (await this.#post(ROUTES.call, request)).json()) as Begun;
    return new Session(response, post, told, stop);
  }

  async #post(route: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    let response;
    try {
      response = await fetch(route, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', [TOKEN_FIELD]: this.#key },
        body: JSON.stringify(body),
        signal: signal ?? null,
      });
    } catch (error) {
      throw new Refusal('The playground does not respond: it may have been stopped in its terminal.', {
        cause: error,
      });
    }
    if (!response.ok) throw new Refusal((await response.text()).trim());
    return response;
  }
}

/** A connection that the server holds for this page. */
export class Session {
  readonly #post: (request: CallRequest) => Promise<Begun>;
  readonly #told: (updates: readonly Update[]) => void;
  readonly #stop: AbortController;
  readonly #opened: Promise<string>;
  #open: ((id: string) => void) | undefined;
  /** The callers that wait for the outcome of a call, by its number. */
  readonly #waiting = new Map<number, (record: CallRecord | undefined) => void>();
  readonly #records = new Map<number, CallRecord>();
  #over = false;

  constructor(
    response: Response,
    post: (request: CallRequest) => Promise<Begun>,
    told: (updates: readonly Update[]) => void,
    stop: AbortController,
  ) {
    this.#post = post;
    this.#told = told;
    this.#stop = stop;
    this.#opened = new Promise((resolve) => (this.#open = resolve));
    void this.#follow(response);
  }

  /** Makes a call. Resolves to its record once it has an outcome, or to undefined if the session ends before that. */
  async call(call: Call): Promise<CallRecord | undefined> {
    const { number } = await this.#post({ session: await this.#opened, call });
    return this.#records.get(number) ?? (this.#over ? undefined : this.#outcome(number));
  }

  /** Leaves the session, which makes the server close everything that it opened for it. */
  leave(): void {
    this.#over = true;
    this.#stop.abort();
  }

  #outcome(number: number): Promise<CallRecord | undefined> {
    return new Promise((resolve) => this.#waiting.set(number, resolve));
  }

  async #follow(response: Response): Promise<void> {
    try {
      for await (const updates of updatesOf(response)) {
        if (this.#over) break;
        this.#told(updates);
        for (const update of updates) this.#note(update);
      }
    } catch {
      if (!this.#over) this.#told([{ type: 'ended', why: 'the playground was stopped' }]);
    }
    this.#over = true;
    for (const resolve of this.#waiting.values()) resolve(undefined);
  }

  #note(update: Update): void {
    if (update.type === 'opened') this.#open?.(update.session);
    if (update.type !== 'call' || update.record.outcome === undefined) return;
    const { record } = update;
    this.#records.set(record.number, record);
    this.#waiting.get(record.number)?.(record);
    this.#waiting.delete(record.number);
  }
}

/** The updates of a stream, grouped as they arrive. */
async function* updatesOf(response: Response): AsyncGenerator<readonly Update[]> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const block = await reader?.read();
    if (block === undefined || block.done) return;
    const lines = (rest + block.value).split('\n');
    rest = lines.pop() ?? '';
    if (lines.length > 0) yield lines.map((line) => JSON.parse(line) as Update);
  }
}
